//! Rate limits per caller, held in memory by each replica: with several replicas a caller may ask a little more often. A
//! check must never cost a network call.

use std::{
    fmt,
    hash::Hash,
    num::NonZeroU32,
    sync::atomic::{AtomicU32, Ordering},
};

use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

/// Idle callers are removed once in this many checks.
const CLEANUP_EVERY: u32 = 1024;

/// The rate limit of each caller, identified by `K`.
pub struct RateLimits<K: Hash + Eq + Clone> {
    limiter: DefaultKeyedRateLimiter<K>,
    checks: AtomicU32,
}

impl<K: Hash + Eq + Clone> fmt::Debug for RateLimits<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Rates")
    }
}

impl<K: Hash + Eq + Clone> RateLimits<K> {
    /// `each` requests a minute per caller, of which `at_once` may come in a burst.
    pub fn a_minute(each: NonZeroU32, at_once: NonZeroU32) -> Self {
        let quota = Quota::per_minute(each).allow_burst(at_once);
        Self { limiter: RateLimiter::keyed(quota), checks: AtomicU32::new(0) }
    }

    /// Whether this caller may ask now. Counts the request.
    pub fn allows(&self, caller: &K) -> bool {
        if self.checks.fetch_add(1, Ordering::Relaxed) % CLEANUP_EVERY == CLEANUP_EVERY - 1 {
            self.limiter.retain_recent();
        }
        self.limiter.check_key(caller).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_caller_has_a_rate_of_their_own() {
        let five = NonZeroU32::new(5).unwrap();
        let rates = RateLimits::a_minute(five, five);
        let allowed = |who: &'static str| (0..20).filter(|_| rates.allows(&who)).count();
        assert_eq!(allowed("one"), 5);
        assert_eq!(allowed("another"), 5);
        assert_eq!(allowed("one"), 0);
    }
}
