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
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn utc(text: &str) -> String {
        parse_timestamp(text).map_or("none".into(), |at| at.to_string())
    }

    #[test]
    fn times_without_a_zone_are_london_time() {
        assert_eq!(utc("20260715093000"), "2026-07-15T08:30:00Z");
        assert_eq!(utc("202601150930"), "2026-01-15T09:30:00Z");
        assert_eq!(utc("20260115"), "2026-01-15T00:00:00Z");
        assert_eq!(utc("20260115093000.25+0530"), "2026-01-15T04:00:00.25Z");
        assert_eq!(utc("20260115093000-0800"), "2026-01-15T17:30:00Z");
        assert_eq!(utc("2026011509Z"), "2026-01-15T09:00:00Z");
    }

    #[test]
    fn in_the_repeated_hour_the_earlier_time_counts() {
        assert_eq!(utc("20261025013000"), "2026-10-25T00:30:00Z");
        assert_eq!(utc("20261025013000+0000"), "2026-10-25T01:30:00Z");
    }

    #[test]
    fn a_time_in_the_missing_hour_moves_forward() {
        assert_eq!(utc("20260329013000"), "2026-03-29T01:30:00Z");
    }

    #[test]
    fn a_moment_keeps_its_written_precision() {
        let text = |text: &str| parse_moment(text).map_or("none".into(), |at| at.to_string());
        assert_eq!(text("20260715"), "2026-07-15");
        assert_eq!(text("20260715+0000"), "2026-07-15");
        assert_eq!(text("2026071510"), "2026-07-15T09Z");
        assert_eq!(text("202607151005"), "2026-07-15T09:05Z");
        assert_eq!(text("20260715100509"), "2026-07-15T09:05:09Z");
        assert_eq!(text("20260715100509.25+0000"), "2026-07-15T10:05:09.25Z");
        assert_eq!(text("99991231"), "none");
    }

    #[test]
    fn only_the_repeated_hour_has_two_possible_moments() {
        let second = |text: &str| parse_possible_moments(text, None).unwrap().second.map(|at| at.to_string());
        assert_eq!(second("20261025013000"), Some("2026-10-25T01:30:00Z".into()));
        assert_eq!(second("2026102501"), Some("2026-10-25T01Z".into()));
        assert_eq!(second("20261025020000"), None);
        assert_eq!(second("20261025013000+0000"), None);
        assert_eq!(second("20261025"), None);
        let default = parse_possible_moments("20261025013000", Some(Offset::UTC)).unwrap();
        assert_eq!((default.first.to_string().as_str(), default.second), ("2026-10-25T01:30:00Z", None));
    }

    #[test]
    fn an_invalid_time_is_none() {
        for text in [
            "",
            "2026",
            "202601",
            "20261301",
            "20260115256000",
            "2026011",
            "yesterday",
            "20260115093",
            "20260115+99",
            "２０２６０１１５",
        ] {
            assert_eq!(utc(text), "none", "{text}");
        }
        assert_eq!(parse_date("19650102000000"), Some(jiff::civil::date(1965, 1, 2)));
    }

    #[test]
    fn a_formatted_timestamp_reads_back() {
        let at = parse_timestamp("20260715093000").unwrap();
        assert_eq!(format_timestamp(at), "20260715093000+0100");
        assert_eq!(parse_timestamp(&format_timestamp(at)), Some(at));
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in r"[0-9é+.Z:-]{0,30}") {
            let _ = (parse_timestamp(&text), parse_date(&text), has_time_of_day(&text));
            if let Some(at) = parse_moment(&text) {
                prop_assert_eq!(at.to_string().parse::<Moment>().unwrap(), at);
            }
        }
    }
}
