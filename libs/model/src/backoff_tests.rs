//! Tests of `backoff.rs`.

use super::*;

#[test]
fn delays_double_up_to_the_longest_and_start_again_after_a_success() {
    let mut backoff = Backoff::new(Duration::from_millis(50), Duration::from_millis(300));
    for most in [50, 100, 200, 300, 300].map(Duration::from_millis) {
        let delay = backoff.next_delay();
        assert!(delay >= most / 2 && delay <= most, "{delay:?} of {most:?}");
    }
    backoff.reset();
    assert!(backoff.next_delay() <= Duration::from_millis(50));
}

#[test]
fn delays_are_spread() {
    let delays: Vec<Duration> = (0..100).map(|_| jitter(Duration::from_secs(1))).collect();
    assert!(delays.iter().all(|delay| *delay < Duration::from_secs(1)));
    assert!(delays.iter().min() != delays.iter().max());
}
