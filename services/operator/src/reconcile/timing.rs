//! When to come back: jittered, so that 300 systems do not come back together; later after each failure.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

/// Drift is mended and days are counted at least this often.
const AGAIN: Duration = Duration::from_mins(5);
const FIRST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_mins(5);

/// Up to a fifth of `of`, another each time.
pub fn jitter(of: Duration) -> Duration {
    let [random, ..] = uuid::Uuid::new_v4().into_bytes();
    of / 5 * u32::from(random) / 255
}

/// Five minutes, give or take a tenth.
pub fn again() -> Duration {
    AGAIN * 9 / 10 + jitter(AGAIN)
}

/// How often each has failed in a row.
#[derive(Debug, Default)]
pub struct Failures(Mutex<HashMap<String, u32>>);

impl Failures {
    /// After one more failure of `name`: 1 s, 2 s, 4 s and so on to five minutes, and up to a fifth more.
    pub fn again(&self, name: &str) -> Duration {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let times = all.entry(name.to_owned()).or_default();
        let wait = FIRST.saturating_mul(1 << (*times).min(16)).min(LONGEST);
        *times += 1;
        wait + jitter(wait)
    }

    pub fn ended(&self, name: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_failure_waits_longer_up_to_five_minutes_and_success_forgets() {
        let failures = Failures::default();
        let waits: Vec<Duration> = (0..12).map(|_| failures.again("rr8-pas")).collect();
        for (wait, least) in waits.iter().zip([1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]) {
            let least = Duration::from_secs(least);
            assert!(*wait >= least && *wait <= least * 6 / 5, "{wait:?} after {least:?}");
        }
        failures.ended("rr8-pas");
        assert!(failures.again("rr8-pas") < Duration::from_secs(2));
    }

    #[test]
    fn coming_back_is_spread_around_five_minutes() {
        let waits: Vec<Duration> = (0..100).map(|_| again()).collect();
        assert!(waits.iter().all(|wait| (270..=330).contains(&wait.as_secs())));
        assert!(waits.iter().min() != waits.iter().max());
    }
}
