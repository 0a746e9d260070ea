//! When a reader last looked at a list, and which versions of which stays were on it: ids and numbers alone, in the
//! cache that replicas share, sealed. Losing it costs a mark, never a row. It is kept by reader and not by session:
//! fifteen quiet minutes end a session, and what is new since the morning must still be marked after lunch.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use lcr_cache::{SealedCache, Slot};
use lcr_model::UserId;
use serde::{Deserialize, Serialize};

use crate::view::ward::since::{Since, Versions};

const LIVES: Duration = Duration::from_hours(14 * 24);
/// A reader who comes back after so long begins a new look; sooner, marks stay.
const PAUSE: SignedDuration = SignedDuration::from_mins(10);
/// Stays remembered of one list; a longer one is marked since yesterday.
const MOST_STAYS: usize = 5_000;

/// Whose list: the reader, and the list as its own link names it.
pub(crate) type Key = (UserId, String);

#[derive(Serialize, Deserialize)]
struct Look {
    /// What marks are compared with.
    before: Since,
    /// What has been on the reader's screen by now.
    shown: Versions,
    at: Timestamp,
}

pub(crate) struct Looked(SealedCache);

impl Looked {
    pub fn new(cache: SealedCache) -> Self {
        Self(cache)
    }

    /// What this look is compared with.
    pub async fn since(&self, key: &Key, now: Timestamp) -> Since {
        let Some(look) = self.read(key).await else { return Since::Yesterday };
        if now.duration_since(look.at) < PAUSE { look.before } else { look.seen() }
    }

    /// Notes what is on the screen now. `all` are the stays of the list, `shown` those the filter lets through.
    pub async fn note(&self, key: &Key, now: Timestamp, before: Since, all: &Versions, shown: Versions) {
        let mut kept = self.read(key).await.map(|look| look.shown).unwrap_or_default();
        kept.retain(|spell, _| all.contains_key(spell));
        kept.extend(shown);
        if kept.len() <= MOST_STAYS {
            self.write(key, &Look { before, shown: kept, at: now }).await;
        }
    }

    /// The reader says they have seen what is marked.
    pub async fn seen(&self, key: &Key) {
        if let Some(look) = self.read(key).await {
            self.write(key, &Look { before: look.seen(), ..look }).await;
        }
    }

    fn slot(&self, key: &Key) -> Slot {
        self.0.slot(&format!("gateway/looked/{}", key.0), &key.1)
    }

    async fn read(&self, key: &Key) -> Option<Look> {
        let found = self.0.get(&self.slot(key)).await.ok()??;
        serde_json::from_slice(&found).ok()
    }

    async fn write(&self, key: &Key, look: &Look) {
        let slot = self.slot(key);
        if let (Ok(value), Ok(generation)) = (serde_json::to_vec(look), self.0.generation(&slot).await) {
            let _ = self.0.put(&slot, &value, LIVES, generation).await;
        }
    }
}

impl Look {
    fn seen(&self) -> Since {
        Since::Looked { at: self.at, versions: self.shown.clone() }
    }
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan;
    use lcr_model::SpellId;

    use super::*;

    fn key() -> Key {
        (UserId::new("gp"), "/ward?practice=B86000".into())
    }

    fn versions(all: &[(&str, i64)]) -> Versions {
        all.iter().map(|(id, version)| (SpellId::new(*id), *version)).collect()
    }

    async fn look(looked: &Looked, now: Timestamp, all: &[(&str, i64)]) -> Since {
        let since = looked.since(&key(), now).await;
        looked.note(&key(), now, since.clone(), &versions(all), versions(all)).await;
        since
    }

    #[tokio::test]
    async fn marks_stay_through_a_visit_and_go_with_the_next() {
        let (looked, start) = (Looked::new(crate::tests::cache()), Timestamp::UNIX_EPOCH);
        assert_eq!(look(&looked, start, &[("a", 1)]).await, Since::Yesterday);
        let next = start + 1.hour();
        let expected = Since::Looked { at: start, versions: versions(&[("a", 1)]) };
        assert_eq!(look(&looked, next, &[("a", 1), ("b", 1)]).await, expected);
        // A filter is pressed a minute later: the marks are still those of this visit.
        assert_eq!(look(&looked, next + 1.minute(), &[("a", 1), ("b", 1)]).await, expected);
        let later = look(&looked, next + 1.hour(), &[("a", 1), ("b", 1)]).await;
        assert!(matches!(later, Since::Looked { versions, .. } if versions.len() == 2));
    }

    #[tokio::test]
    async fn what_a_filter_left_out_is_not_seen_and_the_reader_may_say_they_have_seen() {
        let (looked, now) = (Looked::new(crate::tests::cache()), Timestamp::UNIX_EPOCH);
        let all = versions(&[("a", 1), ("b", 1)]);
        looked.note(&key(), now, Since::Yesterday, &all, versions(&[("a", 1)])).await;
        assert_eq!(looked.since(&key(), now).await, Since::Yesterday);
        looked.seen(&key()).await;
        let seen = Since::Looked { at: now, versions: versions(&[("a", 1)]) };
        assert_eq!(looked.since(&key(), now).await, seen);
        assert_eq!(looked.since(&(UserId::new("other"), key().1), now).await, Since::Yesterday);
    }

    #[tokio::test]
    async fn a_list_too_long_to_remember_is_marked_since_yesterday() {
        let (looked, now) = (Looked::new(crate::tests::cache()), Timestamp::UNIX_EPOCH);
        let all: Versions = (0..=MOST_STAYS).map(|one| (SpellId::new(one.to_string()), 1)).collect();
        looked.note(&key(), now, Since::Yesterday, &all, all.clone()).await;
        assert_eq!(looked.since(&key(), now + 1.hour()).await, Since::Yesterday);
    }
}
