//! One item of the timeline: its text, its date and its marks.

use lcr_contracts::record::{Detail, Entry, Record};
use lcr_model::Dataset;

use super::TimelineEntry;
use crate::{
    layout::format::{encode_query_value, format_sent_date},
    record::{
        columns,
        entry::{self, source_and_date},
        flags, marks,
    },
};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    pub id: String,
    pub date: String,
    pub kind: &'static str,
    pub title: String,
    pub href: Option<String>,
    pub text: String,
    pub marks: Vec<&'static str>,
    pub notes: Vec<String>,
    pub source: String,
    /// Whether a result in it is flagged.
    pub is_flagged: bool,
}

pub(super) fn item(record: &Record, one: &TimelineEntry) -> Item {
    let entry = one.entry;
    let base = format!("/people/{}", record.person);
    let href = if !entry.files.is_empty() || one.dataset == Dataset::Documents {
        Some(format!("{base}/documents/{}", encode_query_value(&entry.id)))
    } else {
        one.members.first().map(|member| format!("{base}/results?panel={}", encode_query_value(&member.id)))
    };
    let notes = one
        .members
        .iter()
        .flat_map(|member| member.notes.iter().map(move |note| format!("{}: {note}", entry::title(member))));
    Item {
        id: entry.id.clone(),
        date: entry.date.as_deref().map(format_sent_date).unwrap_or_default(),
        kind: one.dataset.title(),
        title: entry::title(entry),
        href,
        text: text(one),
        marks: item_marks(one),
        notes: entry.notes.iter().cloned().chain(notes).collect(),
        source: source_and_date(entry),
        is_flagged: std::iter::once(&entry).chain(&one.members).any(|result| flags::flag(result).is_some()),
    }
}

/// The warnings of the entry and of the results in it, each once.
fn item_marks(one: &TimelineEntry) -> Vec<&'static str> {
    let mut all: Vec<&str> = Vec::new();
    for mark in std::iter::once(&one.entry).chain(&one.members).flat_map(|entry| marks::entry_marks(entry)) {
        if !all.contains(&mark) {
            all.push(mark);
        }
    }
    all
}

/// The entry in words. A date that the line says already is left out. A report shows its results instead of their number.
pub(super) fn text(one: &TimelineEntry) -> String {
    if one.members.is_empty() {
        return match &one.entry.detail {
            Detail::Other { .. } => {
                let details = columns::details(one.entry).into_iter().chain(one.entry.status.clone());
                details.collect::<Vec<_>>().join("; ")
            }
            Detail::Result { .. } | Detail::Document { .. } | Detail::Medication { .. } => {
                entry::text(&Entry { date: None, ..one.entry.clone() })
            }
            _ => entry::text(one.entry),
        };
    }
    let status = |member: &Entry| {
        let status = member.status.as_deref().filter(|status| !status.eq_ignore_ascii_case("final"));
        status.map(|status| format!(", {}", status.to_lowercase())).unwrap_or_default()
    };
    let result =
        |member: &&Entry| format!("{} {}{}", entry::title(member), entry::result_value(member), status(member));
    one.members.iter().map(result).collect::<Vec<_>>().join("; ")
}
