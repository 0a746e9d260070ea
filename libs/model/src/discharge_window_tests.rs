//! Tests of the window: day 28 and day 29, midnight, and both changes of the clocks (S-62).

use proptest::prelude::*;

use super::*;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[test]
fn the_day_of_leaving_is_day_1_and_the_28th_day_is_the_last() {
    let left = at("2026-11-01T09:00:00Z");
    assert_eq!(day_in_window(left, at("2026-11-01T09:00:00Z")), Some(1));
    assert_eq!(day_in_window(left, at("2026-11-01T23:59:59Z")), Some(1));
    assert_eq!(day_in_window(left, at("2026-11-02T00:00:00Z")), Some(2));
    assert_eq!(day_in_window(left, at("2026-11-28T00:00:00Z")), Some(28));
    assert_eq!(day_in_window(left, at("2026-11-28T23:59:59Z")), Some(28));
    assert_eq!(day_in_window(left, at("2026-11-29T00:00:00Z")), None, "day 29");
}

#[test]
fn leaving_late_in_the_evening_counts_that_day_by_the_clock_in_london() {
    // 23:30 in London on 30 June is 22:30 UTC; 00:30 on 1 July is 23:30 UTC of 30 June.
    assert_eq!(london::date(at("2026-06-30T22:30:00Z")).to_string(), "2026-06-30");
    assert_eq!(london::date(at("2026-06-30T23:30:00Z")).to_string(), "2026-07-01");
    let left = at("2026-06-30T23:30:00Z");
    assert_eq!(day_in_window(left, at("2026-07-28T22:59:59Z")), Some(28));
    assert_eq!(day_in_window(left, at("2026-07-28T23:00:00Z")), None);
}

#[test]
fn clocks_going_back_within_the_window_neither_add_nor_lose_a_day() {
    // The clocks went back on 25 October 2026: the window has a day of 25 hours.
    let left = at("2026-10-10T22:59:59Z");
    assert_eq!(london::date(left).to_string(), "2026-10-10");
    assert_eq!(day_in_window(left, at("2026-11-06T23:59:59Z")), Some(28));
    assert_eq!(day_in_window(left, at("2026-11-07T00:00:00Z")), None);
}

#[test]
fn clocks_going_forward_within_the_window_neither_add_nor_lose_a_day() {
    // The clocks went forward on 29 March 2026.
    let left = at("2026-03-10T00:00:00Z");
    assert_eq!(day_in_window(left, at("2026-04-06T22:59:59Z")), Some(28));
    assert_eq!(day_in_window(left, at("2026-04-06T23:00:00Z")), None);
    assert!(recently_discharged(left, at("2026-04-06T22:59:59Z")));
    assert!(!recently_discharged(left, at("2026-04-06T23:00:00Z")), "28 days of 24 hours end an hour later");
}

#[test]
fn the_end_of_the_window_is_the_first_moment_after_its_last_day() {
    for left in ["2026-11-01T09:00:00Z", "2026-06-30T23:30:00Z", "2026-10-10T22:59:59Z", "2026-03-10T00:00:00Z"] {
        let (left, end) = (at(left), window_end(at(left)));
        assert_eq!(day_in_window(left, Timestamp::from_second(end.as_second() - 1).unwrap()), Some(28), "{left}");
        assert_eq!(day_in_window(left, end), None, "{left}");
    }
}

#[test]
fn a_patient_who_leaves_in_the_future_has_not_left() {
    assert_eq!(day_in_window(at("2026-11-02T10:00:00Z"), at("2026-11-02T09:59:59Z")), None);
}

proptest! {
    #[test]
    fn the_window_holds_exactly_those_with_a_day(left in 0_i64..4_000_000_000, after in 0_i64..4_000_000, days in 1_u8..=28) {
        let left = Timestamp::from_second(left).unwrap();
        let now = Timestamp::from_second(left.as_second() + after).unwrap();
        let in_window = left >= window_start(now, days);
        let day = day_in_window(left, now).filter(|day| *day <= days);
        prop_assert_eq!(in_window, day.is_some());
    }

    #[test]
    fn no_time_panics(one in any::<i64>(), other in any::<i64>(), days in any::<u8>()) {
        let clamp = |at: i64| Timestamp::from_second(at.clamp(-377_705_023_201, 253_402_207_200)).unwrap();
        let (one, other) = (clamp(one), clamp(other));
        let _ = (day_in_window(one, other), window_start(one, days));
    }
}
