//! Day 28 and day 29, midnight, and both changes of the clocks (S-62).

use proptest::prelude::*;

use super::*;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[test]
fn the_day_of_leaving_is_day_1_and_the_28th_day_is_the_last() {
    let left = at("2026-11-01T09:00:00Z");
    assert_eq!(day_since_leaving(left, at("2026-11-01T09:00:00Z")), Some(1));
    assert_eq!(day_since_leaving(left, at("2026-11-01T23:59:59Z")), Some(1));
    assert_eq!(day_since_leaving(left, at("2026-11-02T00:00:00Z")), Some(2));
    assert_eq!(day_since_leaving(left, at("2026-11-28T00:00:00Z")), Some(28));
    assert_eq!(day_since_leaving(left, at("2026-11-28T23:59:59Z")), Some(28));
    assert_eq!(day_since_leaving(left, at("2026-11-29T00:00:00Z")), None, "day 29");
}

#[test]
fn leaving_late_in_the_evening_counts_that_day_by_the_clock_in_london() {
    // 23:30 in London on 30 June is 22:30 UTC; 00:30 on 1 July is 23:30 UTC of 30 June.
    assert_eq!(date(at("2026-06-30T22:30:00Z")).to_string(), "2026-06-30");
    assert_eq!(date(at("2026-06-30T23:30:00Z")).to_string(), "2026-07-01");
    let left = at("2026-06-30T23:30:00Z");
    assert_eq!(day_since_leaving(left, at("2026-07-28T22:59:59Z")), Some(28));
    assert_eq!(day_since_leaving(left, at("2026-07-28T23:00:00Z")), None);
}

#[test]
fn clocks_going_back_within_the_window_neither_add_nor_lose_a_day() {
    // The clocks went back on 25 October 2026: the window has a day of 25 hours.
    let left = at("2026-10-10T22:59:59Z");
    assert_eq!(date(left).to_string(), "2026-10-10");
    assert_eq!(day_since_leaving(left, at("2026-11-06T23:59:59Z")), Some(28));
    assert_eq!(day_since_leaving(left, at("2026-11-07T00:00:00Z")), None);
}

#[test]
fn clocks_going_forward_within_the_window_neither_add_nor_lose_a_day() {
    // The clocks went forward on 29 March 2026.
    let left = at("2026-03-10T00:00:00Z");
    assert_eq!(day_since_leaving(left, at("2026-04-06T22:59:59Z")), Some(28));
    assert_eq!(day_since_leaving(left, at("2026-04-06T23:00:00Z")), None);
}

#[test]
fn both_halves_of_the_repeated_hour_are_one_day() {
    let (first, second) = (at("2026-10-25T00:30:00Z"), at("2026-10-25T01:30:00Z"));
    assert_eq!(day_since_leaving(first, second), Some(1));
    assert_eq!(days_so_far(first, second), 0);
}

#[test]
fn who_leaves_in_the_future_has_not_left() {
    assert_eq!(day_since_leaving(at("2026-11-02T10:00:00Z"), at("2026-11-02T09:59:59Z")), None);
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

proptest! {
    #[test]
    fn the_window_holds_exactly_those_with_a_day(left in 0_i64..4_000_000_000, after in 0_i64..4_000_000, days in 1_u8..=28) {
        let left = Timestamp::from_second(left).unwrap();
        let now = Timestamp::from_second(left.as_second() + after).unwrap();
        let in_window = left >= window_opens(now, days);
        let day = day_since_leaving(left, now).filter(|day| *day <= days);
        prop_assert_eq!(in_window, day.is_some());
    }

    #[test]
    fn no_time_is_too_odd(one in any::<i64>(), other in any::<i64>(), days in any::<u8>()) {
        let clamp = |at: i64| Timestamp::from_second(at.clamp(-377_705_023_201, 253_402_207_200)).unwrap();
        let (one, other) = (clamp(one), clamp(other));
        let _ = (days_so_far(one, other), day_since_leaving(one, other), window_opens(one, days));
    }
}
