//! One entry of a record as text. An entry must never be shown without its source, nor a value without the unit and
//! status that its source sent.

use jiff::Timestamp;
use lcr_contracts::record::{Detail, Entry, Provenance};
use lcr_model::PersonId;

use crate::{
    layout::format::{encode_query_value, format_day, format_sent_date, in_london, join_with_and},
    record::{
        document_title::{document_kind, document_title, replaced_title},
        marks,
    },
};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SummaryItem {
    pub title: String,
    /// A page with more, and the text of its link.
    pub more_link: Option<(String, String)>,
    pub text: String,
    pub remark: Option<String>,
    /// Warnings on how the item may be used.
    pub marks: Vec<&'static str>,
    /// The source's comments. A laboratory's warning must not be hidden behind a link.
    pub notes: Vec<String>,
    pub files_href: Option<String>,
    pub source_and_date: String,
    /// Whether no mark says more than who may know of the item.
    pub only_confidential: bool,
    /// A phone leaves it out.
    pub wide_only: bool,
}

impl SummaryItem {
    /// Whether nothing about the item can harm a reader who does not see it at once.
    pub fn is_plain(&self) -> bool {
        self.remark.is_none() && self.only_confidential && self.notes.is_empty()
    }
}

/// The page that opens the entry's files.
pub fn files_href(person: PersonId, entry: &Entry) -> Option<String> {
    (!entry.files.is_empty()).then(|| format!("/people/{person}/documents/{}", encode_query_value(&entry.id)))
}

pub fn summary_item(person: PersonId, entry: &Entry) -> SummaryItem {
    SummaryItem {
        title: title(entry),
        more_link: None,
        text: text(entry),
        remark: entry.remark.clone(),
        marks: marks::entry_marks(entry),
        only_confidential: entry.marks.iter().all(|mark| marks::is_confidentiality(*mark)),
        notes: entry.notes.clone(),
        files_href: files_href(person, entry),
        source_and_date: source_and_date(entry),
        wide_only: false,
    }
}

/// The title. "None known" is shown as the statement of its source.
pub fn title(entry: &Entry) -> String {
    match &entry.detail {
        Detail::Allergy { none_known: true, .. } => {
            format!("None known, according to {}", source_names(&entry.provenance))
        }
        Detail::Document { document_type, author, .. } => document_title(entry, document_type, author.as_deref()),
        _ if entry.title.trim().is_empty() => "Title not recorded".into(),
        _ => entry.title.clone(),
    }
}

/// The details beyond the title, in one line.
pub fn text(entry: &Entry) -> String {
    let date = entry.date.as_deref().map(format_sent_date);
    let status = entry.status.clone();
    let parts: Vec<Option<String>> = match &entry.detail {
        Detail::Allergy { none_known: true, .. } => vec![date.map(|date| format!("recorded {date}"))],
        Detail::Allergy { clinical, verification, reactions, severe, .. } => vec![
            (!reactions.is_empty()).then(|| join_with_and(reactions)),
            severe.then(|| "severe".into()),
            clinical.clone(),
            verification.clone(),
            date.map(|date| format!("recorded {date}")),
        ],
        Detail::Medication { list, dose, route, .. } => {
            vec![dose.clone(), route.clone(), Some(list.clone()), status, date]
        }
        Detail::Diagnosis { clinical, certainty, ended, only_recorded } => vec![
            clinical.clone(),
            certainty.clone(),
            date.map(|date| if *only_recorded { format!("recorded {date}") } else { format!("onset {date}") }),
            ended.as_deref().map(|ended| format!("ended {}", format_sent_date(ended))),
        ],
        Detail::Result { .. } => {
            vec![Some(result_value(entry)), date.map(|date| format!("collected {date}")), status]
        }
        Detail::Document { document_type, author, .. } => {
            let shown = title(entry);
            let beyond_title = |part: &String| !shown.contains(part.as_str());
            let parts =
                [Some(document_kind(document_type)), author.clone(), date].map(|part| part.filter(beyond_title));
            parts.into_iter().chain([status, replaced_title(entry, &shown)]).collect()
        }
        Detail::Encounter { class, place, ended, in_progress } => {
            vec![Some(class.clone()), place.clone(), Some(format_stay(entry, ended.as_deref(), *in_progress)), status]
        }
        Detail::Demographics(_) | Detail::Other { .. } => vec![date, status],
    };
    let details: Vec<String> = parts.into_iter().flatten().filter(|part| !part.trim().is_empty()).collect();
    if details.is_empty() { "No more was recorded".into() } else { details.join(", ") }
}

/// The start and the end of a contact or stay.
pub fn format_stay(entry: &Entry, ended: Option<&str>, in_progress: bool) -> String {
    let from = entry.date.as_deref().map_or("start not recorded".into(), format_sent_date);
    match (in_progress, ended) {
        (true, _) => format!("{from}, still going on"),
        (false, Some(ended)) if format_sent_date(ended) == from => from,
        (false, Some(ended)) => format!("{from} to {}", format_sent_date(ended)),
        (false, None) => from,
    }
}

/// A result's value, unit, flag and range: `41 mL/min/1.73 m², low (60 or above)`.
pub fn result_value(entry: &Entry) -> String {
    let Detail::Result { flag, range, .. } = &entry.detail else {
        return String::new();
    };
    let mut out = value_words(entry, true);
    if let Some(flag) = flag {
        out += &format!(", {flag}");
    }
    match range {
        // With several ranges, we cannot tell which one applies.
        Some(ranges) if ranges.contains("; ") => out + &format!(" (ranges: {ranges})"),
        Some(range) => out + &format!(" ({range})"),
        None => out,
    }
}

/// A result's value and components, or words that say that there is none. A unit that the value has is not repeated.
pub fn value_words(entry: &Entry, with_unit: bool) -> String {
    let Detail::Result { value, unit, components, .. } = &entry.detail else {
        return String::new();
    };
    let mut out = value.trim().to_owned();
    let is_missing = |unit: &&str| with_unit && !unit.is_empty() && !out.is_empty() && !out.ends_with(*unit);
    if let Some(unit) = unit.as_deref().filter(is_missing) {
        out = format!("{out} {unit}");
    }
    // A result that consists of components already has them in its value.
    for (label, value) in components {
        let component = format!("{label} {value}");
        if !out.contains(&component) {
            out += if out.is_empty() { "" } else { "; " };
            out += &component;
        }
    }
    if out.is_empty() { "No value sent".into() } else { out }
}

/// The sources and the dates of their last changes: `St Hilda's Hospitals, 21-Nov-2026`.
pub fn source_and_date(entry: &Entry) -> String {
    if entry.provenance.is_empty() {
        return "Source not named".into();
    }
    let one = |source: &Provenance| format!("{}, {}", source.shown_name(), format_updated(source.updated));
    entry.provenance.iter().map(one).collect::<Vec<_>>().join(" · ")
}

/// The date of a source's last change.
pub fn format_updated(at: Option<Timestamp>) -> String {
    at.map_or_else(|| "date not given".into(), |at| format_day(in_london(at).date()))
}

pub fn source_names(provenance: &[Provenance]) -> String {
    let names: Vec<String> = provenance.iter().map(|one| one.shown_name().to_owned()).collect();
    if names.is_empty() { "a source not named".into() } else { join_with_and(&names) }
}
