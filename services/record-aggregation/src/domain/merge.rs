//! What several sources say together (design section 5, "Merge"). Entries that say the same become one with
//! several provenances; entries that contradict stand side by side as a discrepancy. Nothing is resolved here.

mod allergies;
mod demographics;
pub mod medications;

use std::{
    collections::{HashMap, HashSet},
    hash::Hash,
};

use lcr_contracts::record::{Detail, Discrepancy, Entry};
use lcr_model::{Dataset, SourceId};

/// A dataset's entries, merged, newest first, and where sources contradict.
pub fn merge(
    dataset: Dataset,
    entries: Vec<Entry>,
    unanswered: &[Unanswered],
) -> (Vec<Entry>, Vec<Discrepancy>) {
    let mut entries = join(entries, |entry| {
        // An entry with files of its own stays by itself: a reader must be able to open them.
        let same = sameness(dataset, entry).filter(|_| entry.files.is_empty())?;
        Some(format!("{same}|{:?}", entry.marks))
    });
    let discrepancies = match dataset {
        Dataset::Medications => medications::compare(&mut entries, unanswered),
        Dataset::Allergies => allergies::compare(&entries),
        Dataset::Demographics => demographics::compare(&entries),
        _ => vec![],
    };
    entries.sort_by(|a, b| {
        b.date.cmp(&a.date).then_with(|| a.title.cmp(&b.title)).then_with(|| a.id.cmp(&b.id))
    });
    (entries, discrepancies)
}

/// A source whose list could not be compared.
#[derive(Debug, Clone)]
pub struct Unanswered {
    pub kind: String,
    /// Still being asked: not compared yet, rather than not at all.
    pub asking: bool,
}

/// What makes two entries the same thing said twice; `None` keeps an entry by itself. Letters and stays are
/// never joined: two of one title on one day are two.
fn sameness(dataset: Dataset, entry: &Entry) -> Option<String> {
    let title = entry.title.to_lowercase();
    let date = entry.date.as_deref().unwrap_or("");
    let status = entry.status.as_deref().unwrap_or("");
    match (&entry.detail, dataset) {
        (Detail::Allergy { clinical, verification, .. }, _) => {
            Some(format!("{title}|{clinical:?}|{verification:?}"))
        }
        // Only the same medicine, route and dose, both taken now, are one: GP and hospital lists are never
        // silently merged.
        (Detail::Medication { aligned_by, dose, .. }, _) => {
            let dose = dose.as_deref().map(medications::plain).filter(|_| medications::current(entry))?;
            Some(format!("{title}|{aligned_by}|{dose}"))
        }
        (Detail::Diagnosis { clinical, certainty, .. }, _) => {
            Some(format!("{title}|{clinical:?}|{certainty:?}"))
        }
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

/// What one source says beside the common fields stays: comments, further lines, and of an allergy every reaction.
fn unite(held: &mut Entry, more: Entry) {
    let says_it = more.provenance.first().map(|one| one.name.clone()).unwrap_or_default();
    held.provenance.extend(more.provenance);
    extend_new(&mut held.notes, more.notes);
    extend_new(&mut held.more, more.more);
    extend_new(&mut held.left_out, more.left_out);
    extend_new(&mut held.links, more.links);
    unite_fields(held, &more.detail, &says_it);
    if let (
        Detail::Allergy { reactions, severe, .. },
        Detail::Allergy { reactions: others, severe: also, .. },
    ) = (&mut held.detail, more.detail)
    {
        *severe |= also;
        extend_new(reactions, others);
    }
}

/// What the other source says in fields of its own, with its name: an outcome, a reason, an end.
fn unite_fields(held: &mut Entry, more: &Detail, says_it: &str) {
    let mut add =
        |label: &str, value: &str| held.more.push((format!("{label}, says {says_it}"), value.to_owned()));
    match (&held.detail, more) {
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

fn extend_new<T: Eq + Hash + Clone>(held: &mut Vec<T>, more: Vec<T>) {
    let mut seen: HashSet<T> = held.iter().cloned().collect();
    held.extend(more.into_iter().filter(|one| seen.insert(one.clone())));
}

/// Where the entries of one key stand.
#[derive(Default)]
struct Places {
    all: Vec<usize>,
    of_source: HashMap<Option<SourceId>, usize>,
}

/// Joins entries of different sources that say the same. Two entries of one source stay two: it meant two.
fn join(entries: Vec<Entry>, key: impl Fn(&Entry) -> Option<String>) -> Vec<Entry> {
    let mut joined: Vec<Entry> = Vec::with_capacity(entries.len());
    // Of each key the places of its entries, and how many of them each source has: it has the first so many.
    let mut places: HashMap<String, Places> = HashMap::new();
    for entry in entries {
        let Some(key) = key(&entry) else {
            joined.push(entry);
            continue;
        };
        let source = entry.provenance.first().map(|one| one.source.clone());
        let places = places.entry(key).or_default();
        let has = places.of_source.entry(source).or_default();
        let held = places.all.get(*has).and_then(|place| joined.get_mut(*place));
        *has += 1;
        if let Some(held) = held {
            unite(held, entry);
        } else {
            places.all.push(joined.len());
            joined.push(entry);
        }
    }
    joined
}

#[cfg(test)]
#[path = "merge_tests.rs"]
mod tests;
