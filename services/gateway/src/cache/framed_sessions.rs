//! Who may frame the sessions of launches, also after a session ended, so that its frame can say so. It is sealed in the shared
//! cache by the session's secret, which must never be stored. It must never hold patient data.

use std::time::Duration;

use lcr_cache::SealedCache;

/// A session lasts at most 12 hours. Its frame may be looked at later.
const TIME_TO_LIVE: Duration = Duration::from_hours(24);

pub(crate) struct FramedSessions(SealedCache);

impl FramedSessions {
    pub fn new(cache: SealedCache) -> Self {
        Self(cache)
    }

    /// Does nothing for a session that is not framed. If the cache does not answer, the frame of the ended session stays empty.
    pub async fn add(&self, secret: &str, ancestors: &[String]) {
        if ancestors.is_empty() {
            return;
        }
        let slot = self.0.slot(&namespace(secret), "");
        if let (Ok(generation), Ok(value)) = (self.0.generation(&slot).await, serde_json::to_vec(ancestors)) {
            let _ = self.0.put(&slot, &value, TIME_TO_LIVE, generation).await;
        }
    }

    /// The origins that may frame the session. Empty if it is not known.
    pub async fn ancestors(&self, secret: &str) -> Vec<String> {
        let stored = self.0.get(&self.0.slot(&namespace(secret), "")).await.ok().flatten();
        stored.and_then(|stored| serde_json::from_slice(&stored).ok()).unwrap_or_default()
    }
}

/// The cache hashes it with a key.
fn namespace(secret: &str) -> String {
    format!("gateway/framed-session/{secret}")
}
