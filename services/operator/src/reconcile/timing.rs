//! Requeue intervals and backoff. Both must be jittered, so that 300 systems do not reconcile at the same moment.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use lcr_model::backoff;

/// Drift is repaired and agreement dates are checked at least this often.
const RECONCILE_INTERVAL: Duration = Duration::from_mins(5);
/// The waits after consecutive failures.
const BACKOFF: backoff::Backoff = backoff::Backoff::new(Duration::from_secs(1), Duration::from_mins(5));

/// A random duration up to a fifth of `of`.
pub fn jitter(of: Duration) -> Duration {
    backoff::jitter(of / 5)
}

/// Five minutes, plus or minus a tenth.
pub fn requeue_interval() -> Duration {
    RECONCILE_INTERVAL * 9 / 10 + jitter(RECONCILE_INTERVAL)
}

/// The next wait by name.
#[derive(Debug, Default)]
pub struct Backoff(Mutex<HashMap<String, backoff::Backoff>>);

impl Backoff {
    /// The delay after one more failure of `name`: at most 1 s, 2 s, 4 s … five minutes, at least half of that.
    pub fn next_delay(&self, name: &str) -> Duration {
        let mut failures = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        failures.entry(name.to_owned()).or_insert(BACKOFF).next_delay()
    }

    pub fn reset(&self, name: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(name);
    }
}

#[cfg(test)]
#[path = "timing_tests.rs"]
mod tests;
