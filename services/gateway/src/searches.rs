//! Search results kept for five minutes so that no name or number ever stands in a URL. Bound to the session that
//! searched, in the cache that replicas share, sealed there: never logged, and gone with the session. A cache that is
//! away keeps nothing: the answer is then shown where it was asked for, and cannot be come back to.

use std::time::Duration;

use lcr_cache::SealedCache;
use lcr_contracts::patient_index::{SearchAnswer, SearchQuery};
use lcr_model::SessionId;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

const LIVES: Duration = Duration::from_mins(5);

/// One search and its answer.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Held {
    pub query: SearchQuery,
    pub answer: SearchAnswer,
}

pub(crate) struct Searches(SealedCache);

impl Searches {
    pub fn new(cache: SealedCache) -> Self {
        Self(cache)
    }

    /// Keeps an answer and names it by an id that says nothing; `None` while the cache is away.
    pub async fn keep(&self, session: SessionId, held: &Held) -> Option<Uuid> {
        let id = Uuid::new_v4();
        let slot = self.0.slot(&of(session), &id.to_string());
        let value = serde_json::to_vec(held).ok()?;
        let generation = self.0.generation(&slot).await.ok()?;
        let kept = self.0.put(&slot, &value, LIVES, generation).await;
        matches!(kept, Ok(true)).then_some(id)
    }

    /// The answer, for the session that asked and while it lives.
    pub async fn find(&self, id: Uuid, session: SessionId) -> Option<Held> {
        let found = self.0.get(&self.0.slot(&of(session), &id.to_string())).await.ok()??;
        serde_json::from_slice(&found).ok()
    }

    /// Forgets what a session searched for.
    pub async fn forget(&self, session: SessionId) {
        let _ = self.0.invalidate(&self.0.slot(&of(session), "")).await;
    }
}

fn of(session: SessionId) -> String {
    format!("gateway/searches/{session}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_answer_is_for_its_session_and_is_forgotten_with_it() {
        let (searches, session) = (Searches::new(crate::tests::cache()), SessionId::new());
        let answer = SearchAnswer { people: Vec::new(), more: false };
        let held = Held { query: SearchQuery::default(), answer };
        let id = searches.keep(session, &held).await.unwrap();
        assert!(searches.find(id, session).await.is_some());
        assert!(searches.find(id, SessionId::new()).await.is_none());
        searches.forget(session).await;
        assert!(searches.find(id, session).await.is_none());
    }
}
