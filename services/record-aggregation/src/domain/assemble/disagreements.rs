//! Where a hospital's ward messages disagree with others. Both sides are told, and nothing is resolved.

use std::collections::BTreeSet;

use lcr_contracts::record::{Detail, Discrepancy, Section};
use lcr_model::Dataset;

use crate::domain::stays::Difference;

/// Differences about stays of which both entries are still shown after the role's limits.
pub fn of_stays(differences: Vec<Difference>, sections: &[Section]) -> Vec<Discrepancy> {
    let shown: BTreeSet<&str> =
        sections.iter().flat_map(|section| &section.entries).map(|entry| entry.id.as_str()).collect();
    let both = |one: &Difference| one.entries.iter().all(|id| shown.contains(id.as_str()));
    differences.into_iter().filter(both).map(|one| one.told).collect()
}

/// A hospital reports a death that the authority does not: both are told, and neither is believed over the other.
pub fn of_death(sections: &[Section]) -> Vec<Discrepancy> {
    let entries = || sections.iter().flat_map(|section| &section.entries);
    let authority = entries().find_map(|entry| match &entry.detail {
        Detail::Demographics(one) => {
            let source = entry.provenance.iter().find(|source| source.kind == "authority")?;
            Some((source.name.clone(), one.died.is_some()))
        }
        _ => None,
    });
    let Some((authority, false)) = authority else { return vec![] };
    let reported = entries().filter(|entry| entry.stay.as_ref().is_some_and(|stay| stay.died));
    let reported = reported.filter_map(|entry| entry.provenance.last());
    let mut says: Vec<(String, String)> =
        reported.map(|source| (source.name.clone(), "reported as died".to_owned())).collect();
    says.dedup();
    if says.is_empty() {
        return vec![];
    }
    says.push((authority, "not recorded as died".to_owned()));
    vec![Discrepancy { dataset: Dataset::Encounters, about: "Death".to_owned(), says }]
}
