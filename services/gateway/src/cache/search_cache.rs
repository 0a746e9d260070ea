//! Stores search results for five minutes under a random id, so that no name or number appears in a URL. They are sealed
//! in the shared cache and bound to the session that searched. They must never be logged.

use std::time::Duration;

use lcr_cache::SealedCache;
use lcr_contracts::patient_index::{SearchAnswer, SearchQuery};
use lcr_model::SessionId;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

const TIME_TO_LIVE: Duration = Duration::from_mins(5);

/// One search and its answer.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct CachedSearch {
    pub query: SearchQuery,
    pub answer: SearchAnswer,
}

pub(crate) struct SearchCache(SealedCache);

impl SearchCache {
    pub fn new(cache: SealedCache) -> Self {
        Self(cache)
    }

    /// Stores a search and returns its random id, or `None` if the cache is unavailable.
    pub async fn store(&self, session: SessionId, search: &CachedSearch) -> Option<Uuid> {
        let id = Uuid::new_v4();
        let slot = self.0.slot(&namespace(session), &id.to_string());
        let value = serde_json::to_vec(search).ok()?;
        let generation = self.0.generation(&slot).await.ok()?;
        let stored = self.0.put(&slot, &value, TIME_TO_LIVE, generation).await;
        matches!(stored, Ok(true)).then_some(id)
    }

    /// The search, if the same session made it and it has not expired.
    pub async fn load(&self, id: Uuid, session: SessionId) -> Option<CachedSearch> {
        let stored = self.0.get(&self.0.slot(&namespace(session), &id.to_string())).await.ok()??;
        serde_json::from_slice(&stored).ok()
    }

    /// Deletes all searches of a session.
    pub async fn forget_session(&self, session: SessionId) {
        let _ = self.0.invalidate(&self.0.slot(&namespace(session), "")).await;
    }
}

fn namespace(session: SessionId) -> String {
    format!("gateway/searches/{session}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_search_can_only_be_loaded_by_its_session_and_is_deleted_with_it() {
        let (cache, session) = (SearchCache::new(crate::tests::cache()), SessionId::new());
        let answer = SearchAnswer { people: Vec::new(), more: false };
        let search = CachedSearch { query: SearchQuery::default(), answer };
        let id = cache.store(session, &search).await.unwrap();
        assert!(cache.load(id, session).await.is_some());
        assert!(cache.load(id, SessionId::new()).await.is_none());
        cache.forget_session(session).await;
        assert!(cache.load(id, session).await.is_none());
    }
}
