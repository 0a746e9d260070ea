//! Allergies that one source asserts and another denies. A refuted entry never cancels another source's.

use std::collections::BTreeMap;

use lcr_contracts::record::{Detail, Discrepancy, Entry};
use lcr_model::Dataset;

fn asserted(entry: &Entry) -> bool {
    let Detail::Allergy { clinical, verification, .. } = &entry.detail else { return false };
    let denied = matches!(verification.as_deref(), Some("Refuted"));
    let over = matches!(clinical.as_deref(), Some("Inactive" | "Resolved"));
    !denied && !over
}

pub fn compare(entries: &[Entry]) -> Vec<Discrepancy> {
    let mut by_substance: BTreeMap<String, Vec<&Entry>> = BTreeMap::new();
    for entry in entries {
        by_substance.entry(entry.title.to_lowercase()).or_default().push(entry);
    }
    let contradicts = |same: &&Vec<&Entry>| {
        same.iter().any(|entry| asserted(entry)) && same.iter().any(|entry| !asserted(entry))
    };
    let tell = |same: &Vec<&Entry>| Discrepancy {
        dataset: Dataset::Allergies,
        about: format!("Allergy: {}", same.first().map(|entry| entry.title.as_str()).unwrap_or_default()),
        says: same
            .iter()
            .flat_map(|entry| &entry.provenance)
            .map(|one| (one.name.clone(), one.says.clone().unwrap_or_else(|| "listed".to_owned())))
            .collect(),
    };
    by_substance.values().filter(contradicts).map(tell).collect()
}
