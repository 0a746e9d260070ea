//! A breaker per source: after five failures in a row it is skipped for ten seconds, then tried with one call.
//! Ours, since the kept crates count across threads with clocks of their own; this takes the time it is given.

use std::sync::Mutex;

use jiff::Timestamp;

const FAILURES: u32 = 5;
const OPEN_SECONDS: i64 = 10;

#[derive(Debug, Default)]
pub struct Breaker(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    failures: u32,
    open_until: Option<Timestamp>,
}

impl Breaker {
    /// Whether a call may be made now. When the time is up, one caller is let through.
    pub fn lets_through(&self, now: Timestamp) -> bool {
        let Ok(mut state) = self.0.lock() else { return false };
        match state.open_until {
            Some(until) if now < until => false,
            Some(_) => {
                state.open_until = later(now);
                true
            }
            None => true,
        }
    }

    pub fn is_open(&self, now: Timestamp) -> bool {
        self.0.lock().is_ok_and(|state| state.open_until.is_some_and(|until| now < until))
    }

    pub fn succeeded(&self) {
        if let Ok(mut state) = self.0.lock() {
            *state = State::default();
        }
    }

    pub fn failed(&self, now: Timestamp) {
        if let Ok(mut state) = self.0.lock() {
            state.failures += 1;
            if state.failures >= FAILURES {
                state.open_until = later(now);
            }
        }
    }
}

fn later(now: Timestamp) -> Option<Timestamp> {
    now.checked_add(jiff::Span::new().seconds(OPEN_SECONDS)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_opens_after_five_failures_and_lets_one_through_later() {
        let (breaker, at) = (Breaker::default(), |s| Timestamp::from_second(s).unwrap());
        (0..5).for_each(|_| breaker.failed(at(100)));
        assert!(!breaker.lets_through(at(105)));
        assert!(breaker.lets_through(at(110)));
        assert!(!breaker.lets_through(at(111)), "only one");
        breaker.succeeded();
        assert!(breaker.lets_through(at(111)));
    }
}
