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
#[path = "change_mark_tests.rs"]
mod tests;
