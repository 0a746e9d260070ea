//! Marks rows as new or changed since the reader last viewed the list, or since yesterday if no earlier view is known.
//! It compares ids, versions and times, and must store nothing else about a patient.

use std::collections::HashMap;

use jiff::{Timestamp, ToSpan};
use lcr_contracts::ward::InpatientRow;
use lcr_model::SpellId;
use serde::{Deserialize, Serialize};

use crate::layout::format::{format_moment_near, in_london};

/// The version of each stay on a list.
pub type StayVersions = HashMap<SpellId, i64>;

/// The earlier state that a list is compared with. The cache stores it, so the stored name stays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Baseline {
    #[serde(rename = "Looked")]
    LastView {
        at: Timestamp,
        versions: StayVersions,
    },
    Yesterday,
}

/// How a row differs from what the reader saw.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeMark {
    New,
    Changed,
    Seen,
}

/// When a stay began, and the time of its newest field.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RowTimes {
    pub began: Option<Timestamp>,
    pub newest: Option<Timestamp>,
}

impl Baseline {
    pub fn mark(&self, spell: &SpellId, version: i64, times: RowTimes, now: Timestamp) -> ChangeMark {
        let recent = |at: Option<Timestamp>| at.is_some_and(|at| at >= start_of_yesterday(now));
        match self {
            Self::LastView { versions, .. } => match versions.get(spell) {
                None => ChangeMark::New,
                Some(seen) if *seen != version => ChangeMark::Changed,
                Some(_) => ChangeMark::Seen,
            },
            Self::Yesterday if recent(times.began) => ChangeMark::New,
            Self::Yesterday if recent(times.newest) => ChangeMark::Changed,
            Self::Yesterday => ChangeMark::Seen,
        }
    }

    /// "since you looked".
    pub fn words(&self) -> &'static str {
        match self {
            Self::LastView { .. } => "since you looked",
            Self::Yesterday => "since yesterday",
        }
    }

    /// The sentence that says what the marks are compared with.
    pub fn explanation(&self, now: Timestamp) -> String {
        match self {
            Self::LastView { at, .. } => {
                format!("New and changed are marked since you last looked ({}).", format_moment_near(*at, now))
            }
            Self::Yesterday => {
                "No earlier view of this list is known here: new and changed are marked since yesterday.".to_owned()
            }
        }
    }
}

impl ChangeMark {
    /// The text on the row. `None` for a row that the reader has seen.
    pub fn words(self, baseline: &Baseline) -> Option<String> {
        match self {
            Self::New => Some(format!("New {}", baseline.words())),
            Self::Changed => Some(format!("Changed {}", baseline.words())),
            Self::Seen => None,
        }
    }
}

/// The start of yesterday in London.
fn start_of_yesterday(now: Timestamp) -> Timestamp {
    let before = in_london(now).checked_sub(1.day()).and_then(|day| day.start_of_day());
    before.map_or(now, |day| day.timestamp())
}

/// The time of the newest field of a stay.
pub(super) fn newest_time(row: &InpatientRow) -> Option<Timestamp> {
    let cells = [
        row.place.as_ref().map(|cell| cell.at),
        row.consultant.as_ref().map(|cell| cell.at),
        row.specialty.as_ref().map(|cell| cell.at),
        row.admitted.as_ref().map(|cell| cell.at),
        row.expected_discharge.as_ref().map(|cell| cell.at),
        row.reside.as_ref().map(|cell| cell.at),
        row.needed.as_ref().map(|cell| cell.at),
        row.plan.as_ref().map(|cell| cell.at),
        row.pathway.as_ref().map(|cell| cell.at),
        row.going_to.as_ref().map(|cell| cell.at),
        row.transfer.as_ref().map(|cell| cell.at),
    ];
    let further = row.further.iter().filter_map(|field| field.value.as_ref().map(|cell| cell.at));
    cells.into_iter().flatten().chain(further).chain(row.disagreements.iter().map(|one| one.at)).max()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn versions_separate_new_changed_and_seen_rows() {
        let (a, b) = (SpellId::new("a"), SpellId::new("b"));
        let now = at("2026-11-21T14:00:00Z");
        let baseline = Baseline::LastView { at: now, versions: StayVersions::from([(a.clone(), 3)]) };
        let mark = |spell, version| baseline.mark(spell, version, RowTimes::default(), now);
        assert_eq!([mark(&a, 3), mark(&a, 4), mark(&b, 1)], [ChangeMark::Seen, ChangeMark::Changed, ChangeMark::New]);
        assert_eq!(mark(&b, 1).words(&baseline).as_deref(), Some("New since you looked"));
    }

    #[test]
    fn without_an_earlier_view_rows_are_marked_from_midnight_yesterday() {
        // In summer the day in London starts at 23:00 UTC.
        let now = at("2026-07-21T10:00:00Z");
        let mark = |began: &str, newest: &str| {
            let times = RowTimes { began: Some(at(began)), newest: Some(at(newest)) };
            Baseline::Yesterday.mark(&SpellId::new("a"), 1, times, now)
        };
        assert_eq!(mark("2026-07-19T23:00:00Z", "2026-07-19T23:00:00Z"), ChangeMark::New);
        assert_eq!(mark("2026-07-19T22:59:59Z", "2026-07-20T06:00:00Z"), ChangeMark::Changed);
        assert_eq!(mark("2026-07-10T10:00:00Z", "2026-07-19T22:59:59Z"), ChangeMark::Seen);
    }
}
