//! Reports allergies that one source asserts and another denies. It never lets a refuted entry cancel another source's.

use std::collections::BTreeMap;

use lcr_contracts::record::{Detail, Discrepancy, Entry};
use lcr_model::Dataset;

fn is_asserted(entry: &Entry) -> bool {
    let Detail::Allergy { clinical, verification, .. } = &entry.detail else { return false };
    let refuted = matches!(verification.as_deref(), Some("Refuted"));
    let ended = matches!(clinical.as_deref(), Some("Inactive" | "Resolved"));
    !refuted && !ended
}

pub fn find_contradictions(entries: &[Entry]) -> Vec<Discrepancy> {
    let mut by_substance: BTreeMap<String, Vec<&Entry>> = BTreeMap::new();
    for entry in entries {
        by_substance.entry(entry.title.to_lowercase()).or_default().push(entry);
    }
    let contradicts = |same: &&Vec<&Entry>| {
        same.iter().any(|entry| is_asserted(entry)) && same.iter().any(|entry| !is_asserted(entry))
    };
    let discrepancy = |same: &Vec<&Entry>| Discrepancy {
        dataset: Dataset::Allergies,
        about: format!("Allergy: {}", same.first().map(|entry| entry.title.as_str()).unwrap_or_default()),
        says: same
            .iter()
            .flat_map(|entry| &entry.provenance)
            .map(|one| (one.name.clone(), one.says.clone().unwrap_or_else(|| "listed".to_owned())))
            .collect(),
    };
    by_substance.values().filter(contradicts).map(discrepancy).collect()
}
