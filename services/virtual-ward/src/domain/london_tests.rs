//! Tests of London days: the repeated hour, midnight, and expected dates.

use super::*;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[test]
fn both_halves_of_the_repeated_hour_are_one_day() {
    let (first, second) = (at("2026-10-25T00:30:00Z"), at("2026-10-25T01:30:00Z"));
    assert_eq!(days_between(date(first), date(second)), 0);
    assert_eq!(days_so_far(first, second), 0);
}

#[test]
fn days_in_hospital_are_nights_not_hours() {
    assert_eq!(days_so_far(at("2026-11-01T23:50:00Z"), at("2026-11-02T00:10:00Z")), 1);
    assert_eq!(days_so_far(at("2026-11-01T00:10:00Z"), at("2026-11-01T23:50:00Z")), 0);
    assert_eq!(days_so_far(at("2026-11-05T00:00:00Z"), at("2026-11-01T00:00:00Z")), 0, "never negative");
    assert_eq!(days_so_far(at("2026-01-01T00:00:00Z"), at("2026-12-31T00:00:00Z")), 364);
}

#[test]
fn an_expected_date_has_passed_from_the_next_day_on() {
    let expected: Date = "2026-11-20".parse().unwrap();
    assert_eq!(passed_days(expected, at("2026-11-20T23:59:59Z")), 0);
    assert_eq!(passed_days(expected, at("2026-11-22T00:00:00Z")), 2);
    assert_eq!(passed_days(expected, at("2026-11-01T00:00:00Z")), 0);
}
