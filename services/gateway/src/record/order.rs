//! The order of a list: by what counts now, by date, by name or by source. Equal entries keep one order however they came, and
//! an ended or refuted entry is never above an active one unless the reader asks for another order.

use std::cmp::Reverse;

use lcr_contracts::record::{Detail, Entry};
use lcr_model::Dataset;

use crate::{
    layout::format::date_sort_key,
    record::entry::{source_names, title},
};

/// How a reader wants a list sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// Active before past, then newest first.
    Usual,
    Newest,
    Oldest,
    Name,
    Source,
}

impl Sort {
    pub fn parse(text: &str) -> Self {
        match text {
            "newest" => Self::Newest,
            "oldest" => Self::Oldest,
            "name" => Self::Name,
            "source" => Self::Source,
            _ => Self::Usual,
        }
    }

    /// The orders of a dataset: the value in the address, and the words of the link. The first is the usual one.
    pub fn choices(dataset: Dataset) -> [(&'static str, &'static str); 4] {
        let has_past =
            matches!(dataset, Dataset::Allergies | Dataset::Medications | Dataset::Diagnoses | Dataset::Encounters);
        let usual = if has_past { ("", "Active first") } else { ("", "Newest first") };
        [usual, ("oldest", "Oldest first"), ("name", "By name"), ("source", "By source")]
    }
}

/// Sorts entries for a list.
pub fn sort_entries(entries: &mut [&Entry], sort: Sort) {
    let date = |entry: &Entry| entry.date.as_deref().map(date_sort_key);
    let newest = |entry: &Entry| (Reverse(date(entry)), entry.id.clone());
    match sort {
        Sort::Usual => entries.sort_by_cached_key(|entry| (standing(entry), newest(entry))),
        Sort::Newest => entries.sort_by_cached_key(|entry| newest(entry)),
        // An entry without a date comes last in either direction.
        Sort::Oldest => entries.sort_by_cached_key(|entry| (date(entry).is_none(), date(entry), entry.id.clone())),
        Sort::Name => entries.sort_by_cached_key(|entry| (title(entry).to_lowercase(), newest(entry))),
        Sort::Source => entries.sort_by_cached_key(|entry| (source_names(&entry.provenance), newest(entry))),
    }
}

const PAST: [&str; 5] = ["past", "inactive", "resolved", "remission", "ended"];
const ENDED: [&str; 6] = ["stopped", "completed", "ended", "cancelled", "not taken", "not started"];

/// 0 for an entry that counts now, 1 for a past one, 2 for one that is denied.
pub fn standing(entry: &Entry) -> u8 {
    let is = |text: Option<&str>, words: &[&str]| {
        text.is_some_and(|text| words.iter().any(|word| text.eq_ignore_ascii_case(word)))
    };
    match &entry.detail {
        Detail::Allergy { verification, .. } if is(verification.as_deref(), &["refuted"]) => 2,
        Detail::Diagnosis { certainty, .. } if is(certainty.as_deref(), &["refuted", "ruled out"]) => 2,
        Detail::Allergy { clinical, .. } | Detail::Diagnosis { clinical, .. } => {
            u8::from(is(clinical.as_deref(), &PAST))
        }
        Detail::Medication { list, .. } => {
            u8::from(list.eq_ignore_ascii_case("stopped") || is(entry.status.as_deref(), &ENDED))
        }
        Detail::Encounter { in_progress, .. } => u8::from(!in_progress),
        _ => 0,
    }
}

#[cfg(test)]
#[path = "order_tests.rs"]
mod tests;
