//! What is remembered between two requests: codes not yet exchanged and assertions already seen. Both are
//! used once and forgotten soon; nothing outlives the process.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::personas::Persona;

/// How long a code may wait.
const CODE_LIFE: Duration = Duration::from_mins(1);
/// More than a laptop's tests ever hold at once; beyond it the oldest go.
const MOST: usize = 10_000;

/// What a code stands for.
#[derive(Debug, Clone)]
pub(crate) struct Grant {
    pub(crate) persona: &'static Persona,
    pub(crate) nonce: Option<String>,
    pub(crate) challenge: String,
    pub(crate) redirect_uri: String,
    /// Unix seconds at which the tile was chosen.
    pub(crate) chosen_at: i64,
}

#[derive(Debug, Default)]
pub(crate) struct Codes {
    waiting: Mutex<HashMap<String, (Grant, Instant)>>,
}

impl Codes {
    pub(crate) fn put(&self, code: String, grant: Grant, now: Instant) {
        let mut waiting = lock(&self.waiting);
        waiting.retain(|_, (_, made)| now.duration_since(*made) <= CODE_LIFE);
        if waiting.len() < MOST {
            waiting.insert(code, (grant, now));
        }
    }

    /// The grant, once: whoever presents a code uses it up, whether or not the rest fits.
    pub(crate) fn take(&self, code: &str, now: Instant) -> Option<Grant> {
        let (grant, made) = lock(&self.waiting).remove(code)?;
        (now.duration_since(made) <= CODE_LIFE).then_some(grant)
    }
}

/// Ids of assertions already accepted, until they expire.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    until: Mutex<HashMap<String, i64>>,
}

impl Seen {
    /// Whether this id is new; it no longer is afterwards.
    pub(crate) fn first(&self, id: &str, expires: i64, now: i64) -> bool {
        let mut until = lock(&self.until);
        until.retain(|_, expiry| *expiry >= now);
        until.len() < MOST && until.insert(id.to_owned(), expires).is_none()
    }
}

fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grant() -> Grant {
        Grant {
            persona: &crate::personas::personas()[0],
            nonce: None,
            challenge: String::new(),
            redirect_uri: String::new(),
            chosen_at: 0,
        }
    }

    #[test]
    fn a_code_works_once_and_for_a_minute() {
        let (codes, now) = (Codes::default(), Instant::now());
        codes.put("a".to_owned(), grant(), now);
        assert!(codes.take("a", now + Duration::from_mins(1)).is_some());
        assert!(codes.take("a", now).is_none(), "used up");
        codes.put("b".to_owned(), grant(), now);
        assert!(codes.take("b", now + Duration::from_secs(61)).is_none(), "expired");
    }

    #[test]
    fn an_assertion_is_new_once() {
        let seen = Seen::default();
        assert!(seen.first("x", 100, 50) && !seen.first("x", 100, 60));
        assert!(seen.first("x", 300, 101), "forgotten once it can no longer be used");
    }
}
