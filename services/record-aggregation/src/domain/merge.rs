//! Merges entries of different sources that say the same into one entry with several provenances. It never merges
//! contradictory entries and never drops one.

use std::{
    collections::{HashMap, HashSet},
    hash::Hash,
};

use lcr_contracts::{
    record::{Detail, Discrepancy, Entry},
    vocabulary::SystemKind,
};
use lcr_model::{Dataset, SourceId};

use super::compare::{self, IncompleteSource, medications};

/// Merges a dataset's entries and sorts them: what holds now first, then the newest. Also returns the contradictions
/// between sources. `denied` are entries that no list shows. The order of the input changes nothing.
pub fn merge_entries(
    dataset: Dataset,
    mut entries: Vec<Entry>,
    denied: &[Entry],
    incomplete: &[IncompleteSource],
) -> (Vec<Entry>, Vec<Discrepancy>) {
    entries.sort_by(|a, b| source_order(a).cmp(&source_order(b)));
    let mut discrepancies = compare::find_contradictions(dataset, &entries, denied);
    let mut entries = merge_same(entries, |entry| {
        // An entry with files stays separate, so that a reader can open them.
        let key = merge_key(dataset, entry).filter(|_| entry.files.is_empty())?;
        Some(format!("{key}|{:?}", entry.marks))
    });
    discrepancies.extend(compare::find_differences(dataset, &mut entries, incomplete));
    entries.sort_by(|a, b| {
        let rank = compare::reading_rank(a).cmp(&compare::reading_rank(b));
        rank.then_with(|| b.date.cmp(&a.date)).then_with(|| a.title.cmp(&b.title)).then_with(|| a.id.cmp(&b.id))
    });
    (entries, discrepancies)
}

/// The order in which entries are merged: those of practices first, then by id, in whatever order they answered.
fn source_order(entry: &Entry) -> (bool, &str) {
    (!entry.provenance.iter().any(|source| source.kind == SystemKind::Gp), entry.id.as_str())
}

/// The key under which entries of different sources are merged. `None` keeps an entry separate, as for letters and
/// stays: two with one title on one day are two.
fn merge_key(dataset: Dataset, entry: &Entry) -> Option<String> {
    let title = entry.title.to_lowercase();
    let date = entry.date.as_deref().unwrap_or("");
    let status = entry.status.as_deref().unwrap_or("");
    match (&entry.detail, dataset) {
        // Two denials of one title may deny different things.
        (Detail::Allergy { clinical, verification, none_known, none_known_of, ended_denial, .. }, _) => {
            let denial = (none_known, none_known_of, ended_denial);
            Some(format!("{title}|{clinical:?}|{verification:?}|{denial:?}"))
        }
        // Only current medications with the same name, route and dose are merged.
        (Detail::Medication { aligned_by, dose, .. }, _) => {
            let dose = dose.as_deref().map(medications::normalise_dose).filter(|_| medications::is_current(entry))?;
            Some(format!("{title}|{aligned_by}|{dose}"))
        }
        (Detail::Diagnosis { clinical, certainty, .. }, _) => Some(format!("{title}|{clinical:?}|{certainty:?}")),
        (Detail::Result { series, value, report, flag, range, .. }, _) => {
            Some(format!("{series}|{title}|{value}|{date}|{status}|{flag:?}|{range:?}|{report:?}"))
        }
        (Detail::Other { fields }, Dataset::Contacts) => Some(format!("{title}|{fields:?}")),
        (Detail::Other { .. }, Dataset::Procedures | Dataset::Immunisations) => {
            let day = date.get(..10)?;
            let not_given = matches!(&entry.detail, Detail::Other { fields } if fields.iter().any(|(label, _)| label == "Not given"));
            Some(format!("{title}|{day}|{status}|{not_given}"))
        }
        _ => None,
    }
}

/// Adds another source's entry to `merged`. Its comments, further lines and reactions are all included.
fn merge_into(merged: &mut Entry, more: Entry) {
    let source_name = more.provenance.first().map(|one| one.shown_name().to_owned()).unwrap_or_default();
    merged.provenance.extend(more.provenance);
    extend_new(&mut merged.notes, more.notes);
    extend_new(&mut merged.more, more.more);
    extend_new(&mut merged.left_out, more.left_out);
    extend_new(&mut merged.links, more.links);
    merge_fields(merged, &more.detail, &source_name);
    if let (
        Detail::Allergy { reactions, severe, kinds, .. },
        Detail::Allergy { reactions: others, severe: other_severe, kinds: other_kinds, .. },
    ) = (&mut merged.detail, more.detail)
    {
        *severe |= other_severe;
        extend_new(reactions, others);
        extend_new(kinds, other_kinds);
    }
}

/// Adds the other source's differing fields as lines with its name.
fn merge_fields(merged: &mut Entry, more: &Detail, source_name: &str) {
    let mut add = |label: &str, value: &str| {
        merged.more.push((format!("{label}, says {source_name}"), value.to_owned()));
    };
    match (&merged.detail, more) {
        (Detail::Other { fields }, Detail::Other { fields: others }) => {
            for (label, value) in others.iter().filter(|one| !fields.contains(one)) {
                add(label, value);
            }
        }
        (Detail::Medication { reason, .. }, Detail::Medication { reason: Some(other), .. })
            if reason.as_ref() != Some(other) =>
        {
            add("Reason", other);
        }
        (Detail::Diagnosis { ended, .. }, Detail::Diagnosis { ended: Some(other), .. })
            if ended.as_ref() != Some(other) =>
        {
            add("Ended", other);
        }
        _ => {}
    }
}

/// Appends the values that `values` does not contain yet.
fn extend_new<T: Eq + Hash + Clone>(values: &mut Vec<T>, more: Vec<T>) {
    let mut seen: HashSet<T> = values.iter().cloned().collect();
    values.extend(more.into_iter().filter(|one| seen.insert(one.clone())));
}

/// The positions of the merged entries of one key, and how many of them each source has used.
#[derive(Default)]
struct Positions {
    all: Vec<usize>,
    used_by_source: HashMap<Option<SourceId>, usize>,
}

/// Merges entries of different sources that have the same key. Two entries of one source stay separate.
fn merge_same(entries: Vec<Entry>, key: impl Fn(&Entry) -> Option<String>) -> Vec<Entry> {
    let mut merged: Vec<Entry> = Vec::with_capacity(entries.len());
    let mut by_key: HashMap<String, Positions> = HashMap::new();
    for entry in entries {
        let Some(key) = key(&entry) else {
            merged.push(entry);
            continue;
        };
        let source = entry.provenance.first().map(|one| one.source.clone());
        let positions = by_key.entry(key).or_default();
        let used = positions.used_by_source.entry(source).or_default();
        let same = positions.all.get(*used).and_then(|position| merged.get_mut(*position));
        *used += 1;
        if let Some(same) = same {
            merge_into(same, entry);
        } else {
            positions.all.push(merged.len());
            merged.push(entry);
        }
    }
    merged
}

#[cfg(test)]
#[path = "merge_tests.rs"]
mod tests;
