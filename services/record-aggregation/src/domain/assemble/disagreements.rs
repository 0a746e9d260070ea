//! Where a hospital's ward messages disagree with others. Both sides are told, and nothing is resolved.

use std::collections::HashMap;

use lcr_contracts::record::{Detail, Discrepancy, Entry, Section};
use lcr_model::Dataset;

use crate::domain::stays::Difference;

/// Differences about stays of which both entries are still shown, in the words that the permit has left of them.
pub fn of_stays(differences: &[Difference], sections: &[Section]) -> Vec<Discrepancy> {
    if differences.is_empty() {
        return vec![];
    }
    let entries = sections.iter().flat_map(|section| &section.entries);
    let by_id: HashMap<&str, &Entry> = entries.map(|entry| (entry.id.as_str(), entry)).collect();
    let entry = |id: &String| by_id.get(id.as_str()).copied();
    let told = |one: &Difference| {
        let [answered, messages] = &one.entries;
        let says = vec![said(entry(answered)?)?, said(entry(messages)?)?];
        Some(Discrepancy { dataset: Dataset::Encounters, about: "Stay in hospital".to_owned(), says })
    };
    differences.iter().filter_map(told).collect()
}

/// Who says it and what; none where the role sees nothing of what it is about.
fn said(entry: &Entry) -> Option<(String, String)> {
    let Detail::Encounter { place, ended, .. } = &entry.detail else { return None };
    let ended = ended.as_deref().map(|ended| format!("left {}", lcr_fhir::date_words(ended)));
    let parts = [place.clone(), entry.status.as_ref().map(|status| status.to_lowercase()), ended];
    let words = parts.into_iter().flatten().collect::<Vec<_>>().join(", ");
    Some((entry.provenance.first()?.name.clone(), words))
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
