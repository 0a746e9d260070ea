//! One entry in words: what it says, how sure, whose and when. An entry is never shown without its source,
//! and a value is never shown without its unit and status when the source sent them.

use jiff::Timestamp;
use lcr_contracts::record::{Detail, Entry, Provenance};
use lcr_model::PersonId;

use super::{
    marks,
    words::{day, in_london, in_query, list, sent, sort_key},
};

/// An entry as a summary lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    pub title: String,
    /// A page that says more, and its words.
    pub more: Option<(String, String)>,
    pub text: String,
    pub remark: Option<String>,
    /// What its source forbids or asks to heed.
    pub marks: Vec<&'static str>,
    /// Comments of its source: a laboratory's warning must not wait for another page.
    pub notes: Vec<String>,
    /// Where its files can be opened.
    pub files: Option<String>,
    /// Whose and when, in the same place everywhere.
    pub whose: String,
}

/// The page of an entry's files.
pub fn files_page(person: PersonId, entry: &Entry) -> Option<String> {
    (!entry.files.is_empty()).then(|| format!("/people/{person}/documents/{}", in_query(&entry.id)))
}

/// The entry as an item of a summary.
pub fn item(person: PersonId, entry: &Entry) -> Item {
    Item {
        title: title(entry),
        more: None,
        text: text(entry),
        remark: entry.remark.clone(),
        marks: marks::of(entry),
        notes: entry.notes.clone(),
        files: files_page(person, entry),
        whose: whose(entry),
    }
}

/// The title; "none known" is somebody's word and is shown as that.
pub fn title(entry: &Entry) -> String {
    match &entry.detail {
        Detail::Allergy { none_known: true, .. } => {
            format!("None known, according to {}", names(&entry.provenance))
        }
        _ if entry.title.trim().is_empty() => "Title not recorded".into(),
        _ => entry.title.clone(),
    }
}

/// What it says beyond its title, in one line.
pub fn text(entry: &Entry) -> String {
    let date = entry.date.as_deref().map(sent);
    let status = entry.status.clone();
    let parts: Vec<Option<String>> = match &entry.detail {
        Detail::Allergy { none_known: true, .. } => vec![date.map(|date| format!("recorded {date}"))],
        Detail::Allergy { clinical, verification, reactions, severe, .. } => vec![
            (!reactions.is_empty()).then(|| list(reactions)),
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
            date.map(
                |date| if *only_recorded { format!("recorded {date}") } else { format!("onset {date}") },
            ),
            ended.as_deref().map(|ended| format!("ended {}", sent(ended))),
        ],
        Detail::Result { .. } => {
            vec![Some(value(entry)), date.map(|date| format!("collected {date}")), status]
        }
        Detail::Document { document_type, author, .. } => {
            vec![Some(document_type.clone()), author.clone(), date, status]
        }
        Detail::Encounter { class, place, ended, in_progress } => {
            vec![
                Some(class.clone()),
                place.clone(),
                Some(stay(entry, ended.as_deref(), *in_progress)),
                status,
            ]
        }
        Detail::Demographics(_) | Detail::Other { .. } => vec![date, status],
    };
    let said: Vec<String> = parts.into_iter().flatten().filter(|part| !part.trim().is_empty()).collect();
    if said.is_empty() { "No more was recorded".into() } else { said.join(", ") }
}

/// From when to when.
pub fn stay(entry: &Entry, ended: Option<&str>, in_progress: bool) -> String {
    let from = entry.date.as_deref().map_or("start not recorded".into(), sent);
    match (in_progress, ended) {
        (true, _) => format!("{from}, still going on"),
        (false, Some(ended)) if sent(ended) == from => from,
        (false, Some(ended)) => format!("{from} to {}", sent(ended)),
        (false, None) => from,
    }
}

/// A result's value, unit, flag and range: `41 mL/min/1.73 m², low (60 or above)`.
pub fn value(entry: &Entry) -> String {
    let Detail::Result { value, unit, flag, range, components, .. } = &entry.detail else {
        return String::new();
    };
    let mut out = value.trim().to_owned();
    if let Some(unit) = unit.as_deref().filter(|unit| !unit.is_empty() && !out.ends_with(*unit)) {
        out += &format!(" {unit}");
    }
    // A result made of components alone has them as its value already.
    for (label, value) in components {
        let component = format!("{label} {value}");
        if !out.contains(&component) {
            out += if out.is_empty() { "" } else { "; " };
            out += &component;
        }
    }
    if out.is_empty() {
        out.push_str("No value sent");
    }
    if let Some(flag) = flag {
        out += &format!(", {flag}");
    }
    match range {
        // Several ranges: none of them is the one that applies.
        Some(ranges) if ranges.contains("; ") => out + &format!(" (ranges: {ranges})"),
        Some(range) => out + &format!(" ({range})"),
        None => out,
    }
}

/// Whose, and when they last changed it, the same everywhere: `St Hilda's Hospitals, 21-Nov-2026`.
pub fn whose(entry: &Entry) -> String {
    if entry.provenance.is_empty() {
        return "Source not named".into();
    }
    let one = |source: &Provenance| format!("{}, {}", source.name, updated(source.updated));
    entry.provenance.iter().map(one).collect::<Vec<_>>().join(" · ")
}

/// When a source last changed an item.
pub fn updated(at: Option<Timestamp>) -> String {
    at.map_or_else(|| "date not given".into(), |at| day(in_london(at).date()))
}

pub fn names(provenance: &[Provenance]) -> String {
    let names: Vec<String> = provenance.iter().map(|one| one.name.clone()).collect();
    if names.is_empty() { "a source not named".into() } else { list(&names) }
}

/// Newest first; entries without a date last, as they came.
pub fn newest_first(entries: &mut [&Entry]) {
    let key = |entry: &Entry| entry.date.as_deref().map(sort_key).unwrap_or_default();
    entries.sort_by_key(|entry| std::cmp::Reverse(key(entry)));
}
