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
#[path = "backoff_tests.rs"]
mod tests;
