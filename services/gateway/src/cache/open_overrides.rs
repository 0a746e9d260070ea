//! Until when a reader's own overrides are in force, for the line on their record page. It is sealed in the shared cache by
//! the reader, because an override outlasts a session. It must never decide whether a record is open.

use std::time::Duration;

use jiff::Timestamp;
use lcr_cache::SealedCache;
use lcr_model::{Actor, PersonId};

/// Not shorter than an override.
const TIME_TO_LIVE: Duration = Duration::from_mins(30);

pub(crate) struct OpenOverrides(SealedCache);

impl OpenOverrides {
    pub fn new(cache: SealedCache) -> Self {
        Self(cache)
    }

    /// If the cache does not answer, the page does not say until when the record is open.
    pub async fn add(&self, reader: &Actor, person: PersonId, until: Timestamp) {
        let slot = self.0.slot(&namespace(reader), &person.to_string());
        if let (Ok(generation), Ok(value)) = (self.0.generation(&slot).await, serde_json::to_vec(&until)) {
            let _ = self.0.put(&slot, &value, TIME_TO_LIVE, generation).await;
        }
    }

    /// When the reader's last override ends. `None` if it has ended or is not known.
    pub async fn until(&self, reader: &Actor, person: PersonId, now: Timestamp) -> Option<Timestamp> {
        let slot = self.0.slot(&namespace(reader), &person.to_string());
        let stored = self.0.get(&slot).await.ok().flatten()?;
        serde_json::from_slice(&stored).ok().filter(|until| *until > now)
    }
}

/// An override serves its user in one role and organisation.
fn namespace(reader: &Actor) -> String {
    format!("gateway/override/{}/{}/{}", reader.user, reader.org, reader.role)
}
