//! Formats FHIR dates and times: `05-Mar-2026`, `Mar-2026`, `2026`, `05-Mar-2026 14:05`. A partial date must stay partial, and text
//! that is not a date must stay unchanged.

use jiff::{
    Timestamp,
    civil::{Date, DateTime, Time},
    tz::TimeZone,
};

const DATE_TIME_FORMAT: &str = "%d-%b-%Y %H:%M";

/// Formats a `date`, `dateTime` or `instant` in London time.
pub fn format_date(text: &str) -> String {
    if let Ok(at) = text.parse::<Timestamp>() {
        let local = at.in_tz("Europe/London").unwrap_or_else(|_| at.to_zoned(TimeZone::UTC));
        return local.strftime(DATE_TIME_FORMAT).to_string();
    }
    match text.len() {
        7 => format!("{text}-01").parse::<Date>().map(|month| month.strftime("%b-%Y").to_string()),
        10 => text.parse::<Date>().map(|day| day.strftime("%d-%b-%Y").to_string()),
        4 => Ok(text.to_owned()),
        _ => text.parse::<DateTime>().map(|at| at.strftime(DATE_TIME_FORMAT).to_string()),
    }
    .unwrap_or_else(|_| text.to_owned())
}

/// Formats a `time`: `23:40`, with seconds unless they are zero.
pub fn format_time(text: &str) -> String {
    let Ok(time) = text.parse::<Time>() else { return text.to_owned() };
    let form = if time.second() == 0 { "%H:%M" } else { "%H:%M:%S" };
    time.strftime(form).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_as_precise_as_it_was_sent() {
        for (sent, formatted) in [
            ("2026", "2026"),
            ("2026-03", "Mar-2026"),
            ("2026-03-05", "05-Mar-2026"),
            ("2026-07-05T13:05:00Z", "05-Jul-2026 14:05"),
            ("2026-01-05T13:05:00+00:00", "05-Jan-2026 13:05"),
            ("about ten years ago", "about ten years ago"),
        ] {
            assert_eq!(format_date(sent), formatted);
        }
        assert_eq!(format_time("23:40:00"), "23:40");
        assert_eq!(format_time("23:40:07"), "23:40:07");
        assert_eq!(format_time("late"), "late");
    }
}
