//! The state between two requests: codes not yet exchanged, launches not yet followed, and ids of assertions already used.
//! Each of them works once. Nothing outlives the process.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::personas::Persona;

/// How long a code is valid.
const CODE_LIFETIME: Duration = Duration::from_mins(1);
/// The most codes, and the most assertion ids, stored at once. Beyond it new ones are refused.
const MAX_ENTRIES: usize = 10_000;

/// The sign-in that a code stands for.
#[derive(Debug, Clone)]
pub(crate) struct Grant {
    pub(crate) persona: &'static Persona,
    pub(crate) nonce: Option<String>,
    pub(crate) challenge: String,
    pub(crate) redirect_uri: String,
    /// When the persona was chosen, in Unix seconds.
    pub(crate) chosen_at: i64,
    /// The patient whom a launch has open, by the record system's own id.
    pub(crate) patient: Option<String>,
}

/// A user of a record system and the patient they have open.
#[derive(Debug, Clone)]
pub(crate) struct OpenPatient {
    pub(crate) persona: &'static Persona,
    pub(crate) patient: String,
}

/// Launches not yet followed, by the value of their `launch` parameter.
#[derive(Debug, Default)]
pub(crate) struct Launches {
    pending: Mutex<HashMap<String, (OpenPatient, Instant)>>,
}

impl Launches {
    pub(crate) fn put(&self, launch: String, open: OpenPatient, now: Instant) {
        let mut pending = lock(&self.pending);
        pending.retain(|_, (_, issued)| now.duration_since(*issued) <= CODE_LIFETIME);
        if pending.len() < MAX_ENTRIES {
            pending.insert(launch, (open, now));
        }
    }

    /// Removes and returns the launch.
    pub(crate) fn take(&self, launch: &str, now: Instant) -> Option<OpenPatient> {
        let (open, issued) = lock(&self.pending).remove(launch)?;
        (now.duration_since(issued) <= CODE_LIFETIME).then_some(open)
    }
}

#[derive(Debug, Default)]
pub(crate) struct Codes {
    pending: Mutex<HashMap<String, (Grant, Instant)>>,
}

impl Codes {
    pub(crate) fn put(&self, code: String, grant: Grant, now: Instant) {
        let mut pending = lock(&self.pending);
        pending.retain(|_, (_, issued)| now.duration_since(*issued) <= CODE_LIFETIME);
        if pending.len() < MAX_ENTRIES {
            pending.insert(code, (grant, now));
        }
    }

    /// Removes and returns the grant. A code is used up even if the rest of the request is wrong.
    pub(crate) fn take(&self, code: &str, now: Instant) -> Option<Grant> {
        let (grant, issued) = lock(&self.pending).remove(code)?;
        (now.duration_since(issued) <= CODE_LIFETIME).then_some(grant)
    }
}

/// Ids of assertions already accepted, stored until they expire.
#[derive(Debug, Default)]
pub(crate) struct UsedAssertions {
    expiries: Mutex<HashMap<String, i64>>,
}

impl UsedAssertions {
    /// Stores the id. Returns whether it was new.
    pub(crate) fn record_if_new(&self, id: &str, expires: i64, now: i64) -> bool {
        let mut expiries = lock(&self.expiries);
        expiries.retain(|_, expiry| *expiry >= now);
        expiries.len() < MAX_ENTRIES && expiries.insert(id.to_owned(), expires).is_none()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
#[path = "codes_tests.rs"]
mod tests;
