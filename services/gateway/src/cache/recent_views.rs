//! Remembers when a reader last viewed a list and which versions of stays it showed, to mark what is new. It must hold
//! only ids and version numbers, sealed in the shared cache. It is kept by reader: a session ends after 15 idle minutes,
//! and news since the morning must still be marked after lunch.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use lcr_cache::{SealedCache, Slot};
use lcr_model::UserId;
use serde::{Deserialize, Serialize};

use crate::ward::change_mark::{Baseline, StayVersions};

const RETENTION: Duration = Duration::from_hours(14 * 24);
/// A reader who returns within this time is on the same visit, and marks stay.
const SAME_VISIT: SignedDuration = SignedDuration::from_mins(10);
/// Stays remembered per list. A longer list is marked "since yesterday".
const MAX_STAYS: usize = 5_000;

/// The reader, and the list's own link.
pub(crate) type ListKey = (UserId, String);

#[derive(Serialize, Deserialize)]
struct RecentView {
    /// The view that marks are compared with.
    before: Baseline,
    /// Everything shown to the reader so far.
    shown: StayVersions,
    at: Timestamp,
}

pub(crate) struct RecentViews(SealedCache);

impl RecentViews {
    pub fn new(cache: SealedCache) -> Self {
        Self(cache)
    }

    /// The view that the reader's next view is compared with.
    pub async fn since(&self, key: &ListKey, now: Timestamp) -> Baseline {
        let Some(view) = self.read(key).await else { return Baseline::Yesterday };
        if now.duration_since(view.at) < SAME_VISIT { view.before } else { view.as_baseline() }
    }

    /// Records a view. `all` are the stays of the list, `shown` those that pass the filter.
    pub async fn record(
        &self,
        key: &ListKey,
        now: Timestamp,
        before: Baseline,
        all: &StayVersions,
        shown: StayVersions,
    ) {
        let mut shown_before = self.read(key).await.map(|view| view.shown).unwrap_or_default();
        shown_before.retain(|spell, _| all.contains_key(spell));
        shown_before.extend(shown);
        if shown_before.len() <= MAX_STAYS {
            self.write(key, &RecentView { before, shown: shown_before, at: now }).await;
        }
    }

    /// Clears the marks: the reader has seen them.
    pub async fn mark_seen(&self, key: &ListKey) {
        if let Some(view) = self.read(key).await {
            self.write(key, &RecentView { before: view.as_baseline(), ..view }).await;
        }
    }

    fn slot(&self, key: &ListKey) -> Slot {
        self.0.slot(&format!("gateway/looked/{}", key.0), &key.1)
    }

    async fn read(&self, key: &ListKey) -> Option<RecentView> {
        let stored = self.0.get(&self.slot(key)).await.ok()??;
        serde_json::from_slice(&stored).ok()
    }

    async fn write(&self, key: &ListKey, view: &RecentView) {
        let slot = self.slot(key);
        if let (Ok(value), Ok(generation)) = (serde_json::to_vec(view), self.0.generation(&slot).await) {
            let _ = self.0.put(&slot, &value, RETENTION, generation).await;
        }
    }
}

impl RecentView {
    fn as_baseline(&self) -> Baseline {
        Baseline::LastView { at: self.at, versions: self.shown.clone() }
    }
}

#[cfg(test)]
#[path = "recent_views_tests.rs"]
mod tests;
