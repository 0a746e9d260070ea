//! Dates, ages, numbers and lists in words (`standards.md` 9.1 and 9.2). A partial date stays partial, and
//! what cannot be read as a date is shown as it was sent, never guessed.

use jiff::{SignedDuration, Timestamp, Unit, Zoned, civil::Date, tz::TimeZone};
use lcr_contracts::{Moment, Precision};
use lcr_model::NhsNumber;

/// British civil time. Falls back to UTC only where the time zone data is missing altogether.
pub fn in_london(at: Timestamp) -> Zoned {
    at.in_tz("Europe/London").unwrap_or_else(|_| at.to_zoned(TimeZone::UTC))
}

/// `05-Mar-2026`.
pub fn day(date: Date) -> String {
    date.strftime("%d-%b-%Y").to_string()
}

/// `14:05`.
pub fn clock(at: Timestamp) -> String {
    in_london(at).strftime("%H:%M").to_string()
}

/// `14:05:02`.
pub fn clock_seconds(at: Timestamp) -> String {
    in_london(at).strftime("%H:%M:%S").to_string()
}

/// `05-Mar-2026 14:05`.
pub fn moment(at: Timestamp) -> String {
    in_london(at).strftime("%d-%b-%Y %H:%M").to_string()
}

/// A time as precisely as it was told: a day stays a day, an hour an hour.
pub fn told(at: Moment) -> String {
    match at.precision {
        Precision::Day => day(at.date()),
        Precision::Hour => {
            let next = at.at.checked_add(SignedDuration::from_hours(1)).unwrap_or(at.at);
            format!("{} between {} and {}", day(at.date()), clock(at.at), clock(next))
        }
        Precision::Minute | Precision::Second => moment(at.at),
    }
}

/// `14:05` today, else with the day.
pub fn moment_near(at: Timestamp, now: Timestamp) -> String {
    if in_london(at).date() == in_london(now).date() { clock(at) } else { moment(at) }
}

/// For patients: `5 March 2026 at 2:05pm`.
pub fn patient_moment(at: Timestamp) -> String {
    in_london(at).strftime("%-d %B %Y at %-I:%M%P").to_string()
}

/// For patients: `2:05pm`.
pub fn patient_time(at: Timestamp) -> String {
    in_london(at).strftime("%-I:%M%P").to_string()
}

/// For patients: `5 March 2026`.
pub fn patient_day(date: Date) -> String {
    date.strftime("%-d %B %Y").to_string()
}

/// A date as a source sent it: `2026`, `Mar-2026`, `05-Mar-2026` or `05-Mar-2026 14:05`.
pub fn sent(text: &str) -> String {
    if let Ok(at) = text.parse::<Timestamp>() {
        return moment(at);
    }
    if text.len() > 10
        && let Ok(at) = text.parse::<jiff::civil::DateTime>()
    {
        return at.strftime("%d-%b-%Y %H:%M").to_string();
    }
    match (text.len(), text.parse::<Date>(), format!("{text}-01").parse::<Date>()) {
        (10, Ok(date), _) => day(date),
        (7, _, Ok(month)) => month.strftime("%b-%Y").to_string(),
        _ => text.to_owned(),
    }
}

/// The day alone of a date as sent.
pub fn sent_day(text: &str) -> String {
    let words = sent(text);
    words.split_once(' ').map_or(words.clone(), |(day, _)| day.to_owned())
}

/// What dates as sent are ordered by: civil time in Leeds, whatever the offset it came with.
pub fn sort_key(text: &str) -> String {
    text.parse::<Timestamp>().map_or_else(|_| text.to_owned(), |at| in_london(at).datetime().to_string())
}

/// The first and last day a date as sent may mean.
pub fn span(text: &str) -> Option<(Date, Date)> {
    let key = sort_key(text);
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

/// Age by the units of `standards.md` 9.1: weeks and days for babies, months for toddlers, then years.
pub fn age(born: Date, on: Date) -> Option<String> {
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

/// `943 476 5919`, or words.
pub fn nhs_number(number: Option<&NhsNumber>) -> String {
    number.map_or_else(|| "Not known".to_owned(), NhsNumber::spaced)
}

/// Sex written out, never a letter.
pub fn sex(text: &str) -> &'static str {
    match text {
        "female" => "Female",
        "male" => "Male",
        "other" => "Other",
        _ => "Not known",
    }
}

/// `1 source`, `2 sources`.
pub fn count(number: usize, one: &str, more: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { more })
}

/// `a`, `a and b`, `a, b and c`.
pub fn list(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [all @ .., last] => format!("{} and {last}", all.join(", ")),
    }
}

/// The text with its first letter as a capital.
pub fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// A text safe within a query of ours.
pub fn in_query(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let mut out = String::new();
    for byte in text.bytes() {
        if plain(byte) { out.push(byte.into()) } else { out += &format!("%{byte:02X}") }
    }
    out
}

#[cfg(test)]
#[path = "words_tests.rs"]
mod tests;
