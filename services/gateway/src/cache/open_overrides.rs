//! The overrides that a reader has in force, for the line on their record page: which claim it is, to end it early, and until when
//! it is in force. They are sealed in the shared cache by the reader, because an override outlasts a session. They must never
//! decide whether a record is open.

use std::time::Duration;

use jiff::Timestamp;
use lcr_cache::SealedCache;
use lcr_model::{Actor, PersonId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Not shorter than an override.
const TIME_TO_LIVE: Duration = Duration::from_mins(30);

/// An override in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct OpenOverride {
    pub claim: Uuid,
    /// When it ends by itself.
    pub until: Timestamp,
}

pub(crate) struct OpenOverrides(SealedCache);

impl OpenOverrides {
    pub fn new(cache: SealedCache) -> Self {
        Self(cache)
    }

    /// If the cache does not answer, the page does not say until when the record is open, and has no button to end it.
    pub async fn add(&self, reader: &Actor, person: PersonId, open: OpenOverride) {
        let slot = self.0.slot(&namespace(reader, person), "");
        if let (Ok(generation), Ok(value)) = (self.0.generation(&slot).await, serde_json::to_vec(&open)) {
            let _ = self.0.put(&slot, &value, TIME_TO_LIVE, generation).await;
        }
    }

    /// The reader's last override of this person. `None` if it has ended or is not known.
    pub async fn find(&self, reader: &Actor, person: PersonId, now: Timestamp) -> Option<OpenOverride> {
        let slot = self.0.slot(&namespace(reader, person), "");
        let stored = self.0.get(&slot).await.ok().flatten()?;
        serde_json::from_slice::<OpenOverride>(&stored).ok().filter(|open| open.until > now)
    }

    /// Forgets it, after it was ended.
    pub async fn remove(&self, reader: &Actor, person: PersonId) {
        let _ = self.0.invalidate(&self.0.slot(&namespace(reader, person), "")).await;
    }
}

/// An override serves its user in one role and organisation. The end of one must not forget those of other people.
fn namespace(reader: &Actor, person: PersonId) -> String {
    format!("gateway/override/{}/{}/{}/{person}", reader.user, reader.org, reader.role)
}

#[cfg(test)]
#[path = "open_overrides_tests.rs"]
mod tests;
