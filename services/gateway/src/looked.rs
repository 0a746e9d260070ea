//! When a reader last looked at a list, and which versions of which stays were on it: ids and numbers alone, in
//! memory, bounded. Losing it costs a mark, never a row. It is kept by reader and not by session: fifteen quiet
//! minutes end a session, and what is new since the morning must still be marked after lunch.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use jiff::{SignedDuration, Timestamp};
use lcr_model::UserId;

use crate::view::ward::since::{Since, Versions};

const LIVES: SignedDuration = SignedDuration::from_hours(14 * 24);
/// A reader who comes back after so long begins a new look; sooner, marks stay.
const PAUSE: SignedDuration = SignedDuration::from_mins(10);
const MOST_LISTS: usize = 2_000;
const MOST_STAYS: usize = 200_000;

/// Whose list: the reader, and the list as its own link names it.
pub(crate) type Key = (UserId, String);

struct Look {
    /// What marks are compared with.
    before: Since,
    /// What has been on the reader's screen by now.
    shown: Versions,
    at: Timestamp,
}

#[derive(Default)]
pub(crate) struct Looked(Mutex<HashMap<Key, Look>>);

impl Looked {
    /// What this look is compared with.
    pub fn since(&self, key: &Key, now: Timestamp) -> Since {
        let looks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(look) = looks.get(key).filter(|look| now.duration_since(look.at) < LIVES) else {
            return Since::Yesterday;
        };
        if now.duration_since(look.at) < PAUSE { look.before.clone() } else { look.seen() }
    }

    /// Notes what is on the screen now. `all` are the stays of the list, `shown` those the filter lets through.
    pub fn note(&self, key: Key, now: Timestamp, before: Since, all: &Versions, shown: Versions) {
        let mut looks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        looks.retain(|_, look| now.duration_since(look.at) < LIVES);
        let mut kept = looks.remove(&key).map(|look| look.shown).unwrap_or_default();
        kept.retain(|spell, _| all.contains_key(spell));
        kept.extend(shown);
        looks.insert(key, Look { before, shown: kept, at: now });
        while looks.len() > MOST_LISTS
            || looks.values().map(|look| look.shown.len()).sum::<usize>() > MOST_STAYS
        {
            let oldest = looks.iter().min_by_key(|(_, look)| look.at).map(|(key, _)| key.clone());
            let Some(oldest) = oldest else { break };
            looks.remove(&oldest);
        }
    }

    /// The reader says they have seen what is marked.
    pub fn seen(&self, key: &Key) {
        let mut looks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(look) = looks.get_mut(key) {
            look.before = look.seen();
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

    fn look(looked: &Looked, now: Timestamp, all: &[(&str, i64)]) -> Since {
        let since = looked.since(&key(), now);
        looked.note(key(), now, since.clone(), &versions(all), versions(all));
        since
    }

    #[test]
    fn marks_stay_through_a_visit_and_go_with_the_next() {
        let (looked, start) = (Looked::default(), Timestamp::UNIX_EPOCH);
        assert_eq!(look(&looked, start, &[("a", 1)]), Since::Yesterday);
        let next = start + 1.hour();
        let expected = Since::Looked { at: start, versions: versions(&[("a", 1)]) };
        assert_eq!(look(&looked, next, &[("a", 1), ("b", 1)]), expected);
        // A filter is pressed a minute later: the marks are still those of this visit.
        assert_eq!(look(&looked, next + 1.minute(), &[("a", 1), ("b", 1)]), expected);
        let later = look(&looked, next + 1.hour(), &[("a", 1), ("b", 1)]);
        assert!(matches!(later, Since::Looked { versions, .. } if versions.len() == 2));
    }

    #[test]
    fn what_a_filter_left_out_is_not_seen_and_the_reader_may_say_they_have_seen() {
        let (looked, now) = (Looked::default(), Timestamp::UNIX_EPOCH);
        let all = versions(&[("a", 1), ("b", 1)]);
        looked.note(key(), now, Since::Yesterday, &all, versions(&[("a", 1)]));
        assert_eq!(looked.since(&key(), now), Since::Yesterday);
        looked.seen(&key());
        assert_eq!(looked.since(&key(), now), Since::Looked { at: now, versions: versions(&[("a", 1)]) });
        assert_eq!(looked.since(&(UserId::new("other"), key().1), now), Since::Yesterday);
    }

    #[test]
    fn it_holds_a_bounded_number_of_lists() {
        let (looked, now) = (Looked::default(), Timestamp::UNIX_EPOCH);
        for number in 0..i64::try_from(MOST_LISTS).unwrap() + 5 {
            let key = (UserId::new(format!("{number}")), String::new());
            looked.note(key, now + number.seconds(), Since::Yesterday, &versions(&[]), versions(&[]));
        }
        assert_eq!(looked.0.lock().unwrap().len(), MOST_LISTS);
        assert_eq!(looked.since(&(UserId::new("0"), String::new()), now), Since::Yesterday);
    }
}
