//! Tests of `period.rs`.

use serde_json::json;

use super::*;

#[expect(clippy::unnecessary_wraps, reason = "ends of a period are optional")]
fn at(text: &str) -> Option<Timestamp> {
    Some(text.parse().unwrap())
}

#[test]
fn a_day_a_month_and_a_year_are_whole_ones_in_london() {
    let of = |start: &str, end: &str| bounds(Some(&json!({ "start": start, "end": end }))).unwrap();
    assert_eq!(of("2026-06-01", "2026-06-01"), (at("2026-05-31T23:00:00Z"), at("2026-06-01T23:00:00Z")));
    assert_eq!(of("2026-02", "2026-02"), (at("2026-02-01T00:00:00Z"), at("2026-03-01T00:00:00Z")));
    assert_eq!(of("2025", "2025"), (at("2025-01-01T00:00:00Z"), at("2026-01-01T00:00:00Z")));
    let exact = "2026-06-01T09:00:00+01:00";
    assert_eq!(of(exact, exact), (at("2026-06-01T08:00:00Z"), at("2026-06-01T08:00:00Z")));
}

#[test]
fn the_end_of_the_calendar_is_the_latest_time() {
    for end in ["9999", "9999-12", "9999-12-30", "9999-12-31", "9999-12-31T23:59:59Z", "9999-12-31T00:00:00+00:00"] {
        let read = bounds(Some(&json!({ "start": "2026-02-01", "end": end })));
        assert_eq!(read, Ok((at("2026-02-01T00:00:00Z"), Some(Timestamp::MAX))), "{end}");
    }
    for unreadable in ["9999-12-32", "9999-12-31T25:00:00Z", "9999-12-31T23:59:59", "T"] {
        assert_eq!(instants(unreadable), None, "{unreadable}");
    }
}

#[test]
fn only_an_end_that_is_absent_is_open() {
    assert_eq!(bounds(None), Ok((None, None)));
    assert_eq!(bounds(Some(&json!({ "start": null }))), Ok((None, None)));
    let unreadable = [json!("2026"), json!({ "end": "soon" }), json!({ "end": 7 }), json!({ "end": "2026-13-01" })];
    for period in unreadable {
        assert_eq!(bounds(Some(&period)), Err(UnreadablePeriod), "{period}");
    }
}
