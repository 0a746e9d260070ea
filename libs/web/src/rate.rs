//! How often one caller may ask. Kept in memory by each replica, so that a caller may ask a little more often of several;
//! it must never cost a call to anybody.

use std::{
    fmt,
    hash::Hash,
    num::NonZeroU32,
    sync::atomic::{AtomicU32, Ordering},
};

use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

/// Callers that have not asked for long are forgotten once in so many questions.
const FORGETS_EVERY: u32 = 1024;

/// The rate of each caller, named by `K`.
pub struct Rates<K: Hash + Eq + Clone> {
    limiter: DefaultKeyedRateLimiter<K>,
    asked: AtomicU32,
}

impl<K: Hash + Eq + Clone> fmt::Debug for Rates<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Rates")
    }
}

impl<K: Hash + Eq + Clone> Rates<K> {
    /// So many a minute each, of which `at_once` may come without a pause.
    pub fn a_minute(each: NonZeroU32, at_once: NonZeroU32) -> Self {
        let quota = Quota::per_minute(each).allow_burst(at_once);
        Self { limiter: RateLimiter::keyed(quota), asked: AtomicU32::new(0) }
    }

    /// Whether this caller may ask now. It counts as asked.
    pub fn allows(&self, caller: &K) -> bool {
        if self.asked.fetch_add(1, Ordering::Relaxed) % FORGETS_EVERY == FORGETS_EVERY - 1 {
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
        let rates = Rates::a_minute(five, five);
        let allowed = |who: &'static str| (0..20).filter(|_| rates.allows(&who)).count();
        assert_eq!(allowed("one"), 5);
        assert_eq!(allowed("another"), 5);
        assert_eq!(allowed("one"), 0);
    }
}
