//! How fast one source lets itself be called. It starts from what the source says (`Retry-After`); it makes no call.

use std::{sync::Mutex, time::Duration};

use jiff::Timestamp;
use tokio::time::Instant;

/// The longest wait a source may ask for.
const LONGEST: Duration = Duration::from_mins(1);
/// Calls are spread until there were none for this long.
const SPREAD: Duration = Duration::from_secs(10);

/// When calls to one source may start, shared by all of them.
#[derive(Debug, Default)]
pub struct Pace(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// No call starts before this.
    next: Option<Instant>,
    /// Between the starts of two calls.
    gap: Duration,
    asked_to_wait_at: Option<Instant>,
    /// Calls answered since the source last asked for a wait: as many as it takes in that time.
    answered: u32,
}

impl Pace {
    /// When a call may start, and takes that place; `None` where it is not before `until`.
    pub fn reserve(&self, now: Instant, until: Instant) -> Option<Instant> {
        let Ok(mut state) = self.0.lock() else { return Some(now) };
        if state.next.is_some_and(|next| now.saturating_duration_since(next) > SPREAD) {
            *state = State::default();
        }
        let start = state.next.map_or(now, |next| next.max(now));
        if start >= until {
            return None;
        }
        if state.next.is_some() {
            state.next = Some(start + state.gap);
        }
        Some(start)
    }

    pub fn answered(&self) {
        if let Ok(mut state) = self.0.lock() {
            state.answered = state.answered.saturating_add(1);
        }
    }

    /// The source asks for a wait. A call that started before it last asked adds nothing.
    pub fn asked_to_wait(&self, started: Instant, now: Instant, wait: Duration) {
        let Ok(mut state) = self.0.lock() else { return };
        if state.asked_to_wait_at.is_some_and(|at| started <= at) {
            return;
        }
        let wait = wait.min(LONGEST);
        let gap = wait / state.answered.max(1);
        state.gap = gap.clamp(Duration::from_millis(20), Duration::from_millis(250));
        state.next = Some(state.next.unwrap_or(now).max(now + wait));
        state.asked_to_wait_at = Some(now);
        state.answered = 0;
    }
}

/// How long a `Retry-After` header asks to wait: seconds or an HTTP date.
pub fn retry_after(header: &str, now: Timestamp) -> Option<Duration> {
    let header = header.trim();
    if let Ok(seconds) = header.parse::<u64>() {
        return Some(Duration::from_secs(seconds).min(LONGEST));
    }
    let at = jiff::fmt::rfc2822::parse(header).ok()?.timestamp();
    let wait = Duration::try_from(at.duration_since(now)).unwrap_or(Duration::ZERO);
    Some(wait.min(LONGEST))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now: Timestamp = "2026-01-05T08:49:30Z".parse().unwrap();
        let seconds = |header| retry_after(header, now).map(|wait| wait.as_secs());
        assert_eq!(seconds("1"), Some(1));
        assert_eq!(seconds(" 0 "), Some(0));
        assert_eq!(seconds("Mon, 05 Jan 2026 08:49:37 GMT"), Some(7));
        assert_eq!(seconds("Mon, 05 Jan 2026 08:00:00 GMT"), Some(0), "a time that is over");
        assert_eq!(seconds("999999999"), Some(60), "no source is left alone for days");
        assert_eq!(seconds("soon"), None);
    }

    #[test]
    fn calls_after_a_wait_are_spread_by_what_the_source_took_before() {
        let (pace, start) = (Pace::default(), Instant::now());
        let until = start + Duration::from_secs(9);
        assert_eq!(pace.reserve(start, until), Some(start), "nobody waits before the source asks");
        (0..5).for_each(|_| pace.answered());
        // Eleven calls of one moment are refused: one wait, not eleven.
        (0..11).for_each(|_| pace.asked_to_wait(start, start, Duration::from_secs(1)));
        let starts: Vec<_> = (0..3).filter_map(|_| pace.reserve(start, until)).collect();
        let after: Vec<_> = starts.iter().map(|at| at.duration_since(start).as_millis()).collect();
        assert_eq!(after, [1000, 1200, 1400]);
        assert_eq!(pace.reserve(start, start + Duration::from_secs(1)), None, "there is no time for it");
        let later = start + Duration::from_secs(30);
        assert_eq!(pace.reserve(later, later + Duration::from_secs(1)), Some(later));
        assert_eq!(pace.reserve(later, later + Duration::from_secs(1)), Some(later), "and no gap any more");
    }
}
