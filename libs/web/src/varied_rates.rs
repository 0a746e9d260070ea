//! Rate limits of callers that each have a rate of their own, held in memory by each replica. A caller whose rate changes must
//! keep what it has used: otherwise it would start afresh with each change. A check must never cost a network call.

use std::{
    collections::HashMap,
    fmt,
    hash::Hash,
    num::NonZeroU32,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

const MINUTE: Duration = Duration::from_mins(1);
/// Idle callers are removed once in this many checks.
const CLEANUP_EVERY: u32 = 1024;

/// What each caller, identified by `K`, has used of its rate.
pub struct VariedRates<K> {
    used: Mutex<Usage<K>>,
}

struct Usage<K> {
    /// When the caller will have used nothing. A request moves this on by its share of a minute, so a minute ahead is all that
    /// any rate allows.
    free_at: HashMap<K, Instant>,
    checks: u32,
}

impl<K> fmt::Debug for VariedRates<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("VariedRates")
    }
}

impl<K> Default for VariedRates<K> {
    fn default() -> Self {
        Self { used: Mutex::new(Usage { free_at: HashMap::new(), checks: 0 }) }
    }
}

impl<K: Hash + Eq + Clone> VariedRates<K> {
    /// Whether this caller, which may make `rate` requests a minute, may ask now. Counts the request.
    pub fn allows(&self, caller: &K, rate: NonZeroU32, now: Instant) -> bool {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        used.checks = used.checks.wrapping_add(1);
        if used.checks.is_multiple_of(CLEANUP_EVERY) {
            used.free_at.retain(|_, free_at| *free_at > now);
        }
        let free_at = used.free_at.get(caller).map_or(now, |free_at| (*free_at).max(now));
        let after = free_at + MINUTE / rate.get();
        let is_allowed = after.duration_since(now) <= MINUTE;
        if is_allowed {
            used.free_at.insert(caller.clone(), after);
        }
        is_allowed
    }
}

#[cfg(test)]
#[path = "varied_rates_tests.rs"]
mod tests;
