//! Reports where sources contradict each other about allergies: known against none known, active against refuted or
//! ended. It never lets a denial cancel another source's allergy.

use std::collections::{BTreeMap, BTreeSet};

use lcr_contracts::record::{Detail, Discrepancy, Entry};
use lcr_model::Dataset;

use super::statement::{compared_name, named_sources, side, statements};

/// The subject of a contradiction between "none known" and known allergies.
const ANY_ALLERGY: &str = "Allergies";
/// The kind of an allergy whose source gives no kind: the one that can do most harm.
const ASSUMED_KIND: &str = "drug";
/// What "no known allergies" denies.
const EVERY: &str = "";

/// What an entry says of its allergy, in reading order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stance {
    Known,
    NoneKnown,
    Ended,
    Refuted,
}

pub fn stance(entry: &Entry) -> Stance {
    let Detail::Allergy { clinical, verification, none_known, none_known_of, .. } = &entry.detail else {
        return Stance::Known;
    };
    match (verification.as_deref(), clinical.as_deref()) {
        (Some("Refuted" | "Entered in error"), _) => Stance::Refuted,
        (_, Some("Inactive" | "Resolved")) => Stance::Ended,
        _ if *none_known || none_known_of.is_some() => Stance::NoneKnown,
        _ => Stance::Known,
    }
}

/// Reports the contradictions. `denied` are entries that their sources ruled out or entered in error.
pub fn find_contradictions(entries: &[Entry], denied: &[Entry]) -> Vec<Discrepancy> {
    let mut by_stance: BTreeMap<Stance, Vec<&Entry>> = BTreeMap::new();
    for entry in entries.iter().chain(denied).filter(|entry| matches!(entry.detail, Detail::Allergy { .. })) {
        by_stance.entry(stance(entry)).or_default().push(entry);
    }
    let mut take = |stance: Stance| by_stance.remove(&stance).unwrap_or_default();
    let (known, none_known) = (take(Stance::Known), take(Stance::NoneKnown));
    let denials = [take(Stance::Ended), take(Stance::Refuted)].concat();
    let of_substances = substance_contradictions(&known, &denials);
    none_known_contradiction(&known, &none_known).into_iter().chain(of_substances).collect()
}

/// Known allergies that a "none known" denies.
fn none_known_contradiction(known: &[&Entry], none_known: &[&Entry]) -> Option<Discrepancy> {
    if none_known.is_empty() {
        return None;
    }
    let denied: BTreeSet<String> = none_known.iter().map(|entry| none_known_of(entry)).collect();
    let mut contradicted = vec![];
    let mut denials: BTreeSet<String> = BTreeSet::new();
    for entry in known {
        let hits: Vec<String> = names(entry).into_iter().filter(|name| denied.contains(name)).collect();
        if !hits.is_empty() {
            contradicted.push(*entry);
            denials.extend(hits);
        }
    }
    let denying = none_known.iter().filter(|entry| denials.contains(&none_known_of(entry)));
    let knows = side(contradicted.iter().flat_map(|entry| statements(entry, &words(entry))));
    let denies = side(denying.flat_map(|entry| statements(entry, &words(entry))));
    (!contradicted.is_empty()).then(|| Discrepancy {
        dataset: Dataset::Allergies,
        about: ANY_ALLERGY.to_owned(),
        says: knows.into_iter().chain(denies).collect(),
    })
}

/// What "none known" denies, by the name under which allergies are compared. `EVERY` for every allergy.
fn none_known_of(entry: &Entry) -> String {
    match &entry.detail {
        Detail::Allergy { none_known: false, none_known_of: Some(of), .. } => compared_name(of),
        _ => EVERY.to_owned(),
    }
}

/// What a "none known" may deny an allergy by: its kinds, the words of its title, and `EVERY`.
fn names(entry: &Entry) -> BTreeSet<String> {
    let kinds = match &entry.detail {
        Detail::Allergy { kinds, .. } if !kinds.is_empty() => kinds.clone(),
        _ => vec![ASSUMED_KIND.to_owned()],
    };
    let title = compared_name(&entry.title);
    title.split(' ').chain([EVERY]).map(compared_name).chain(kinds).collect()
}

/// Substances that one source lists as an allergy, and another as refuted or ended.
fn substance_contradictions(known: &[&Entry], denials: &[&Entry]) -> Vec<Discrepancy> {
    if denials.is_empty() {
        return vec![];
    }
    let mut by_substance: BTreeMap<String, (Vec<&Entry>, Vec<&Entry>)> = BTreeMap::new();
    for entry in known {
        by_substance.entry(compared_name(&entry.title)).or_default().0.push(entry);
    }
    for entry in denials {
        by_substance.entry(compared_name(&entry.title)).or_default().1.push(entry);
    }
    by_substance.into_values().filter_map(|(known, denials)| substance_contradiction(&known, &denials)).collect()
}

fn substance_contradiction(known: &[&Entry], denials: &[&Entry]) -> Option<Discrepancy> {
    let title = known.iter().map(|entry| entry.title.as_str()).min()?;
    let asserting = named_sources(known.iter());
    // A source that ended or corrected an entry and lists the allergy again does not contradict itself.
    let by_another = |entry: &&&Entry| entry.provenance.iter().any(|source| !asserting.contains(&source.source));
    let denials: Vec<&&Entry> = denials.iter().filter(by_another).collect();
    if denials.is_empty() {
        return None;
    }
    let says = side(known.iter().flat_map(|entry| statements(entry, &words(entry))));
    let denied = side(denials.iter().flat_map(|entry| statements(entry, &words(entry))));
    Some(Discrepancy {
        dataset: Dataset::Allergies,
        about: format!("Allergy: {title}"),
        says: says.into_iter().chain(denied).collect(),
    })
}

/// `Penicillin, Anaphylaxis`, `none known`, `Codeine, refuted`.
fn words(entry: &Entry) -> String {
    let Detail::Allergy { clinical, verification, reactions, severe, none_known_of, .. } = &entry.detail else {
        return entry.title.clone();
    };
    let mut words = vec![entry.title.clone()];
    match (stance(entry), none_known_of) {
        (Stance::NoneKnown, Some(of)) => return format!("no known {} allergy", compared_name(of)),
        (Stance::NoneKnown, None) => return "none known".to_owned(),
        // The reaction of an allergy that is denied would read as one that happened.
        (Stance::Refuted, _) => {}
        (Stance::Known | Stance::Ended, _) => {
            let says_severe = reactions.iter().any(|one| one.to_lowercase().contains("anaphyla"));
            words.extend(reactions.iter().cloned());
            words.extend((*severe && !says_severe).then(|| "severe".to_owned()));
            words.extend(clinical.iter().filter(|word| word.as_str() != "Active").map(|word| word.to_lowercase()));
        }
    }
    words.extend(verification.iter().filter(|word| word.as_str() != "Confirmed").map(|word| word.to_lowercase()));
    words.join(", ")
}

#[cfg(test)]
#[path = "allergies_tests.rs"]
mod tests;
