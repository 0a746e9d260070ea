//! The people whose records a reader opened lately in this session, for their home page: name and birth date, as a search
//! shows them. It is sealed in the shared cache, is deleted at sign-out, and lists a person for at most 30 minutes after
//! their record was opened. It must never hold clinical content or list a person whose record was closed to the reader.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp, civil::Date};
use lcr_cache::{SealedCache, Slot};
use lcr_contracts::patient_index::PatientSummary;
use lcr_model::{PersonId, SessionId};
use serde::{Deserialize, Serialize};

/// How long a person is listed after their record was last opened.
const LISTED: SignedDuration = SignedDuration::from_mins(30);
/// Not shorter than `LISTED`.
const TIME_TO_LIVE: Duration = Duration::from_mins(30);
const MAX_PEOPLE: usize = 8;

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RecentPerson {
    pub id: PersonId,
    pub family: String,
    pub given: String,
    pub birth_date: Option<Date>,
    /// The previous version does not store it.
    #[serde(default)]
    opened_at: Option<Timestamp>,
}

pub(crate) struct RecentPeople(SealedCache);

impl RecentPeople {
    pub fn new(cache: SealedCache) -> Self {
        Self(cache)
    }

    /// Puts a person first. A cache that does not answer only shortens the list, and so do two records opened at once.
    pub async fn add(&self, session: SessionId, patient: &PatientSummary, now: Timestamp) {
        let person = RecentPerson {
            id: patient.id,
            family: patient.family.clone(),
            given: patient.given.clone(),
            birth_date: patient.birth_date,
            opened_at: Some(now),
        };
        let slot = self.0.slot(&namespace(session), "");
        let Ok(generation) = self.0.generation(&slot).await else { return };
        let mut people = self.read(session).await;
        people.retain(|other| other.id != person.id && other.is_listed(now));
        people.insert(0, person);
        people.truncate(MAX_PEOPLE);
        self.write(&slot, &people, generation).await;
    }

    /// Removes a person whom the reader may not see any more. The new generation refuses a list that was read before, so
    /// that no change at the same time brings the person back. After two removals at once the list is empty.
    pub async fn remove(&self, session: SessionId, person: PersonId) {
        let slot = self.0.slot(&namespace(session), "");
        let generation = self.0.generation(&slot).await;
        let mut people = self.read(session).await;
        let invalidated = self.0.invalidate(&slot).await;
        if let (Ok(generation), Ok(())) = (generation, invalidated) {
            people.retain(|other| other.id != person);
            self.write(&slot, &people, generation + 1).await;
        }
    }

    /// The people of a session whose records were opened lately, the latest first.
    pub async fn load(&self, session: SessionId, now: Timestamp) -> Vec<RecentPerson> {
        let mut people = self.read(session).await;
        people.retain(|person| person.is_listed(now));
        people
    }

    async fn write(&self, slot: &Slot, people: &[RecentPerson], generation: u64) {
        if let Ok(value) = serde_json::to_vec(people) {
            let _ = self.0.put(slot, &value, TIME_TO_LIVE, generation).await;
        }
    }

    async fn read(&self, session: SessionId) -> Vec<RecentPerson> {
        let stored = self.0.get(&self.0.slot(&namespace(session), "")).await.ok().flatten();
        stored.and_then(|stored| serde_json::from_slice(&stored).ok()).unwrap_or_default()
    }

    pub async fn forget_session(&self, session: SessionId) {
        let _ = self.0.invalidate(&self.0.slot(&namespace(session), "")).await;
    }
}

impl RecentPerson {
    /// An entry of the previous version has no time and is left out.
    fn is_listed(&self, now: Timestamp) -> bool {
        self.opened_at.is_some_and(|opened_at| now.duration_since(opened_at) < LISTED)
    }
}

fn namespace(session: SessionId) -> String {
    format!("gateway/recent-people/{session}")
}

#[cfg(test)]
#[path = "recent_people_tests.rs"]
mod tests;
