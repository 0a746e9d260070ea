//! Reports problems that one source lists as active and another has ruled out. It never removes a problem.

use std::collections::BTreeMap;

use lcr_contracts::record::{Detail, Discrepancy, Entry};
use lcr_model::Dataset;

use super::statement::{compared_name, named_sources, side, statements};

/// Whether the problem is over. One without a status counts as active.
pub fn is_past(entry: &Entry) -> bool {
    match &entry.detail {
        Detail::Diagnosis { clinical: Some(clinical), .. } => clinical == "Past",
        Detail::Diagnosis { ended, .. } => ended.is_some(),
        _ => false,
    }
}

/// Reports the contradictions. `denied` are entries that their sources ruled out, which no list shows.
pub fn find_contradictions(entries: &[Entry], denied: &[Entry]) -> Vec<Discrepancy> {
    let mut by_name: BTreeMap<String, (Vec<&Entry>, Vec<&Entry>)> = BTreeMap::new();
    for entry in denied.iter().filter(|entry| is_ruled_out(entry)) {
        by_name.entry(compared_name(&entry.title)).or_default().1.push(entry);
    }
    if by_name.is_empty() {
        return vec![];
    }
    for entry in entries.iter().filter(|entry| !is_past(entry)) {
        if let Some((active, _)) = by_name.get_mut(&compared_name(&entry.title)) {
            active.push(entry);
        }
    }
    by_name.into_values().filter_map(|(active, denied)| contradiction(&active, &denied)).collect()
}

fn is_ruled_out(entry: &Entry) -> bool {
    matches!(&entry.detail, Detail::Diagnosis { certainty: Some(certainty), .. } if certainty == "Refuted")
}

fn contradiction(active: &[&Entry], denied: &[&Entry]) -> Option<Discrepancy> {
    let title = active.iter().map(|entry| entry.title.as_str()).min()?;
    // A source that ruled a problem out and lists it again does not contradict itself.
    let listing = named_sources(active.iter());
    let by_another = |entry: &&&Entry| entry.provenance.iter().any(|source| !listing.contains(&source.source));
    let denied: Vec<&&Entry> = denied.iter().filter(by_another).collect();
    let lists = side(active.iter().flat_map(|entry| statements(entry, &words(entry))));
    let denies = side(denied.iter().flat_map(|entry| statements(entry, "ruled out")));
    (!denied.is_empty()).then(|| Discrepancy {
        dataset: Dataset::Diagnoses,
        about: format!("Problem: {title}"),
        says: lists.into_iter().chain(denies).collect(),
    })
}

fn words(entry: &Entry) -> String {
    match &entry.detail {
        Detail::Diagnosis { certainty: Some(certainty), .. } => format!("active, {}", certainty.to_lowercase()),
        _ => "active".to_owned(),
    }
}

#[cfg(test)]
#[path = "diagnoses_tests.rs"]
mod tests;
