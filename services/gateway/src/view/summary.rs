//! The sections of the record page: what stands on the summary, in what order, and how old it is. A section
//! without entries says why; one whose sources are still asked says that it waits.

use std::{
    collections::{HashMap, HashSet},
    hash::{DefaultHasher, Hash, Hasher},
};

use jiff::Timestamp;
use lcr_contracts::record::{Detail, Entry, Record};
use lcr_model::{Dataset, SourceState};

use super::{
    entry::{Item, item, newest_first},
    gaps::Gaps,
    medications::{Medications, medications},
    sources::age,
    words::{count, in_query},
};

/// One section of the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    pub id: &'static str,
    pub title: String,
    pub href: String,
    /// "Beckside Surgery 9 · St Hilda's Hospitals 6".
    pub counts: String,
    pub gaps: Vec<String>,
    pub waiting: bool,
    /// Changes when what it says changes.
    pub digest: String,
    pub body: Body,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    Medications(Medications),
    Items {
        items: Vec<Item>,
        note: Option<&'static str>,
        more: Option<String>,
    },
    /// (about, who says what).
    Differences(Vec<(String, Vec<(String, String)>)>),
    /// Nothing to list, and why.
    Nothing(String),
}

/// The datasets of the summary with their place, and how many entries of each are shown.
pub const SUMMARY: [(Dataset, &str, usize); 5] = [
    (Dataset::Medications, "section-medications", 20),
    (Dataset::Results, "section-results", 6),
    (Dataset::Allergies, "section-allergies", 10),
    (Dataset::Diagnoses, "section-diagnoses", 8),
    (Dataset::Encounters, "section-encounters", 6),
];
pub const DIFFERENCES: &str = "section-differences";
const FILING: &str = "Seeing a result here does not file or action it.";

/// The sections of the summary that this record may show.
pub fn sections(record: &Record, now: Timestamp) -> Vec<Section> {
    let shown = SUMMARY.iter().filter(|(dataset, _, _)| record.section(*dataset).is_some());
    let mut out: Vec<Section> =
        shown.map(|(dataset, id, most)| section(record, *dataset, id, *most, now)).collect();
    out.push(differences(record));
    out
}

fn section(record: &Record, dataset: Dataset, id: &'static str, most: usize, now: Timestamp) -> Section {
    let gaps = Gaps::of(record, dataset);
    let entries = record.section(dataset).map_or(&[][..], |section| &section.entries);
    Section {
        id,
        title: if dataset == Dataset::Results { "Latest results".into() } else { dataset.title().into() },
        href: format!("/people/{}/{dataset}", record.person),
        counts: counts(record, dataset, now),
        gaps: gaps.sentences(now),
        // Words alone are not yet a first filling: what comes next may take their place.
        waiting: entries.is_empty() && !gaps.asking.is_empty(),
        digest: digest(record, dataset, entries),
        body: body(record, dataset, entries, most, &gaps),
    }
}

fn body(record: &Record, dataset: Dataset, entries: &[Entry], most: usize, gaps: &Gaps) -> Body {
    if entries.is_empty() {
        return Body::Nothing(gaps.none_shown(&dataset.title().to_lowercase()));
    }
    match dataset {
        Dataset::Medications => Body::Medications(medications(record, true, most)),
        Dataset::Results => results(record, entries, most),
        _ => {
            let mut sorted: Vec<&Entry> = entries.iter().collect();
            newest_first(&mut sorted);
            // A stay that goes on is never cut off by later contacts.
            sorted.sort_by_key(|entry| !matches!(entry.detail, Detail::Encounter { in_progress: true, .. }));
            let items = sorted.iter().take(most).map(|entry| item(record.person, entry)).collect();
            Body::Items { items, note: None, more: more(entries.len(), most) }
        }
    }
}

fn more(all: usize, most: usize) -> Option<String> {
    (all > most).then(|| format!("All {all}"))
}

/// The latest of each series.
fn results(record: &Record, entries: &[Entry], most: usize) -> Body {
    // A report whose results stand as entries of their own would say them twice here; its page lists it.
    let mut sorted: Vec<&Entry> = entries.iter().filter(|entry| !only_groups(entry)).collect();
    newest_first(&mut sorted);
    let mut times_of: HashMap<String, usize> = HashMap::new();
    let mut items: Vec<(String, Item)> = Vec::new();
    let mut outside: HashSet<String> = HashSet::new();
    for entry in sorted {
        let key = series(entry);
        let times = times_of.entry(key.clone()).or_default();
        *times += 1;
        if *times == 1 {
            if is_outside(entry) {
                outside.insert(key.clone());
            }
            items.push((key, item(record.person, entry)));
        }
    }
    // What is outside its range must not be cut off by the alphabet: it comes first, newest first within.
    items.sort_by_key(|(key, _)| !outside.contains(key));
    let link = |(key, mut item): (String, Item)| {
        let times = times_of.get(&key).copied().unwrap_or(1);
        if times > 1 {
            let href = format!("/people/{}/results?series={}", record.person, in_query(&key));
            item.more = Some((href, format!("all {times}")));
        }
        item
    };
    let more = (items.len() > most).then(|| format!("All {}", count(entries.len(), "result", "results")));
    Body::Items { items: items.into_iter().take(most).map(link).collect(), note: Some(FILING), more }
}

/// Flagged as anything but usual, or with a comment that may take the value back.
fn is_outside(entry: &Entry) -> bool {
    const USUAL: [&str; 6] =
        ["normal", "negative", "not detected", "not reactive", "susceptible", "expected"];
    let Detail::Result { flag, .. } = &entry.detail else { return false };
    let flagged =
        flag.as_deref().is_some_and(|flag| !USUAL.iter().any(|usual| flag.eq_ignore_ascii_case(usual)));
    flagged || !entry.notes.is_empty()
}

/// A report that says nothing but how many results it has.
fn only_groups(entry: &Entry) -> bool {
    let Detail::Result { report: Some(_), value, .. } = &entry.detail else { return false };
    value.starts_with("Report with ")
        && entry.notes.is_empty()
        && entry.files.is_empty()
        && entry.marks.is_empty()
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
                // Where sources are not named, they are not counted either.
                let count = if report.count > 0 { format!(" {}", report.count) } else { String::new() };
                parts.push(format!("{}{count}, {}", source.name, age(report.answered_at, now)));
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
        "Compared once sources have answered."
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

/// Of the entries and of who has answered, not of when.
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
