//! The section of differences between sources, and a number that changes when the differences do.

use std::hash::{DefaultHasher, Hash, Hasher};

use lcr_contracts::record::{Entry, Record};
use lcr_model::Dataset;

use super::{Body, Section};

pub const DIFFERENCES: &str = "section-differences";

/// What sources say differently. Allergies stand in the banner and medications side by side, so here they are only named.
pub(super) fn differences(record: &Record) -> Section {
    let elsewhere = [
        (Dataset::Allergies, "Allergies: see the top of the page"),
        (Dataset::Medications, "Medications: see the table"),
    ];
    let has = |dataset| record.discrepancies.iter().any(|one| one.dataset == dataset);
    let named = elsewhere.into_iter().filter(|(dataset, _)| has(*dataset)).map(|(_, words)| (words.to_owned(), vec![]));
    let quoted = record.discrepancies.iter().filter(|one| elsewhere.iter().all(|(dataset, _)| one.dataset != *dataset));
    let quoted = quoted.map(|one| (one.about.clone(), one.says.clone()));
    let all: Vec<_> = named.chain(quoted).collect();
    let none = if record.complete {
        "No difference was found between the sources that answered."
    } else {
        "The sources are compared once they have answered."
    };
    Section {
        id: DIFFERENCES,
        title: format!("Sources do not agree ({})", record.discrepancies.len()),
        href: String::new(),
        counts: String::new(),
        gaps: Vec::new(),
        waiting: all.is_empty() && !record.complete,
        digest: hash(&(record.complete, record.discrepancies.len(), &all)),
        body: if all.is_empty() { Body::Nothing(none.into()) } else { Body::Differences(all) },
    }
}

/// A hash of the entries and of each source's state, without times.
pub(super) fn digest(record: &Record, datasets: &[Dataset], body: &Body) -> String {
    let sections = record.sections.iter().filter(|section| datasets.contains(&section.dataset));
    let entries: Vec<&Entry> = sections.flat_map(|section| &section.entries).collect();
    // These come from another dataset.
    let warnings: Vec<&String> = match body {
        Body::Medications(table) => table.rows.iter().filter_map(|row| row.allergy.as_ref()).collect(),
        _ => vec![],
    };
    let states = record.sources.iter().flat_map(|source| {
        let of = source.datasets.iter().filter(|report| datasets.contains(&report.dataset));
        of.map(|report| (source.source.to_string(), report.state.name()))
    });
    hash(&(serde_json::to_string(&entries).unwrap_or_default(), warnings, states.collect::<Vec<_>>()))
}

fn hash(value: &impl Hash) -> String {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}
