//! How fast one source lets itself be called. It starts from what the source says (`Retry-After`); it makes no call.

use std::{sync::Mutex, time::Duration};

use jiff::Timestamp;
use tokio::time::Instant;

/// The longest wait a source may ask for.
const LONGEST: Duration = Duration::from_mins(1);
/// A gap below this is none.
const NO_GAP: Duration = Duration::from_millis(5);

/// When calls to one source may start, shared by all of them. A source that asks for a wait is called again one call
/// after the other, faster with each that it answers.
#[derive(Debug, Default)]
pub struct Pace(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// No call starts before this.
    next: Option<Instant>,
    /// Between the starts of two calls.
    gap: Duration,
    asked_to_wait_at: Option<Instant>,
    wait: Duration,
    /// Answered calls that started before the source last asked for a wait: as many as it takes in that time.
    before: u32,
    /// Answered calls that started since, in a row without a second between them.
    since: u32,
    last_started: Option<Instant>,
}

/// Whether a call may start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    Now,
    /// Not before this; then it must ask again.
    At(Instant),
}

impl Pace {
    /// Whether a call may start now. One that starts makes the next one wait its gap.
    pub fn turn(&self, now: Instant) -> Turn {
        let Ok(mut state) = self.0.lock() else { return Turn::Now };
        match state.next {
            Some(next) if next > now => Turn::At(next),
            Some(_) if state.gap >= NO_GAP => {
                state.next = Some(now + state.gap);
                Turn::Now
            }
            _ => {
                state.next = None;
                Turn::Now
            }
        }
    }

    /// A call that started then was answered.
    pub fn answered(&self, started: Instant) {
        let Ok(mut state) = self.0.lock() else { return };
        if state.asked_to_wait_at.is_some_and(|at| started <= at) {
            state.before += 1;
            state.gap = gap(state.wait, state.before);
        } else {
            let new_row = state
                .last_started
                .is_some_and(|last| started.saturating_duration_since(last) > Duration::from_secs(1));
            state.since = if new_row { 1 } else { state.since.saturating_add(1) };
            state.last_started = state.last_started.max(Some(started));
            state.gap = state.gap * 4 / 5;
        }
    }

    /// The source asks for a wait. A call that started before it last asked adds nothing.
    pub fn asked_to_wait(&self, started: Instant, now: Instant, wait: Duration) {
        let Ok(mut state) = self.0.lock() else { return };
        if state.asked_to_wait_at.is_some_and(|at| started <= at) {
            return;
        }
        let wait = wait.min(LONGEST);
        *state = State {
            next: Some(state.next.unwrap_or(now).max(now + wait)),
            gap: gap(wait, state.since),
            asked_to_wait_at: Some(now),
            wait,
            before: state.since,
            since: 0,
            last_started: None,
        };
    }
}

/// As far apart as calls were when the source took them.
fn gap(wait: Duration, answered: u32) -> Duration {
    (wait / answered.max(1)).clamp(Duration::from_millis(20), Duration::from_millis(250))
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
    fn calls_after_a_wait_start_one_by_one_and_faster_with_each_answer() {
        let (pace, start) = (Pace::default(), Instant::now());
        let at = |millis| start + Duration::from_millis(millis);
        assert_eq!(pace.turn(start), Turn::Now, "nobody waits before the source asks");
        (0..4).for_each(|_| pace.answered(start));
        // Eleven calls of one moment are refused: one wait, not eleven. A fifth answer comes late.
        (0..11).for_each(|_| pace.asked_to_wait(start, start, Duration::from_secs(1)));
        pace.answered(start);
        assert_eq!(pace.turn(at(999)), Turn::At(at(1000)));
        assert_eq!(pace.turn(at(1000)), Turn::Now);
        assert_eq!(pace.turn(at(1000)), Turn::At(at(1200)), "as fast as it answered before");
        pace.answered(at(1000));
        assert_eq!(pace.turn(at(1200)), Turn::Now);
        assert_eq!(pace.turn(at(1200)), Turn::At(at(1360)));
        (0..20).for_each(|_| pace.answered(at(1200)));
        assert_eq!(pace.turn(at(1360)), Turn::Now);
        assert_eq!(pace.turn(at(1360)), Turn::Now, "and no gap any more");
    }
}
