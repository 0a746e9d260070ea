//! Decides which entries of different sources say the same. It must never give two entries one key that differ in what a
//! reader has to see side by side.

use std::collections::HashMap;

use lcr_contracts::record::{Detail, Entry, Mark};
use lcr_model::{Dataset, SourceId};

use crate::domain::compare::medications;

/// What entries of different sources must have in common to be merged.
#[derive(PartialEq, Eq, Hash)]
struct MergeKey<'e> {
    title: String,
    content: Content<'e>,
    marks: &'e [Mark],
}

#[derive(PartialEq, Eq, Hash)]
enum Content<'e> {
    /// Two denials of one title may deny different things.
    Allergy {
        clinical: Option<&'e str>,
        verification: Option<&'e str>,
        denies: (bool, Option<&'e str>, bool),
    },
    /// Only current medications with the same name, route and dose are merged.
    Medication {
        aligned_by: &'e str,
        dose: String,
    },
    Diagnosis {
        clinical: Option<&'e str>,
        certainty: Option<&'e str>,
    },
    Result {
        series: &'e str,
        value: &'e str,
        date: &'e str,
        status: &'e str,
        flag: Option<&'e str>,
        range: Option<&'e str>,
        report: Option<&'e str>,
    },
    Contact {
        fields: &'e [(String, String)],
    },
    Event {
        day: &'e str,
        status: &'e str,
        not_given: bool,
    },
}

/// The key of an entry. `None` keeps it separate, as letters and stays: two with one title on one day are two. An entry with
/// files stays separate too, so that a reader can open them.
fn merge_key(dataset: Dataset, entry: &Entry) -> Option<MergeKey<'_>> {
    let content = content_of(dataset, entry).filter(|_| entry.files.is_empty())?;
    Some(MergeKey { title: entry.title.to_lowercase(), content, marks: &entry.marks })
}

fn content_of(dataset: Dataset, entry: &Entry) -> Option<Content<'_>> {
    let date = entry.date.as_deref().unwrap_or("");
    let status = entry.status.as_deref().unwrap_or("");
    match (&entry.detail, dataset) {
        (Detail::Allergy { clinical, verification, none_known, none_known_of, ended_denial, .. }, _) => {
            Some(Content::Allergy {
                clinical: clinical.as_deref(),
                verification: verification.as_deref(),
                denies: (*none_known, none_known_of.as_deref(), *ended_denial),
            })
        }
        (Detail::Medication { aligned_by, dose, .. }, _) => {
            let dose = dose.as_deref().filter(|_| medications::is_current(entry))?;
            Some(Content::Medication { aligned_by, dose: medications::normalise_dose(dose) })
        }
        (Detail::Diagnosis { clinical, certainty, .. }, _) => {
            Some(Content::Diagnosis { clinical: clinical.as_deref(), certainty: certainty.as_deref() })
        }
        (Detail::Result { series, value, report, flag, range, .. }, _) => Some(Content::Result {
            series,
            value,
            date,
            status,
            flag: flag.as_deref(),
            range: range.as_deref(),
            report: report.as_deref(),
        }),
        (Detail::Other { fields }, Dataset::Contacts) => Some(Content::Contact { fields }),
        (Detail::Other { fields }, Dataset::Procedures | Dataset::Immunisations) => {
            let not_given = fields.iter().any(|(label, _)| label == "Not given");
            Some(Content::Event { day: date.get(..10)?, status, not_given })
        }
        _ => None,
    }
}

fn source_of(entry: &Entry) -> Option<&SourceId> {
    entry.provenance.first().map(|one| &one.source)
}

/// For each entry the position of an earlier one with which it is merged, if there is one. Two entries of one source stay
/// separate: the second of a source is merged with the second of another.
pub fn merge_targets(dataset: Dataset, entries: &[Entry]) -> Vec<Option<usize>> {
    let mut sources = entries.iter().map(source_of);
    let first = sources.next();
    if sources.all(|source| Some(source) == first) {
        return vec![None; entries.len()];
    }
    let mut group_of_key: HashMap<MergeKey<'_>, usize> = HashMap::new();
    // The positions of the entries of each group that are merged with no earlier one.
    let mut groups: Vec<Vec<usize>> = vec![];
    let mut used_by_source: HashMap<(usize, Option<&SourceId>), usize> = HashMap::new();
    let mut targets = Vec::with_capacity(entries.len());
    for (position, entry) in entries.iter().enumerate() {
        let Some(key) = merge_key(dataset, entry) else {
            targets.push(None);
            continue;
        };
        let group = *group_of_key.entry(key).or_insert(groups.len());
        if group == groups.len() {
            groups.push(vec![]);
        }
        let used = used_by_source.entry((group, source_of(entry))).or_default();
        let target = groups.get(group).and_then(|positions| positions.get(*used)).copied();
        *used += 1;
        if target.is_none() {
            groups[group].push(position);
        }
        targets.push(target);
    }
    targets
}
