//! Tests of `time.rs`.

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
