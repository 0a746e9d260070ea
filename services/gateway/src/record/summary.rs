//! The sections of the record page: which entries the summary shows, in what order, and how old they are. A section
//! without entries must say why, or that its sources are still being asked.

use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
};

use jiff::{Timestamp, ToSpan, civil::Date};
use lcr_contracts::record::{Detail, Entry, Record};
use lcr_model::{Dataset, SourceState};

use crate::{
    layout::format::{capitalise, date_range, encode_query_value, format_count, in_london},
    record::{
        banner_remarks::plan_words,
        coverage::Coverage,
        entry::{SummaryItem, summary_item},
        flags,
        medications::{Medications, medications},
        order::{Sort, sort_entries},
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
    /// The reason why there is nothing.
    Nothing(String),
}

/// A section of the summary.
#[derive(Debug)]
pub struct Part {
    pub id: &'static str,
    pub title: &'static str,
    datasets: &'static [Dataset],
    max_entries: usize,
}

/// The sections in reading order: what is new or abnormal, medicines, problems, plans, contacts. The banner has the
/// allergies, and this page their details.
pub static SUMMARY: [Part; 6] = [
    part("section-results", "New or abnormal results", &[Dataset::Results], 6),
    part("section-medications", "Medications", &[Dataset::Medications], 20),
    part("section-diagnoses", "Diagnoses", &[Dataset::Diagnoses], 8),
    part("section-plans", "Plans", &[Dataset::EndOfLife, Dataset::CarePlans], 4),
    part("section-encounters", "Last contacts", &[Dataset::Encounters], 6),
    part("section-allergies", "Allergies", &[Dataset::Allergies], 10),
];
pub const DIFFERENCES: &str = "section-differences";
/// The most abnormal results of the summary.
const MAX_ABNORMAL: usize = 20;
const FILING_NOTE: &str = "Seeing a result here does not file or action it.";

const fn part(id: &'static str, title: &'static str, datasets: &'static [Dataset], max_entries: usize) -> Part {
    Part { id, title, datasets, max_entries }
}

/// The sections of the summary that this record may show.
pub fn sections(record: &Record, now: Timestamp) -> Vec<Section> {
    let mut out: Vec<Section> = SUMMARY.iter().filter_map(|part| section(record, part, now)).collect();
    out.push(differences(record));
    out
}

/// `None` if none of its datasets is open to the reader.
fn section(record: &Record, part: &Part, now: Timestamp) -> Option<Section> {
    let datasets: Vec<Dataset> = part.datasets.iter().copied().filter(|one| record.section(*one).is_some()).collect();
    let first = *datasets.first()?;
    let entries: Vec<&Entry> =
        datasets.iter().filter_map(|one| record.section(*one)).flat_map(|section| &section.entries).collect();
    let coverage: Vec<Coverage> = datasets.iter().map(|one| Coverage::of(record, *one)).collect();
    let is_asking = coverage.iter().any(|one| !one.asking.is_empty());
    let waiting = entries.is_empty() && is_asking;
    let body = body(record, part, &datasets, entries, now);
    Some(Section {
        id: part.id,
        title: part.title.into(),
        href: format!("/people/{}/{first}", record.person),
        counts: counts(record, &datasets, now),
        gaps: coverage.iter().flat_map(|one| one.sentences(now)).collect(),
        // A section without entries may be replaced in place when an answer comes.
        waiting,
        digest: digest(record, &datasets, &body),
        body,
    })
}

fn body(record: &Record, part: &Part, datasets: &[Dataset], mut entries: Vec<&Entry>, now: Timestamp) -> Body {
    if entries.is_empty() {
        let reason = |one: &Dataset| Coverage::of(record, *one).empty_text(&one.title().to_lowercase());
        return Body::Nothing(datasets.iter().map(reason).collect::<Vec<_>>().join(" "));
    }
    match datasets {
        [Dataset::Medications] => Body::Medications(medications(record, true, part.max_entries)),
        [Dataset::Results] => latest_results(record, entries, part.max_entries, in_london(now).date()),
        _ => {
            sort_entries(&mut entries, Sort::Usual);
            let more = (entries.len() > part.max_entries).then(|| format!("All {}", entries.len()));
            let items = entries.into_iter().take(part.max_entries).map(|entry| item(record, entry)).collect();
            Body::Items { items, note: None, more }
        }
    }
}

/// An item of the summary. A plan says what it decides.
fn item(record: &Record, entry: &Entry) -> SummaryItem {
    let item = summary_item(record.person, entry);
    match plan_words(entry) {
        Some(words) => SummaryItem { text: format!("{words}, {}", item.text), ..item },
        None => item,
    }
}

/// The latest result of each series.
fn latest_results(record: &Record, entries: Vec<&Entry>, max_entries: usize, today: Date) -> Body {
    let all = entries.len();
    // The results of such a report are entries of their own and would appear twice.
    let mut sorted: Vec<&Entry> = entries.into_iter().filter(|entry| !is_report_only(entry)).collect();
    sort_entries(&mut sorted, Sort::Newest);
    let mut count_by_series: HashMap<String, usize> = HashMap::new();
    let mut latest: Vec<&Entry> = Vec::new();
    for entry in sorted {
        let count = count_by_series.entry(series(entry)).or_default();
        *count += 1;
        if *count == 1 {
            latest.push(entry);
        }
    }
    latest.sort_by_key(|entry| urgency(entry, today));
    // The limit does not cut off what is abnormal, unless it would fill the page.
    let abnormal = latest.iter().filter(|entry| urgency(entry, today) <= Urgency::Abnormal).count();
    let limit = abnormal.clamp(max_entries, MAX_ABNORMAL);
    let hidden = abnormal.saturating_sub(limit);
    let hidden = if hidden > 0 { format!(", {hidden} more abnormal") } else { String::new() };
    let more = (latest.len() > limit).then(|| format!("All {}{hidden}", format_count(all, "result", "results")));
    let shown = latest.into_iter().take(limit);
    let items = shown.map(|entry| result_item(record, entry, count_by_series.get(&series(entry)).copied())).collect();
    Body::Items { items, note: Some(FILING_NOTE), more }
}

/// A result with the word for its flag in front of the value: "High".
fn result_item(record: &Record, entry: &Entry, times: Option<usize>) -> SummaryItem {
    let mut plain = entry.clone();
    let mark = flags::flag(entry).map(|flag| if flag.words.is_empty() { flag.letter } else { flag.words });
    if let (Some(_), Detail::Result { flag, .. }) = (&mark, &mut plain.detail) {
        *flag = None;
    }
    let mut item = summary_item(record.person, &plain);
    item.remark = mark.map(|words| capitalise(&words)).or(item.remark);
    if let Some(times) = times.filter(|times| *times > 1) {
        let href = format!("/people/{}/results?series={}", record.person, encode_query_value(&series(entry)));
        item.more_link = Some((href, format!("all {times}")));
    }
    item
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Urgency {
    Critical,
    Abnormal,
    /// A comment may withdraw the value.
    Commented,
    Usual,
}

/// How early the latest result of a test stands. What is older than a year is not news.
fn urgency(entry: &Entry, today: Date) -> Urgency {
    match flags::flag(entry) {
        _ if !is_within_a_year(entry, today) => Urgency::Usual,
        Some(flag) if flag.is_critical => Urgency::Critical,
        Some(_) => Urgency::Abnormal,
        None if !entry.notes.is_empty() => Urgency::Commented,
        None => Urgency::Usual,
    }
}

/// A result without a date may be new.
fn is_within_a_year(entry: &Entry, today: Date) -> bool {
    let last_day = entry.date.as_deref().and_then(date_range).map(|(_, last)| last);
    let a_year_ago = today.checked_sub(1.year()).unwrap_or(today);
    last_day.is_none_or(|day| day >= a_year_ago)
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
fn counts(record: &Record, datasets: &[Dataset], now: Timestamp) -> String {
    let mut parts = Vec::new();
    for source in &record.sources {
        let given = source.datasets.iter().filter(|report| datasets.contains(&report.dataset));
        let given = given.filter(|report| matches!(report.state, SourceState::HasData | SourceState::Stale { .. }));
        let (count, answered_at) = given
            .clone()
            .fold((0_u32, None::<Timestamp>), |(count, at), report| (count + report.count, at.max(report.answered_at)));
        if given.count() > 0 {
            // A report without a count shows its time only.
            let count = if count > 0 { format!(" {count}") } else { String::new() };
            parts.push(format!("{}{count}, {}", source.name, format_answer_age(answered_at, now)));
        }
    }
    parts.join(" · ")
}

/// What sources say differently. Allergies stand in the banner and medications side by side, so here they are only named.
fn differences(record: &Record) -> Section {
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
fn digest(record: &Record, datasets: &[Dataset], body: &Body) -> String {
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

#[cfg(test)]
#[path = "summary_tests.rs"]
mod tests;
