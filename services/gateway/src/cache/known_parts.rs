//! The parts of a record that a reader's last whole view had, so that a page of one part can link to the others. It holds
//! names of datasets only, sealed in the shared cache, and ends with the session. It must never hold a count.

use std::time::Duration;

use lcr_cache::SealedCache;
use lcr_contracts::record::Record;
use lcr_model::{Dataset, PersonId, SessionId};

/// Longer than a session may be idle.
const TIME_TO_LIVE: Duration = Duration::from_mins(30);

pub(crate) struct KnownParts(SealedCache);

impl KnownParts {
    pub fn new(cache: SealedCache) -> Self {
        Self(cache)
    }

    /// Stores the parts of a whole view. A cache that does not answer only shortens the list of links.
    pub async fn store(&self, session: SessionId, record: &Record) {
        let slot = self.0.slot(&namespace(session), &record.person.to_string());
        let parts: Vec<Dataset> = record.sections.iter().map(|section| section.dataset).collect();
        if let (Ok(value), Ok(generation)) = (serde_json::to_vec(&parts), self.0.generation(&slot).await) {
            let _ = self.0.put(&slot, &value, TIME_TO_LIVE, generation).await;
        }
    }

    pub async fn load(&self, session: SessionId, person: PersonId) -> Vec<Dataset> {
        let stored = self.0.get(&self.0.slot(&namespace(session), &person.to_string())).await.ok().flatten();
        stored.and_then(|stored| serde_json::from_slice(&stored).ok()).unwrap_or_default()
    }

    pub async fn forget_session(&self, session: SessionId) {
        let _ = self.0.invalidate(&self.0.slot(&namespace(session), "")).await;
    }
}

fn namespace(session: SessionId) -> String {
    format!("gateway/known-parts/{session}")
}
