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
mod tests {
    use jiff::ToSpan;
    use lcr_model::SpellId;

    use super::*;

    fn key() -> ListKey {
        (UserId::new("gp"), "/ward?practice=B86000".into())
    }

    fn versions(all: &[(&str, i64)]) -> StayVersions {
        all.iter().map(|(id, version)| (SpellId::new(*id), *version)).collect()
    }

    async fn open_list(recent_views: &RecentViews, now: Timestamp, all: &[(&str, i64)]) -> Baseline {
        let since = recent_views.since(&key(), now).await;
        recent_views.record(&key(), now, since.clone(), &versions(all), versions(all)).await;
        since
    }

    #[tokio::test]
    async fn marks_stay_during_a_visit_and_change_with_the_next() {
        let (recent_views, start) = (RecentViews::new(crate::tests::cache()), Timestamp::UNIX_EPOCH);
        assert_eq!(open_list(&recent_views, start, &[("a", 1)]).await, Baseline::Yesterday);
        let next = start + 1.hour();
        let expected = Baseline::LastView { at: start, versions: versions(&[("a", 1)]) };
        assert_eq!(open_list(&recent_views, next, &[("a", 1), ("b", 1)]).await, expected);
        // A filter chosen a minute later is part of the same visit.
        assert_eq!(open_list(&recent_views, next + 1.minute(), &[("a", 1), ("b", 1)]).await, expected);
        let later = open_list(&recent_views, next + 1.hour(), &[("a", 1), ("b", 1)]).await;
        assert!(matches!(later, Baseline::LastView { versions, .. } if versions.len() == 2));
    }

    #[tokio::test]
    async fn a_filtered_out_stay_is_not_seen_and_a_reader_can_clear_the_marks() {
        let (recent_views, now) = (RecentViews::new(crate::tests::cache()), Timestamp::UNIX_EPOCH);
        let all = versions(&[("a", 1), ("b", 1)]);
        recent_views.record(&key(), now, Baseline::Yesterday, &all, versions(&[("a", 1)])).await;
        assert_eq!(recent_views.since(&key(), now).await, Baseline::Yesterday);
        recent_views.mark_seen(&key()).await;
        let seen = Baseline::LastView { at: now, versions: versions(&[("a", 1)]) };
        assert_eq!(recent_views.since(&key(), now).await, seen);
        assert_eq!(recent_views.since(&(UserId::new("other"), key().1), now).await, Baseline::Yesterday);
    }

    #[tokio::test]
    async fn a_list_too_long_to_remember_is_marked_since_yesterday() {
        let (recent_views, now) = (RecentViews::new(crate::tests::cache()), Timestamp::UNIX_EPOCH);
        let all: StayVersions = (0..=MAX_STAYS).map(|id| (SpellId::new(id.to_string()), 1)).collect();
        recent_views.record(&key(), now, Baseline::Yesterday, &all, all.clone()).await;
        assert_eq!(recent_views.since(&key(), now + 1.hour()).await, Baseline::Yesterday);
    }
}
