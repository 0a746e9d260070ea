//! What is new: since the reader last looked at this list, or, where no earlier look is known, since yesterday.
//! Only ids and versions are compared; nothing of anybody is kept.

use std::collections::HashMap;

use jiff::{Timestamp, ToSpan};
use lcr_model::SpellId;
use serde::{Deserialize, Serialize};

use crate::view::words::{in_london, moment_near};

/// The stays of a list by version.
pub type Versions = HashMap<SpellId, i64>;

/// What a list is compared with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Since {
    Looked { at: Timestamp, versions: Versions },
    Yesterday,
}

/// How a row stands to what was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    New,
    Changed,
    Seen,
}

/// When a row says it began and was last told of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Times {
    pub began: Option<Timestamp>,
    pub newest: Option<Timestamp>,
}

impl Since {
    pub fn mark(&self, spell: &SpellId, version: i64, times: Times, now: Timestamp) -> Mark {
        let recent = |at: Option<Timestamp>| at.is_some_and(|at| at >= yesterday(now));
        match self {
            Self::Looked { versions, .. } => match versions.get(spell) {
                None => Mark::New,
                Some(seen) if *seen != version => Mark::Changed,
                Some(_) => Mark::Seen,
            },
            Self::Yesterday if recent(times.began) => Mark::New,
            Self::Yesterday if recent(times.newest) => Mark::Changed,
            Self::Yesterday => Mark::Seen,
        }
    }

    /// "since you looked", with nothing to count in it.
    pub fn words(&self) -> &'static str {
        match self {
            Self::Looked { .. } => "since you looked",
            Self::Yesterday => "since yesterday",
        }
    }

    /// What the marks are compared with, in a sentence.
    pub fn explained(&self, now: Timestamp) -> String {
        match self {
            Self::Looked { at, .. } => {
                format!("New and changed are marked since you last looked ({}).", moment_near(*at, now))
            }
            Self::Yesterday => {
                "No earlier look of yours is known here: new and changed are marked since yesterday."
                    .to_owned()
            }
        }
    }
}

impl Mark {
    /// The words on the row.
    pub fn words(self, since: &Since) -> Option<String> {
        match self {
            Self::New => Some(format!("New {}", since.words())),
            Self::Changed => Some(format!("Changed {}", since.words())),
            Self::Seen => None,
        }
    }
}

/// The first moment of yesterday, in Leeds.
fn yesterday(now: Timestamp) -> Timestamp {
    let before = in_london(now).checked_sub(1.day()).and_then(|day| day.start_of_day());
    before.map_or(now, |day| day.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn versions_tell_new_from_changed_from_seen() {
        let (a, b) = (SpellId::new("a"), SpellId::new("b"));
        let now = at("2026-11-21T14:00:00Z");
        let since = Since::Looked { at: now, versions: Versions::from([(a.clone(), 3)]) };
        let mark = |spell, version| since.mark(spell, version, Times::default(), now);
        assert_eq!([mark(&a, 3), mark(&a, 4), mark(&b, 1)], [Mark::Seen, Mark::Changed, Mark::New]);
        assert_eq!(mark(&b, 1).words(&since).as_deref(), Some("New since you looked"));
    }

    #[test]
    fn without_an_earlier_look_yesterday_counts_from_its_first_minute() {
        // Summer: the day in Leeds begins at 23:00 UTC.
        let now = at("2026-07-21T10:00:00Z");
        let mark = |began: &str, newest: &str| {
            let times = Times { began: Some(at(began)), newest: Some(at(newest)) };
            Since::Yesterday.mark(&SpellId::new("a"), 1, times, now)
        };
        assert_eq!(mark("2026-07-19T23:00:00Z", "2026-07-19T23:00:00Z"), Mark::New);
        assert_eq!(mark("2026-07-19T22:59:59Z", "2026-07-20T06:00:00Z"), Mark::Changed);
        assert_eq!(mark("2026-07-10T10:00:00Z", "2026-07-19T22:59:59Z"), Mark::Seen);
    }
}
