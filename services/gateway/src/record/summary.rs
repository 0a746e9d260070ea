//! The sections of the record page: which entries the summary shows, in what order, and how old they are. A section
//! without entries must say why, or that its sources are still being asked.

use std::{
    collections::{HashMap, HashSet},
    hash::{DefaultHasher, Hash, Hasher},
};

use jiff::Timestamp;
use lcr_contracts::record::{Detail, Entry, Record};
use lcr_model::{Dataset, SourceState};

use crate::{
    layout::format::{encode_query_value, format_count},
    record::{
        coverage::Coverage,
        entry::{SummaryItem, newest_first, summary_item},
        medications::{Medications, medications},
        sources::format_answer_age,
    },
};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    pub id: &'static str,
    pub title: String,
    pub href: String,
    /// "Beckside Surgery 9 · St Hilda's Hospitals 6".
    pub counts: String,
    pub gaps: Vec<String>,
    pub waiting: bool,
    /// Changes if the content changes.
    pub digest: String,
    pub body: Body,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    Medications(Medications),
    Items {
        items: Vec<SummaryItem>,
        note: Option<&'static str>,
        more: Option<String>,
    },
    /// The subject, and each source with its statement.
    Differences(Vec<(String, Vec<(String, String)>)>),
    /// The reason why nothing is listed.
    Nothing(String),
}

/// The datasets of the summary: element id and maximum number of entries.
pub const SUMMARY: [(Dataset, &str, usize); 5] = [
    (Dataset::Medications, "section-medications", 20),
    (Dataset::Results, "section-results", 6),
    (Dataset::Allergies, "section-allergies", 10),
    (Dataset::Diagnoses, "section-diagnoses", 8),
    (Dataset::Encounters, "section-encounters", 6),
];
pub const DIFFERENCES: &str = "section-differences";
const FILING_NOTE: &str = "Seeing a result here does not file or action it.";

/// The sections of the summary that this record may show.
pub fn sections(record: &Record, now: Timestamp) -> Vec<Section> {
    let shown = SUMMARY.iter().filter(|(dataset, _, _)| record.section(*dataset).is_some());
    let mut out: Vec<Section> =
        shown.map(|(dataset, id, max_entries)| section(record, *dataset, id, *max_entries, now)).collect();
    out.push(differences(record));
    out
}

fn section(record: &Record, dataset: Dataset, id: &'static str, max_entries: usize, now: Timestamp) -> Section {
    let coverage = Coverage::of(record, dataset);
    let entries = record.section(dataset).map_or(&[][..], |section| &section.entries);
    Section {
        id,
        title: if dataset == Dataset::Results { "Latest results".into() } else { dataset.title().into() },
        href: format!("/people/{}/{dataset}", record.person),
        counts: counts(record, dataset, now),
        gaps: coverage.sentences(now),
        // A section without entries may be replaced in place when an answer comes.
        waiting: entries.is_empty() && !coverage.asking.is_empty(),
        digest: digest(record, dataset, entries),
        body: body(record, dataset, entries, max_entries, &coverage),
    }
}

fn body(record: &Record, dataset: Dataset, entries: &[Entry], max_entries: usize, coverage: &Coverage) -> Body {
    if entries.is_empty() {
        return Body::Nothing(coverage.empty_text(&dataset.title().to_lowercase()));
    }
    match dataset {
        Dataset::Medications => Body::Medications(medications(record, true, max_entries)),
        Dataset::Results => latest_results(record, entries, max_entries),
        _ => {
            let mut sorted: Vec<&Entry> = entries.iter().collect();
            newest_first(&mut sorted);
            // Later contacts must not push a stay in progress off the summary.
            sorted.sort_by_key(|entry| !matches!(entry.detail, Detail::Encounter { in_progress: true, .. }));
            let items = sorted.iter().take(max_entries).map(|entry| summary_item(record.person, entry)).collect();
            Body::Items { items, note: None, more: more_text(entries.len(), max_entries) }
        }
    }
}

fn more_text(all: usize, max_entries: usize) -> Option<String> {
    (all > max_entries).then(|| format!("All {all}"))
}

/// The latest result of each series.
fn latest_results(record: &Record, entries: &[Entry], max_entries: usize) -> Body {
    // The results of such a report are entries of their own and would appear twice.
    let mut sorted: Vec<&Entry> = entries.iter().filter(|entry| !is_report_only(entry)).collect();
    newest_first(&mut sorted);
    let mut count_by_series: HashMap<String, usize> = HashMap::new();
    let mut items: Vec<(String, SummaryItem)> = Vec::new();
    let mut outside: HashSet<String> = HashSet::new();
    for entry in sorted {
        let key = series(entry);
        let count = count_by_series.entry(key.clone()).or_default();
        *count += 1;
        if *count == 1 {
            if is_outside_range(entry) {
                outside.insert(key.clone());
            }
            items.push((key, summary_item(record.person, entry)));
        }
    }
    // Results outside their range come first, so that the limit cannot cut them off.
    items.sort_by_key(|(key, _)| !outside.contains(key));
    let link = |(key, mut item): (String, SummaryItem)| {
        let times = count_by_series.get(&key).copied().unwrap_or(1);
        if times > 1 {
            let href = format!("/people/{}/results?series={}", record.person, encode_query_value(&key));
            item.more_link = Some((href, format!("all {times}")));
        }
        item
    };
    let more = (items.len() > max_entries).then(|| format!("All {}", format_count(entries.len(), "result", "results")));
    Body::Items { items: items.into_iter().take(max_entries).map(link).collect(), note: Some(FILING_NOTE), more }
}

/// Whether a result is flagged as unusual, or has a comment, which may withdraw the value.
fn is_outside_range(entry: &Entry) -> bool {
    const USUAL: [&str; 6] = ["normal", "negative", "not detected", "not reactive", "susceptible", "expected"];
    let Detail::Result { flag, .. } = &entry.detail else { return false };
    let flagged = flag.as_deref().is_some_and(|flag| !USUAL.iter().any(|usual| flag.eq_ignore_ascii_case(usual)));
    flagged || !entry.notes.is_empty()
}

/// Whether a report says only how many results it has.
fn is_report_only(entry: &Entry) -> bool {
    let Detail::Result { report: Some(_), value, .. } = &entry.detail else { return false };
    value.starts_with("Report with ") && entry.notes.is_empty() && entry.files.is_empty() && entry.marks.is_empty()
}

fn series(entry: &Entry) -> String {
    match &entry.detail {
        Detail::Result { series, .. } if !series.is_empty() => series.clone(),
        _ => entry.title.clone(),
    }
}

/// Each answering source with its count and the age of its answer.
fn counts(record: &Record, dataset: Dataset, now: Timestamp) -> String {
    let mut parts = Vec::new();
    for source in &record.sources {
        for report in source.datasets.iter().filter(|report| report.dataset == dataset) {
            if matches!(report.state, SourceState::HasData | SourceState::Stale { .. }) {
                // A report without a count shows its time only.
                let count = if report.count > 0 { format!(" {}", report.count) } else { String::new() };
                parts.push(format!("{}{count}, {}", source.name, format_answer_age(report.answered_at, now)));
            }
        }
    }
    parts.join(" · ")
}

fn differences(record: &Record) -> Section {
    let all: Vec<_> = record.discrepancies.iter().map(|one| (one.about.clone(), one.says.clone())).collect();
    let none = if record.complete {
        "No difference was found between the sources that answered."
    } else {
        "The sources are compared once they have answered."
    };
    Section {
        id: DIFFERENCES,
        title: format!("Sources do not agree ({})", all.len()),
        href: String::new(),
        counts: String::new(),
        gaps: Vec::new(),
        waiting: all.is_empty() && !record.complete,
        digest: hash(&all),
        body: if all.is_empty() { Body::Nothing(none.into()) } else { Body::Differences(all) },
    }
}

/// A hash of the entries and of each source's state, without times.
fn digest(record: &Record, dataset: Dataset, entries: &[Entry]) -> String {
    let states = record.sources.iter().flat_map(|source| {
        let of = source.datasets.iter().filter(|report| report.dataset == dataset);
        of.map(|report| (source.source.to_string(), report.state.name()))
    });
    hash(&(serde_json::to_string(entries).unwrap_or_default(), states.collect::<Vec<_>>()))
}

fn hash(value: &impl Hash) -> String {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}
