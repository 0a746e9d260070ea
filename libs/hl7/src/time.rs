//! Parses HL7 v2 times: `YYYY[MM[DD[HH[MM[SS[.S…]]]]]][+/-ZZZZ]`. A time without a zone is Europe/London. In October's
//! repeated hour the earlier time counts (`zone.rs` compares the other fields); in March's missing hour the time moves
//! forward. An invalid time is `None` and must never make a message unreadable.

use std::sync::LazyLock;

use jiff::{
    Timestamp,
    civil::{Date, DateTime, Time},
    tz::{AmbiguousOffset, Offset, TimeZone},
};
use lcr_contracts::{Moment, Precision};

static LONDON: LazyLock<TimeZone> = LazyLock::new(|| TimeZone::get("Europe/London").unwrap_or(TimeZone::UTC));

/// The moments that a time can mean: one, or two in October's repeated hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PossibleMoments {
    pub first: Moment,
    pub second: Option<Moment>,
}

/// The date, if at least a day is written.
pub fn parse_date(text: &str) -> Option<Date> {
    let digits = text.trim().get(..8).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))?;
    let year = digits.get(..4)?.parse().ok()?;
    Date::new(year, digits.get(4..6)?.parse().ok()?, digits.get(6..8)?.parse().ok()?).ok()
}

/// The instant, if at least a day is written. A day alone is its first instant.
pub fn parse_timestamp(text: &str) -> Option<Timestamp> {
    let (civil, _, zone) = parse_parts(text)?;
    match zone {
        Some(zone) => zone.to_timestamp(civil).ok(),
        None => LONDON.to_ambiguous_timestamp(civil).compatible().ok(),
    }
}

/// The moment with its written precision.
pub fn parse_moment(text: &str) -> Option<Moment> {
    Some(parse_possible_moments(text, None)?.first)
}

/// The moments that a time can mean. A time without a zone has the offset `default`, else London's.
pub fn parse_possible_moments(text: &str, default: Option<Offset>) -> Option<PossibleMoments> {
    let (civil, precision, zone) = parse_parts(text)?;
    let one = |first: Moment| PossibleMoments { first, second: None };
    if precision == Precision::Day {
        return civil.date().to_zoned(LONDON.clone()).is_ok().then(|| one(Moment::day(civil.date())));
    }
    let with = |offset: Offset| Some(Moment::new(offset.to_timestamp(civil).ok()?, precision));
    if let Some(offset) = zone.or(default) {
        return with(offset).map(one);
    }
    let london = LONDON.to_ambiguous_timestamp(civil);
    match london.offset() {
        AmbiguousOffset::Fold { before, after } => {
            Some(PossibleMoments { first: with(before)?, second: Some(with(after)?) })
        }
        _ => Some(one(Moment::new(london.compatible().ok()?, precision))),
    }
}

/// The offset written in the time itself.
pub fn written_offset(text: &str) -> Option<Offset> {
    parse_parts(text)?.2
}

/// London's offset from UTC at an instant.
pub fn london_offset(at: Timestamp) -> Offset {
    LONDON.to_offset(at)
}

/// The date and time of day, their precision, and the offset if there is one.
fn parse_parts(text: &str) -> Option<(DateTime, Precision, Option<Offset>)> {
    let text = text.trim();
    let date = parse_date(text)?;
    let (clock, zone) = match text.get(8..)?.find(['+', '-']) {
        Some(at) => (text.get(8..8 + at)?, text.get(8 + at..)),
        None => (text.get(8..)?.trim_end_matches('Z'), text.ends_with('Z').then_some("+0000")),
    };
    let precision = match clock.split('.').next().map_or(0, str::len) {
        0 => Precision::Day,
        2 => Precision::Hour,
        4 => Precision::Minute,
        _ => Precision::Second,
    };
    let zone = match zone {
        Some(zone) => Some(parse_offset(zone)?),
        None => None,
    };
    Some((DateTime::from_parts(date, parse_clock(clock)?), precision, zone))
}

/// Whether a time of day is written. A date alone must not be read as midnight.
pub fn has_time_of_day(text: &str) -> bool {
    text.trim().get(8..12).is_some_and(|clock| clock.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Formats an instant as HL7, in London time with its offset.
pub fn format_timestamp(at: Timestamp) -> String {
    at.to_zoned(LONDON.clone()).strftime("%Y%m%d%H%M%S%z").to_string()
}

/// Parses `HH[MM[SS[.S…]]]` or nothing.
fn parse_clock(text: &str) -> Option<Time> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let two = |at: usize| match whole.get(at..at + 2) {
        Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => digits.parse::<i8>().ok(),
        Some(_) => None,
        None => Some(0),
    };
    if !matches!(whole.len(), 0 | 2 | 4 | 6) || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let nanos = format!("{fraction:0<9}").get(..9)?.parse().ok()?;
    Time::new(two(0)?, two(2)?, two(4)?, nanos).ok()
}

/// Parses `+HHMM`, `+HH:MM` or `+HH`.
fn parse_offset(text: &str) -> Option<Offset> {
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let digits: String = text.get(1..)?.chars().filter(|c| *c != ':').collect();
    if !matches!(digits.len(), 2 | 4) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let hours: i32 = digits.get(..2)?.parse().ok()?;
    let minutes: i32 = digits.get(2..).filter(|rest| !rest.is_empty()).map_or(Ok(0), str::parse).ok()?;
    Offset::from_seconds(sign * (hours * 3600 + minutes * 60)).ok()
}

#[cfg(test)]
#[path = "time_tests.rs"]
mod tests;
