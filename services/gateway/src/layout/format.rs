//! Formats dates, ages, numbers and lists for pages, by the NHS Common User Interface guidance. A partial date stays
//! partial, and a text that is no date is shown as sent.

use jiff::{SignedDuration, Timestamp, Unit, Zoned, civil::Date};
use lcr_contracts::{Moment, Precision};
use lcr_model::{NhsNumber, london};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// British civil time, or UTC if the time zone data is missing.
pub fn in_london(at: Timestamp) -> Zoned {
    london::local(at)
}

/// `05-Mar-2026`.
pub fn format_day(date: Date) -> String {
    date.strftime("%d-%b-%Y").to_string()
}

/// `14:05`.
pub fn format_time(at: Timestamp) -> String {
    in_london(at).strftime("%H:%M").to_string()
}

/// `14:05:02`.
pub fn format_time_with_seconds(at: Timestamp) -> String {
    in_london(at).strftime("%H:%M:%S").to_string()
}

/// `05-Mar-2026 14:05`.
pub fn format_moment(at: Timestamp) -> String {
    in_london(at).strftime("%d-%b-%Y %H:%M").to_string()
}

/// A time no more precise than it was sent: a day stays a day, an hour an hour.
pub fn format_to_precision(at: Moment) -> String {
    match at.precision {
        Precision::Day => format_day(at.date()),
        Precision::Hour => {
            let next = at.at.checked_add(SignedDuration::from_hours(1)).unwrap_or(at.at);
            format!("{} between {} and {}", format_day(at.date()), format_time(at.at), format_time(next))
        }
        Precision::Minute | Precision::Second => format_moment(at.at),
    }
}

/// `14:05` if it is today, else with the day.
pub fn format_moment_near(at: Timestamp, now: Timestamp) -> String {
    if in_london(at).date() == in_london(now).date() { format_time(at) } else { format_moment(at) }
}

/// For patients: `5 March 2026 at 2:05pm`.
pub fn format_moment_for_patient(at: Timestamp) -> String {
    in_london(at).strftime("%-d %B %Y at %-I:%M%P").to_string()
}

/// For patients: `2:05pm`.
pub fn format_time_for_patient(at: Timestamp) -> String {
    in_london(at).strftime("%-I:%M%P").to_string()
}

/// For patients: `5 March 2026`.
pub fn format_day_for_patient(date: Date) -> String {
    date.strftime("%-d %B %Y").to_string()
}

/// A date as a source sent it: `2026`, `Mar-2026`, `05-Mar-2026` or `05-Mar-2026 14:05`.
pub fn format_sent_date(text: &str) -> String {
    if let Ok(at) = text.parse::<Timestamp>() {
        return format_moment(at);
    }
    if text.len() > 10
        && let Ok(at) = text.parse::<jiff::civil::DateTime>()
    {
        return at.strftime("%d-%b-%Y %H:%M").to_string();
    }
    match (text.len(), text.parse::<Date>(), format!("{text}-01").parse::<Date>()) {
        (10, Ok(date), _) => format_day(date),
        (7, _, Ok(month)) => month.strftime("%b-%Y").to_string(),
        _ => text.to_owned(),
    }
}

/// The day of a date as sent.
pub fn format_sent_day(text: &str) -> String {
    let words = format_sent_date(text);
    words.split_once(' ').map_or(words.clone(), |(day, _)| day.to_owned())
}

/// The sort key of a date as sent: civil time in London, for any offset.
pub fn date_sort_key(text: &str) -> String {
    text.parse::<Timestamp>().map_or_else(|_| text.to_owned(), |at| in_london(at).datetime().to_string())
}

/// The first and last day that a date as sent can mean.
pub fn date_range(text: &str) -> Option<(Date, Date)> {
    let key = date_sort_key(text);
    if let Some(day) = key.get(..10).and_then(|text| text.parse::<Date>().ok()) {
        return Some((day, day));
    }
    let first: Date = match key.len() {
        4 => format!("{key}-01-01").parse().ok()?,
        7 => format!("{key}-01").parse().ok()?,
        _ => return None,
    };
    Some((first, if key.len() == 4 { first.last_of_year() } else { first.last_of_month() }))
}

/// The age in the banner's units: weeks and days for babies, months for toddlers, then years.
pub fn format_age(born: Date, on: Date) -> Option<String> {
    let since = |unit| born.until((unit, on)).ok();
    let years = since(Unit::Year)?;
    let days = since(Unit::Day)?.get_days();
    Some(match (years.get_years(), years.get_months()) {
        _ if days < 0 => return None,
        (0, _) if days < 28 => format!("{days}d"),
        (0, _) => format!("{}w {}d", days / 7, days % 7),
        (1, months) => format!("{}m {}d", 12 + months, years.get_days()),
        (years, months) if years < 18 => format!("{years}y {months}m"),
        (years, _) => format!("{years}y"),
    })
}

/// `943 476 5919`, or "Not known".
pub fn format_nhs_number(number: Option<&NhsNumber>) -> String {
    number.map_or_else(|| "Not known".to_owned(), NhsNumber::spaced)
}

/// Sex written out, never a letter.
pub fn format_sex(text: &str) -> &'static str {
    match text {
        "female" => "Female",
        "male" => "Male",
        "other" => "Other",
        _ => "Not known",
    }
}

/// `1 source`, `2 sources`.
pub fn format_count(number: usize, singular: &str, plural: &str) -> String {
    format!("{number} {}", if number == 1 { singular } else { plural })
}

/// "40 minutes ago".
pub fn format_ago(at: Timestamp, now: Timestamp) -> String {
    let minutes = now.duration_since(at).as_mins().max(0);
    match minutes {
        0 => "just now".to_owned(),
        1..60 => format!("{} ago", count_units(minutes, "minute", "minutes")),
        60..1440 => format!("{} ago", count_units(minutes / 60, "hour", "hours")),
        _ => format!("{} ago", count_units(minutes / 1440, "day", "days")),
    }
}

fn count_units(number: i64, singular: &str, plural: &str) -> String {
    format_count(usize::try_from(number).unwrap_or(0), singular, plural)
}

/// `a`, `a and b`, `a, b and c`.
pub fn join_with_and(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [all @ .., last] => format!("{} and {last}", all.join(", ")),
    }
}

/// The text with its first letter as a capital.
pub fn capitalise(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// All but letters, digits and `-_.`.
const QUERY_VALUE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.');

/// Percent-encodes a value of a query.
pub fn encode_query_value(text: &str) -> String {
    utf8_percent_encode(text, QUERY_VALUE).to_string()
}

#[cfg(test)]
#[path = "format_tests.rs"]
mod tests;
