//! Spaces the calls to one source after it has asked for a wait (`Retry-After`). It must never make a call itself.

use std::{sync::Mutex, time::Duration};

use jiff::Timestamp;
use tokio::time::Instant;

/// The longest wait that is granted to a source.
const MAX_WAIT: Duration = Duration::from_mins(1);
/// A shorter gap counts as none.
const MIN_GAP: Duration = Duration::from_millis(5);

/// Says when calls to one source may start. After a wait, calls start one by one, and faster with each answer.
#[derive(Debug, Default)]
pub struct RateLimit(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// No call starts before this time.
    next: Option<Instant>,
    /// The time between the starts of two calls.
    gap: Duration,
    wait_requested_at: Option<Instant>,
    wait: Duration,
    /// Answered calls that started before the source last asked for a wait: so many it accepts in that time.
    answered_before: u32,
    /// Answered calls that started after it, with at most a second between two.
    answered_since: u32,
    last_started: Option<Instant>,
}

/// When a call may start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallStart {
    Now,
    /// Not before this time, when it must ask again.
    At(Instant),
}

impl RateLimit {
    /// Asks to start a call now. A call that starts delays the next one by the gap.
    pub fn reserve_call(&self, now: Instant) -> CallStart {
        let Ok(mut state) = self.0.lock() else { return CallStart::Now };
        match state.next {
            Some(next) if next > now => CallStart::At(next),
            Some(_) if state.gap >= MIN_GAP => {
                state.next = Some(now + state.gap);
                CallStart::Now
            }
            _ => {
                state.next = None;
                CallStart::Now
            }
        }
    }

    /// Records that the call which started at `started` was answered.
    pub fn record_answer(&self, started: Instant) {
        let Ok(mut state) = self.0.lock() else { return };
        if state.wait_requested_at.is_some_and(|at| started <= at) {
            state.answered_before += 1;
            state.gap = gap_between_calls(state.wait, state.answered_before);
        } else {
            let is_new_row =
                state.last_started.is_some_and(|last| started.saturating_duration_since(last) > Duration::from_secs(1));
            state.answered_since = if is_new_row { 1 } else { state.answered_since.saturating_add(1) };
            state.last_started = state.last_started.max(Some(started));
            state.gap = state.gap * 4 / 5;
        }
    }

    /// Records that the source asks for a wait. A call that started before its last request adds nothing.
    pub fn record_wait(&self, started: Instant, now: Instant, wait: Duration) {
        let Ok(mut state) = self.0.lock() else { return };
        if state.wait_requested_at.is_some_and(|at| started <= at) {
            return;
        }
        let wait = wait.min(MAX_WAIT);
        *state = State {
            next: Some(state.next.unwrap_or(now).max(now + wait)),
            gap: gap_between_calls(wait, state.answered_since),
            wait_requested_at: Some(now),
            wait,
            answered_before: state.answered_since,
            answered_since: 0,
            last_started: None,
        };
    }
}

/// The gap at which the source accepted calls before it asked for a wait.
fn gap_between_calls(wait: Duration, answered: u32) -> Duration {
    (wait / answered.max(1)).clamp(Duration::from_millis(20), Duration::from_millis(250))
}

/// Parses a `Retry-After` header: seconds or an HTTP date.
pub fn parse_retry_after(header: &str, now: Timestamp) -> Option<Duration> {
    let header = header.trim();
    if let Ok(seconds) = header.parse::<u64>() {
        return Some(Duration::from_secs(seconds).min(MAX_WAIT));
    }
    let at = jiff::fmt::rfc2822::parse(header).ok()?.timestamp();
    let wait = Duration::try_from(at.duration_since(now)).unwrap_or(Duration::ZERO);
    Some(wait.min(MAX_WAIT))
}

#[cfg(test)]
#[path = "rate_limit_tests.rs"]
mod tests;
