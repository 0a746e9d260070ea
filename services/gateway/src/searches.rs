//! Search results kept for five minutes so that no name or number ever stands in a URL. Bound to the session
//! that searched, bounded in number, in memory alone: never logged, never written down.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use jiff::{SignedDuration, Timestamp};
use lcr_contracts::patient_index::{SearchAnswer, SearchQuery};
use lcr_model::SessionId;
use uuid::Uuid;

const LIVES: SignedDuration = SignedDuration::from_mins(5);
const MOST: usize = 2_000;

/// One search and its answer.
#[derive(Clone)]
pub(crate) struct Held {
    session: SessionId,
    at: Timestamp,
    pub query: SearchQuery,
    pub answer: SearchAnswer,
}

#[derive(Default)]
pub(crate) struct Searches(Mutex<HashMap<Uuid, Held>>);

impl Searches {
    /// Keeps an answer and names it by an id that says nothing.
    pub fn keep(&self, session: SessionId, now: Timestamp, query: SearchQuery, answer: SearchAnswer) -> Uuid {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.retain(|_, one| now.duration_since(one.at) < LIVES);
        if held.len() >= MOST {
            let oldest = held.iter().min_by_key(|(_, one)| one.at).map(|(id, _)| *id);
            oldest.map(|id| held.remove(&id));
        }
        let id = Uuid::new_v4();
        held.insert(id, Held { session, at: now, query, answer });
        id
    }

    /// The answer, for the session that asked and while it lives.
    pub fn find(&self, id: Uuid, session: SessionId, now: Timestamp) -> Option<Held> {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.get(&id).filter(|one| one.session == session && now.duration_since(one.at) < LIVES).cloned()
    }

    /// Forgets what a session searched for.
    pub fn forget(&self, session: SessionId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).retain(|_, one| one.session != session);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_for_its_session_and_five_minutes() {
        let (searches, session, now) = (Searches::default(), SessionId::new(), Timestamp::UNIX_EPOCH);
        let answer = SearchAnswer { people: Vec::new(), more: false };
        let id = searches.keep(session, now, SearchQuery::default(), answer);
        assert!(searches.find(id, session, now).is_some());
        assert!(searches.find(id, SessionId::new(), now).is_none());
        assert!(searches.find(id, session, now + SignedDuration::from_mins(5)).is_none());
        searches.forget(session);
        assert!(searches.find(id, session, now).is_none());
    }
}
