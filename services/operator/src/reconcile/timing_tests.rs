//! Tests of `timing.rs`.

use super::*;

#[test]
fn the_delay_doubles_up_to_five_minutes_and_resets_on_success() {
    let backoff = Backoff::default();
    let delays: Vec<Duration> = (0..12).map(|_| backoff.next_delay("rr8-pas")).collect();
    for (delay, most) in delays.iter().zip([1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]) {
        let most = Duration::from_secs(most);
        assert!(*delay >= most / 2 && *delay <= most, "{delay:?} of {most:?}");
    }
    backoff.reset("rr8-pas");
    assert!(backoff.next_delay("rr8-pas") < Duration::from_secs(2));
}

#[test]
fn requeue_intervals_are_spread_around_five_minutes() {
    let delays: Vec<Duration> = (0..100).map(|_| requeue_interval()).collect();
    assert!(delays.iter().all(|delay| (270..=330).contains(&delay.as_secs())));
    assert!(delays.iter().min() != delays.iter().max());
}
