//! Times as HL7 v2 writes them: `YYYY[MM[DD[HH[MM[SS[.S…]]]]]][+/-ZZZZ]`. Without a zone they are Europe/London.
//! In the hour that October repeats the earlier one is meant (`zone.rs` decides by the other fields of a message); in
//! the hour that March leaves out the time is moved forward by it. A time that is no time is `None`: what is odd in one
//! field spoils no message.

use std::sync::LazyLock;

use jiff::{
    Timestamp,
    civil::{Date, DateTime, Time},
    tz::{AmbiguousOffset, Offset, TimeZone},
};
use lcr_contracts::{Moment, Precision};

static LONDON: LazyLock<TimeZone> = LazyLock::new(|| TimeZone::get("Europe/London").unwrap_or(TimeZone::UTC));

/// What a time can mean: one moment, or two in the hour that October repeats.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Readings {
    pub first: Moment,
    pub second: Option<Moment>,
}

/// The day, where at least a day is written.
pub fn date(text: &str) -> Option<Date> {
    let digits = text.trim().get(..8).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))?;
    let year = digits.get(..4)?.parse().ok()?;
    Date::new(year, digits.get(4..6)?.parse().ok()?, digits.get(6..8)?.parse().ok()?).ok()
}

/// The moment, where at least a day is written; a day alone is its first moment.
pub fn timestamp(text: &str) -> Option<Timestamp> {
    let (civil, _, zone) = parts(text)?;
    match zone {
        Some(zone) => zone.to_timestamp(civil).ok(),
        None => LONDON.to_ambiguous_timestamp(civil).compatible().ok(),
    }
}

/// The moment with the precision it was written in.
pub fn moment(text: &str) -> Option<Moment> {
    Some(readings(text, None)?.first)
}

/// Everything that a time can mean. A time without a zone has the offset `default`, or else London's.
pub fn readings(text: &str, default: Option<Offset>) -> Option<Readings> {
    let (civil, precision, zone) = parts(text)?;
    let one = |first: Moment| Readings { first, second: None };
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
            Some(Readings { first: with(before)?, second: Some(with(after)?) })
        }
        _ => Some(one(Moment::new(london.compatible().ok()?, precision))),
    }
}

/// The offset that the time itself names.
pub fn own_offset(text: &str) -> Option<Offset> {
    parts(text)?.2
}

/// London's offset from UTC at an instant.
pub fn london_offset(at: Timestamp) -> Offset {
    LONDON.to_offset(at)
}

/// Date and time of day, how precisely they are written, and the offset where one is named.
fn parts(text: &str) -> Option<(DateTime, Precision, Option<Offset>)> {
    let text = text.trim();
    let date = date(text)?;
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
        Some(zone) => Some(offset(zone)?),
        None => None,
    };
    Some((DateTime::from_parts(date, time(clock)?), precision, zone))
}

/// Whether more than the day is written, so that a stay's time is not taken for midnight.
pub fn has_clock(text: &str) -> bool {
    text.trim().get(8..12).is_some_and(|clock| clock.bytes().all(|byte| byte.is_ascii_digit()))
}

/// A moment as HL7 writes it, in London, with its offset.
pub fn written(at: Timestamp) -> String {
    at.to_zoned(LONDON.clone()).strftime("%Y%m%d%H%M%S%z").to_string()
}

/// `HH[MM[SS[.S…]]]`, or nothing.
fn time(text: &str) -> Option<Time> {
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

/// `+HHMM`, `+HH:MM` or `+HH`.
fn offset(text: &str) -> Option<Offset> {
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
        timestamp(text).map_or("none".into(), |at| at.to_string())
    }

    #[test]
    fn times_without_a_zone_are_londons() {
        assert_eq!(utc("20260715093000"), "2026-07-15T08:30:00Z");
        assert_eq!(utc("202601150930"), "2026-01-15T09:30:00Z");
        assert_eq!(utc("20260115"), "2026-01-15T00:00:00Z");
        assert_eq!(utc("20260115093000.25+0530"), "2026-01-15T04:00:00.25Z");
        assert_eq!(utc("20260115093000-0800"), "2026-01-15T17:30:00Z");
        assert_eq!(utc("2026011509Z"), "2026-01-15T09:00:00Z");
    }

    #[test]
    fn of_the_repeated_hour_the_earlier_is_meant() {
        assert_eq!(utc("20261025013000"), "2026-10-25T00:30:00Z");
        assert_eq!(utc("20261025013000+0000"), "2026-10-25T01:30:00Z");
    }

    #[test]
    fn a_time_in_the_missing_hour_moves_forward() {
        assert_eq!(utc("20260329013000"), "2026-03-29T01:30:00Z");
    }

    #[test]
    fn a_moment_is_as_precise_as_it_was_written() {
        let text = |text: &str| moment(text).map_or("none".into(), |at| at.to_string());
        assert_eq!(text("20260715"), "2026-07-15");
        assert_eq!(text("20260715+0000"), "2026-07-15");
        assert_eq!(text("2026071510"), "2026-07-15T09Z");
        assert_eq!(text("202607151005"), "2026-07-15T09:05Z");
        assert_eq!(text("20260715100509"), "2026-07-15T09:05:09Z");
        assert_eq!(text("20260715100509.25+0000"), "2026-07-15T10:05:09.25Z");
        assert_eq!(text("99991231"), "none");
    }

    #[test]
    fn only_the_repeated_hour_has_two_readings() {
        let second = |text: &str| readings(text, None).unwrap().second.map(|at| at.to_string());
        assert_eq!(second("20261025013000"), Some("2026-10-25T01:30:00Z".into()));
        assert_eq!(second("2026102501"), Some("2026-10-25T01Z".into()));
        assert_eq!(second("20261025020000"), None);
        assert_eq!(second("20261025013000+0000"), None);
        assert_eq!(second("20261025"), None);
        let default = readings("20261025013000", Some(Offset::UTC)).unwrap();
        assert_eq!((default.first.to_string().as_str(), default.second), ("2026-10-25T01:30:00Z", None));
    }

    #[test]
    fn what_is_no_time_is_none() {
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
        assert_eq!(date("19650102000000"), Some(jiff::civil::date(1965, 1, 2)));
    }

    #[test]
    fn what_is_written_reads_back() {
        let at = timestamp("20260715093000").unwrap();
        assert_eq!(written(at), "20260715093000+0100");
        assert_eq!(timestamp(&written(at)), Some(at));
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in r"[0-9é+.Z:-]{0,30}") {
            let _ = (timestamp(&text), date(&text), has_clock(&text));
            if let Some(at) = moment(&text) {
                prop_assert_eq!(at.to_string().parse::<Moment>().unwrap(), at);
            }
        }
    }
}
