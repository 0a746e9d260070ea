//! Stores searches for some minutes under a random id, so that no name or number appears in a URL: the search for a person
//! with its results, and an officer's search of the log. They are sealed in the shared cache and bound to the session that
//! searched. They must never be logged.

use std::time::Duration;

use lcr_cache::SealedCache;
use lcr_contracts::patient_index::{SearchAnswer, SearchQuery};
use lcr_model::SessionId;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use uuid::Uuid;

const TIME_TO_LIVE: Duration = Duration::from_mins(5);
/// An officer reads page after page of one search.
const LOG_TIME_TO_LIVE: Duration = Duration::from_mins(15);
/// The slot with the id of the session's last search.
const LAST: &str = "last";

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
        self.put(session, &id.to_string(), search, TIME_TO_LIVE).await?;
        self.put(session, LAST, &id, TIME_TO_LIVE).await?;
        Some(id)
    }

    /// The search, if the same session made it and it has not expired.
    pub async fn load(&self, id: Uuid, session: SessionId) -> Option<CachedSearch> {
        self.get(session, &id.to_string()).await
    }

    /// The session's last search, if it has not expired.
    pub async fn load_last(&self, session: SessionId) -> Option<CachedSearch> {
        let id: Uuid = self.get(session, LAST).await?;
        self.load(id, session).await
    }

    /// Stores a search of the log and returns its random id, or `None` if the cache is unavailable.
    pub async fn store_log_search(&self, session: SessionId, search: &impl Serialize) -> Option<Uuid> {
        let id = Uuid::new_v4();
        self.put(session, &log_key(id), search, LOG_TIME_TO_LIVE).await?;
        Some(id)
    }

    /// The search of the log, if the same session made it and it has not expired.
    pub async fn load_log_search<T: DeserializeOwned>(&self, id: Uuid, session: SessionId) -> Option<T> {
        self.get(session, &log_key(id)).await
    }

    async fn put(&self, session: SessionId, key: &str, value: &impl Serialize, time_to_live: Duration) -> Option<()> {
        let slot = self.0.slot(&namespace(session), key);
        let value = serde_json::to_vec(value).ok()?;
        let generation = self.0.generation(&slot).await.ok()?;
        let stored = self.0.put(&slot, &value, time_to_live, generation).await;
        matches!(stored, Ok(true)).then_some(())
    }

    async fn get<T: DeserializeOwned>(&self, session: SessionId, key: &str) -> Option<T> {
        let stored = self.0.get(&self.0.slot(&namespace(session), key)).await.ok()??;
        serde_json::from_slice(&stored).ok()
    }

    /// Deletes all searches of a session.
    pub async fn forget_session(&self, session: SessionId) {
        let _ = self.0.invalidate(&self.0.slot(&namespace(session), "")).await;
    }
}

fn log_key(id: Uuid) -> String {
    format!("log/{id}")
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
        assert!(cache.load_last(session).await.is_some() && cache.load_last(SessionId::new()).await.is_none());
        cache.forget_session(session).await;
        assert!(cache.load(id, session).await.is_none() && cache.load_last(session).await.is_none());
    }
}
