//! The sections of the record page: which entries the summary shows, in what order, and how old they are. A section
//! without entries must say why, or that its sources are still being asked.

use jiff::Timestamp;
use lcr_contracts::record::{Entry, Record};
use lcr_model::{Dataset, SourceState};

use crate::{
    layout::format::{format_count, in_london},
    record::{
        banner_remarks::plan_words,
        coverage::Coverage,
        entry::{SummaryItem, summary_item},
        medications::{Medications, medications},
        order::{Sort, sort_entries},
        sources::format_answer_age,
        summary::{
            phone::{More, fold_line, shorten_medications},
            results::latest_results,
        },
    },
};
pub use differences::DIFFERENCES;
use differences::{differences, digest};

mod differences;
mod phone;
mod results;

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
        more: Option<More>,
        /// The line that a phone shows instead of the items until it is opened.
        fold: Option<String>,
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
    /// One entry, and several.
    nouns: (&'static str, &'static str),
    /// Whether a phone folds it.
    folds: bool,
    /// Whether it is shown only to readers to whom no medicines are open, such as social workers.
    only_without_medicines: bool,
}

impl Part {
    /// "7 diagnoses".
    fn count_text(&self, count: usize) -> String {
        format_count(count, self.nouns.0, self.nouns.1)
    }
}

/// The sections in reading order: for a social worker social care first; what is new or abnormal, medicines, problems,
/// plans, contacts. The banner has the allergies, and this page their details.
pub static SUMMARY: [Part; 8] = [
    without_medicines(&part("section-social-care", "Social care", &[Dataset::SocialCare], 6, ("service", "services"))),
    without_medicines(&part("section-safeguarding", "Safeguarding", &[Dataset::Safeguarding], 6, ("entry", "entries"))),
    part("section-results", "New or abnormal results", &[Dataset::Results], 6, ("result", "results")),
    part("section-medications", "Medications", &[Dataset::Medications], 20, ("medicine", "medicines")),
    folded(&part("section-diagnoses", "Diagnoses", &[Dataset::Diagnoses], 8, ("diagnosis", "diagnoses"))),
    folded(&part("section-plans", "Plans", &[Dataset::EndOfLife, Dataset::CarePlans], 4, ("plan", "plans"))),
    folded(&part("section-encounters", "Last contacts", &[Dataset::Encounters], 6, ("contact", "contacts"))),
    part("section-allergies", "Allergies", &[Dataset::Allergies], 10, ("allergy", "allergies")),
];

const fn part(
    id: &'static str,
    title: &'static str,
    datasets: &'static [Dataset],
    max_entries: usize,
    nouns: (&'static str, &'static str),
) -> Part {
    Part { id, title, datasets, max_entries, nouns, folds: false, only_without_medicines: false }
}

/// Shown only to readers to whom no medicines are open.
const fn without_medicines(part: &Part) -> Part {
    Part { only_without_medicines: true, ..*part }
}

/// A phone shows one line of the section until it is opened.
const fn folded(part: &Part) -> Part {
    Part { folds: true, ..*part }
}

/// The sections of the summary that this record may show.
pub fn sections(record: &Record, now: Timestamp) -> Vec<Section> {
    let has_medicines = record.section(Dataset::Medications).is_some();
    let shown = SUMMARY.iter().filter(|part| !(part.only_without_medicines && has_medicines));
    let mut out: Vec<Section> = shown.filter_map(|part| section(record, part, now)).collect();
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
        [Dataset::Medications] => {
            let mut table = medications(record, true, part.max_entries);
            shorten_medications(&mut table);
            Body::Medications(table)
        }
        [Dataset::Results] => latest_results(record, entries, part, in_london(now).date()),
        _ => {
            sort_entries(&mut entries, Sort::Usual);
            let all = entries.len();
            entries.truncate(part.max_entries);
            let items: Vec<SummaryItem> = entries.iter().map(|entry| item(record, entry)).collect();
            let fold = fold_line(part, &entries, &items, all);
            let text = format!("Show all {}", part.count_text(all));
            let more = (all > items.len()).then_some(More { text, phone_only: false });
            Body::Items { items, note: None, more, fold }
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
            parts.push(format!("{}{count}, {}", source.shown_name(), format_answer_age(answered_at, now)));
        }
    }
    parts.join(" · ")
}

#[cfg(test)]
#[path = "summary_tests.rs"]
mod tests;
