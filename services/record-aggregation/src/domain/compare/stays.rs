//! Reports where a hospital's ward messages disagree with another source. It never decides between them.

use std::collections::HashMap;

use lcr_contracts::{
    record::{Detail, Discrepancy, Entry, Section},
    vocabulary::SystemKind,
};
use lcr_model::Dataset;

use crate::domain::stays::Difference;

/// Reports differences about stays if both entries are still shown. It says no more than the permit left in the
/// entries.
pub fn stay_discrepancies(differences: &[Difference], sections: &[Section]) -> Vec<Discrepancy> {
    if differences.is_empty() {
        return vec![];
    }
    let entries = sections.iter().flat_map(|section| &section.entries);
    let by_id: HashMap<&str, &Entry> = entries.map(|entry| (entry.id.as_str(), entry)).collect();
    let entry = |id: &String| by_id.get(id.as_str()).copied();
    let discrepancy = |one: &Difference| {
        let [answered, messages] = &one.entries;
        let says = vec![name_and_words(entry(answered)?)?, name_and_words(entry(messages)?)?];
        Some(Discrepancy { dataset: Dataset::Encounters, about: "Stay in hospital".to_owned(), says })
    };
    differences.iter().filter_map(discrepancy).collect()
}

/// The name of the source and what it says. `None` if the role may not see the encounter's details.
fn name_and_words(entry: &Entry) -> Option<(String, String)> {
    let Detail::Encounter { place, ended, .. } = &entry.detail else { return None };
    let ended = ended.as_deref().map(|ended| format!("left {}", lcr_fhir::format_date(ended)));
    let parts = [place.clone(), entry.status.as_ref().map(|status| status.to_lowercase()), ended];
    let words = parts.into_iter().flatten().collect::<Vec<_>>().join(", ");
    Some((entry.provenance.first()?.shown_name().to_owned(), words))
}

/// Reports a death that a hospital reports and the demographics authority does not record.
pub fn death_discrepancy(sections: &[Section]) -> Vec<Discrepancy> {
    let entries = || sections.iter().flat_map(|section| &section.entries);
    let authority = entries().find_map(|entry| match &entry.detail {
        Detail::Demographics(one) => {
            let source = entry.provenance.iter().find(|source| source.kind == SystemKind::Authority)?;
            Some((source.shown_name().to_owned(), one.died.is_some()))
        }
        _ => None,
    });
    let Some((authority, false)) = authority else { return vec![] };
    let reported = entries().filter(|entry| entry.stay.as_ref().is_some_and(|stay| stay.died));
    let reported = reported.filter_map(|entry| entry.provenance.last());
    let mut says: Vec<(String, String)> =
        reported.map(|source| (source.shown_name().to_owned(), "reported as died".to_owned())).collect();
    says.dedup();
    if says.is_empty() {
        return vec![];
    }
    says.push((authority, "not recorded as died".to_owned()));
    vec![Discrepancy { dataset: Dataset::Encounters, about: "Death".to_owned(), says }]
}
