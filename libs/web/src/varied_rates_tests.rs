//! Each caller has a rate of its own, and a changed rate gives nobody a fresh minute.

use super::*;

fn rate(number: u32) -> NonZeroU32 {
    NonZeroU32::new(number).unwrap()
}

/// How many of 10,000 requests at this moment are allowed.
fn allowed(rates: &VariedRates<&'static str>, caller: &'static str, number: u32, now: Instant) -> usize {
    (0..10_000).filter(|_| rates.allows(&caller, rate(number), now)).count()
}

#[test]
fn each_caller_has_a_rate_of_its_own() {
    let (rates, now) = (VariedRates::default(), Instant::now());
    assert_eq!((allowed(&rates, "one", 7, now), allowed(&rates, "two", 6_000, now)), (7, 6_000));
    assert_eq!(allowed(&rates, "one", 7, now), 0);
    assert_eq!(allowed(&rates, "two", 6_000, now + MINUTE / 2), 3_000);
    assert_eq!(allowed(&rates, "one", 7, now + MINUTE), 7, "a minute later");
}

#[test]
fn a_changed_rate_is_no_fresh_start() {
    let (rates, now) = (VariedRates::default(), Instant::now());
    assert_eq!(allowed(&rates, "one", 60, now), 60);
    for changed in [61, 6_000, 1, 60] {
        assert_eq!(allowed(&rates, "one", changed, now), 0, "{changed}");
    }
    assert_eq!(allowed(&rates, "one", 120, now + MINUTE / 2), 60, "half of the new rate");
    assert_eq!(allowed(&rates, "two", 100, now), 100);
    assert_eq!(allowed(&rates, "two", 10, now + MINUTE), 10, "a lower rate blocks nobody for longer than a minute");
}

#[test]
fn idle_callers_are_removed() {
    let (rates, now) = (VariedRates::default(), Instant::now());
    for caller in 0..CLEANUP_EVERY - 1 {
        assert!(rates.allows(&caller, rate(60), now));
    }
    assert!(rates.allows(&CLEANUP_EVERY, rate(60), now + MINUTE));
    assert_eq!(rates.used.lock().unwrap().free_at.len(), 1);
}

#[test]
fn nobody_gets_more_than_the_highest_of_rates_in_turn() {
    let (rates, now) = (VariedRates::default(), Instant::now());
    let in_turn = (0..10_000).map(|request| [1, 20, 7, 50][request % 4]);
    let count = in_turn.filter(|number| rates.allows(&"one", rate(*number), now)).count();
    assert!((1..=50).contains(&count), "{count}");
}
