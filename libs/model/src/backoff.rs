//! How long to wait between attempts: exponential, bounded, spread at random so that replicas do not act at the same
//! moment. Every crate uses this rule. Nothing here may sleep.

use std::time::Duration;

use uuid::Uuid;

/// A random duration below `limit`.
pub fn jitter(limit: Duration) -> Duration {
    let [high, low, ..] = Uuid::new_v4().into_bytes();
    limit.mul_f64(f64::from(u16::from_be_bytes([high, low])) / 65_536.0)
}

/// Between half of `delay` and all of it.
pub fn with_jitter(delay: Duration) -> Duration {
    delay / 2 + jitter(delay / 2)
}

/// Delays that double from the first to the longest.
#[derive(Debug, Clone)]
pub struct Backoff {
    first: Duration,
    longest: Duration,
    next: Duration,
}

impl Backoff {
    pub const fn new(first: Duration, longest: Duration) -> Self {
        Self { first, longest, next: first }
    }

    /// The wait before the next attempt, with jitter. It is never longer than the longest.
    pub fn next_delay(&mut self) -> Duration {
        let delay = self.next;
        self.next = delay.saturating_mul(2).min(self.longest);
        with_jitter(delay)
    }

    /// After a success the delays start again with the first.
    pub fn reset(&mut self) {
        self.next = self.first;
    }
}

#[cfg(test)]
mod tests {
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
}
