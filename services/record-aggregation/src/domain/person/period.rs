//! Decides whether a FHIR `period` includes a given time. An unreadable start or end never excludes anything.

use jiff::{
    Timestamp, ToSpan,
    civil::{Date, DateTime},
};
use lcr_fhir::read;
use lcr_model::london;
use serde_json::Value;

/// Whether `value.period` includes `now`. A value without a period is current.
pub fn is_current(value: &Value, now: Timestamp) -> bool {
    let started = start(value).is_none_or(|start| start <= now);
    let ended = end(value).is_some_and(|end| end <= now);
    started && !ended
}

/// The start of `value.period`.
pub fn start(value: &Value) -> Option<Timestamp> {
    read::str_at(value, "period.start").and_then(parse_start)
}

/// The first moment after `value.period`.
fn end(value: &Value) -> Option<Timestamp> {
    read::str_at(value, "period.end").and_then(parse_end)
}

/// Every time at which a period anywhere in `value` begins or ends: `is_current` changes at no other.
pub fn period_boundaries(value: &Value) -> Vec<Timestamp> {
    let within: Vec<Timestamp> = match value {
        Value::Array(all) => all.iter().flat_map(period_boundaries).collect(),
        Value::Object(fields) => fields.values().flat_map(period_boundaries).collect(),
        _ => return vec![],
    };
    start(value).into_iter().chain(end(value)).chain(within).collect()
}

/// The first moment of a FHIR `dateTime`: a year, a month, a day or a time.
fn parse_start(text: &str) -> Option<Timestamp> {
    if let Ok(moment) = text.parse() {
        return Some(moment);
    }
    first_day(text)
        .and_then(|(day, _)| london_time(day.to_datetime(jiff::civil::Time::midnight())))
        .or_else(|| london_time(text.parse().ok()?))
}

/// The first moment after a FHIR `dateTime`, because an end includes its whole year, month or day.
fn parse_end(text: &str) -> Option<Timestamp> {
    match first_day(text) {
        Some((day, span)) => london_time(day.checked_add(span).ok()?.to_datetime(jiff::civil::Time::midnight())),
        None => parse_start(text),
    }
}

/// The first day of a year, a month or a day, and its length.
fn first_day(text: &str) -> Option<(Date, jiff::Span)> {
    match text.len() {
        4 => Some((format!("{text}-01-01").parse().ok()?, 1.year())),
        7 => Some((format!("{text}-01").parse().ok()?, 1.month())),
        10 => Some((text.parse().ok()?, 1.day())),
        _ => None,
    }
}

fn london_time(civil: DateTime) -> Option<Timestamp> {
    let zone = london::zone();
    zone.to_timestamp(civil).ok()
}
