//! Merges entries of different sources that say the same into one entry with several provenances. It never merges
//! contradictory entries and never drops one.

mod key;

use std::{cmp::Ordering, collections::HashSet, hash::Hash};

use lcr_contracts::{
    record::{Detail, Discrepancy, Entry},
    vocabulary::SystemKind,
};
use lcr_model::Dataset;

use super::compare::{self, IncompleteSource};
use key::merge_targets;

/// Merges a dataset's entries and sorts them: what holds now first, then the newest. Also returns the contradictions
/// between sources. `denied` are entries that no list shows. The order of the input changes nothing.
pub fn merge_entries(
    dataset: Dataset,
    entries: Vec<Entry>,
    denied: &[Entry],
    incomplete: &[IncompleteSource],
) -> (Vec<Entry>, Vec<Discrepancy>) {
    let entries = sort_entries(entries, |a, b| source_order(a).cmp(&source_order(b)));
    let mut discrepancies = compare::find_contradictions(dataset, &entries, denied);
    let targets = merge_targets(dataset, &entries);
    let mut entries = merge_same(entries, &targets);
    discrepancies.extend(compare::find_differences(dataset, &mut entries, incomplete));
    let entries = sort_entries(entries, |a, b| {
        let rank = compare::reading_rank(a).cmp(&compare::reading_rank(b));
        rank.then_with(|| b.date.cmp(&a.date)).then_with(|| a.title.cmp(&b.title)).then_with(|| a.id.cmp(&b.id))
    });
    (entries, discrepancies)
}

/// Sorts entries by their positions, because an entry is large and a sort moves each many times.
fn sort_entries(entries: Vec<Entry>, order: impl Fn(&Entry, &Entry) -> Ordering) -> Vec<Entry> {
    let mut positions: Vec<usize> = (0..entries.len()).collect();
    positions.sort_by(|a, b| order(&entries[*a], &entries[*b]));
    if positions.is_sorted() {
        return entries;
    }
    let mut sorted = Vec::with_capacity(entries.len());
    let mut unsorted: Vec<Option<Entry>> = entries.into_iter().map(Some).collect();
    sorted.extend(positions.into_iter().filter_map(|position| unsorted.get_mut(position)?.take()));
    sorted
}

/// The order in which entries are merged: those of practices first, then by id, in whatever order they answered.
fn source_order(entry: &Entry) -> (bool, &str) {
    (!entry.provenance.iter().any(|source| source.kind == SystemKind::Gp), entry.id.as_str())
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
fn extend_new<T: Eq + Hash>(values: &mut Vec<T>, more: Vec<T>) {
    if more.is_empty() {
        return;
    }
    let are_new: Vec<bool> = {
        let mut seen: HashSet<&T> = values.iter().collect();
        more.iter().map(|one| seen.insert(one)).collect()
    };
    values.extend(more.into_iter().zip(are_new).filter_map(|(one, is_new)| is_new.then_some(one)));
}

/// Merges each entry with its target, an earlier entry of another source.
fn merge_same(entries: Vec<Entry>, targets: &[Option<usize>]) -> Vec<Entry> {
    if targets.iter().all(Option::is_none) {
        return entries;
    }
    let mut merged: Vec<Entry> = Vec::with_capacity(entries.len());
    // Where each entry is among the merged ones.
    let mut places: Vec<usize> = Vec::with_capacity(entries.len());
    for (entry, target) in entries.into_iter().zip(targets) {
        let place = target.and_then(|target| places.get(target).copied());
        if let Some(same) = place.and_then(|place| merged.get_mut(place)) {
            merge_into(same, entry);
        } else {
            merged.push(entry);
        }
        places.push(place.unwrap_or(merged.len() - 1));
    }
    merged
}

#[cfg(test)]
#[path = "merge_tests.rs"]
mod tests;
