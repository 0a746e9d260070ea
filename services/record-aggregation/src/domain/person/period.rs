//! Whether a FHIR `period` holds at a given time. A bound that cannot be read does not bound.

use jiff::{
    Timestamp, ToSpan,
    civil::{Date, DateTime},
    tz::TimeZone,
};
use lcr_fhir::read;
use serde_json::Value;

/// Whether `value.period` holds at `now`; a value without one always does.
pub fn in_force(value: &Value, now: Timestamp) -> bool {
    let begun = start(value).is_none_or(|start| start <= now);
    let over = read::str_at(value, "period.end").and_then(moment_after).is_some_and(|end| end <= now);
    begun && !over
}

/// When `value.period` begins.
pub fn start(value: &Value) -> Option<Timestamp> {
    read::str_at(value, "period.start").and_then(first_moment)
}

/// The first moment of a FHIR `dateTime`: a year, a month, a day or a time.
fn first_moment(text: &str) -> Option<Timestamp> {
    if let Ok(moment) = text.parse() {
        return Some(moment);
    }
    first_day(text)
        .and_then(|(day, _)| in_leeds(day.to_datetime(jiff::civil::Time::midnight())))
        .or_else(|| in_leeds(text.parse().ok()?))
}

/// The first moment after a FHIR `dateTime`: an end includes its whole year, month or day.
fn moment_after(text: &str) -> Option<Timestamp> {
    match first_day(text) {
        Some((day, span)) => in_leeds(day.checked_add(span).ok()?.to_datetime(jiff::civil::Time::midnight())),
        None => first_moment(text),
    }
}

/// The first day of a partial or whole date, and how long the date lasts.
fn first_day(text: &str) -> Option<(Date, jiff::Span)> {
    match text.len() {
        4 => Some((format!("{text}-01-01").parse().ok()?, 1.year())),
        7 => Some((format!("{text}-01").parse().ok()?, 1.month())),
        10 => Some((text.parse().ok()?, 1.day())),
        _ => None,
    }
}

fn in_leeds(civil: DateTime) -> Option<Timestamp> {
    let zone = TimeZone::get("Europe/London").unwrap_or(TimeZone::UTC);
    zone.to_timestamp(civil).ok()
}
