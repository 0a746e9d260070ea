//! The people whose records a reader opened in this session, for their home page: name and birth date, as a search shows
//! them. It is sealed in the shared cache, ends with the session, and must never hold clinical content.

use std::time::Duration;

use jiff::civil::Date;
use lcr_cache::SealedCache;
use lcr_contracts::patient_index::PatientSummary;
use lcr_model::{PersonId, SessionId};
use serde::{Deserialize, Serialize};

/// Longer than a session may be idle.
const TIME_TO_LIVE: Duration = Duration::from_mins(30);
const MAX_PEOPLE: usize = 8;

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RecentPerson {
    pub id: PersonId,
    pub family: String,
    pub given: String,
    pub birth_date: Option<Date>,
}

pub(crate) struct RecentPeople(SealedCache);

impl RecentPeople {
    pub fn new(cache: SealedCache) -> Self {
        Self(cache)
    }

    /// Puts a person first. A cache that does not answer only shortens the list.
    pub async fn add(&self, session: SessionId, patient: &PatientSummary) {
        let slot = self.0.slot(&namespace(session), "");
        let Ok(generation) = self.0.generation(&slot).await else { return };
        let person = RecentPerson {
            id: patient.id,
            family: patient.family.clone(),
            given: patient.given.clone(),
            birth_date: patient.birth_date,
        };
        let others = self.load(session).await.into_iter().filter(|other| other.id != person.id);
        let people: Vec<RecentPerson> = std::iter::once(person.clone()).chain(others).take(MAX_PEOPLE).collect();
        if let Ok(value) = serde_json::to_vec(&people) {
            let _ = self.0.put(&slot, &value, TIME_TO_LIVE, generation).await;
        }
    }

    /// The people of a session, the latest first.
    pub async fn load(&self, session: SessionId) -> Vec<RecentPerson> {
        let stored = self.0.get(&self.0.slot(&namespace(session), "")).await.ok().flatten();
        stored.and_then(|stored| serde_json::from_slice(&stored).ok()).unwrap_or_default()
    }

    pub async fn forget_session(&self, session: SessionId) {
        let _ = self.0.invalidate(&self.0.slot(&namespace(session), "")).await;
    }
}

fn namespace(session: SessionId) -> String {
    format!("gateway/recent-people/{session}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patient(id: PersonId, given: &str) -> PatientSummary {
        PatientSummary {
            id,
            nhs_number: None,
            family: "Smith".into(),
            given: given.into(),
            title: None,
            birth_date: None,
            sex: "female".into(),
            died: false,
            location_protected: false,
            address: None,
            address_withheld: true,
            matched_on: String::new(),
        }
    }

    #[tokio::test]
    async fn the_latest_person_comes_first_and_once_and_only_in_their_session() {
        let (people, session) = (RecentPeople::new(crate::tests::cache()), SessionId::new());
        let [one, two] = [PersonId::new(), PersonId::new()];
        for (id, given) in [(one, "Ada"), (two, "Bea"), (one, "Ada")] {
            people.add(session, &patient(id, given)).await;
        }
        let given: Vec<String> = people.load(session).await.into_iter().map(|person| person.given).collect();
        assert_eq!(given, ["Ada", "Bea"]);
        assert!(people.load(SessionId::new()).await.is_empty());
        people.forget_session(session).await;
        assert!(people.load(session).await.is_empty());
    }
}
