//! A circuit breaker: after some failures in a row, calls are skipped for a while, then one is tried. We have our own
//! because the available crates use their own clocks; this one must only use the time passed in.

use std::sync::Mutex;

use jiff::{SignedDuration, Timestamp};

/// The breaker of one callee.
#[derive(Debug)]
pub struct Breaker {
    /// Failures in a row that open it.
    failures: u32,
    /// How long it stays open.
    open: SignedDuration,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    failures: u32,
    open_until: Option<Timestamp>,
}

impl Breaker {
    pub fn new(failures: u32, open: SignedDuration) -> Self {
        Self { failures, open, state: Mutex::default() }
    }

    /// Whether a call may be made now. After the pause, one caller is let through.
    pub fn allows(&self, now: Timestamp) -> bool {
        let Ok(mut state) = self.state.lock() else { return false };
        match state.open_until {
            Some(until) if now < until => false,
            Some(_) => {
                state.open_until = now.checked_add(self.open).ok();
                true
            }
            None => true,
        }
    }

    pub fn is_open(&self, now: Timestamp) -> bool {
        self.state.lock().is_ok_and(|state| state.open_until.is_some_and(|until| now < until))
    }

    pub fn succeeded(&self) {
        if let Ok(mut state) = self.state.lock() {
            *state = State::default();
        }
    }

    pub fn failed(&self, now: Timestamp) {
        if let Ok(mut state) = self.state.lock() {
            state.failures += 1;
            if state.failures >= self.failures {
                state.open_until = now.checked_add(self.open).ok();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_opens_after_five_failures_and_lets_one_through_later() {
        let (breaker, at) = (Breaker::new(5, SignedDuration::from_secs(10)), |s| Timestamp::from_second(s).unwrap());
        (0..5).for_each(|_| breaker.failed(at(100)));
        assert!(!breaker.allows(at(105)));
        assert!(breaker.allows(at(110)));
        assert!(!breaker.allows(at(111)), "only one");
        breaker.succeeded();
        assert!(breaker.allows(at(111)));
    }
}
