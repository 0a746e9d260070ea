//! Medicines by kind of source, side by side, aligned by ingredient and route. It must never merge two lists: a cell
//! shows the statements of one kind of source, or why there is none.

mod cell;

use std::collections::BTreeMap;

use lcr_contracts::{
    record::{Detail, Entry, Mark, Record},
    vocabulary::SystemKind,
};
use lcr_model::Dataset;

use crate::{
    layout::format::capitalise,
    record::{allergy_check::allergy_warning, coverage::Coverage},
};
use cell::{Cell, cell};

/// One column per kind of source, one row per medicine and route.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Medications {
    pub kinds: Vec<&'static str>,
    pub rows: Vec<Row>,
    /// Current medicines that did not fit.
    pub more: usize,
    /// Stopped medicines, which only the dataset's own page lists.
    pub stopped: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub name: String,
    /// A source says not to give it.
    pub forbidden: bool,
    /// "Allergy recorded: penicillin, anaphylaxis (Beckside Surgery)".
    pub allergy: Option<String>,
    /// "dose differs", "only in GP list".
    pub remarks: Vec<String>,
    /// One per kind, in the order of `kinds`.
    pub cells: Vec<Cell>,
    /// A source comments on it or marks it.
    pub has_notes: bool,
    /// A phone leaves it out of the summary.
    pub wide_only: bool,
}

impl Row {
    /// Whether nothing about the medicine can harm a reader who does not see it at once.
    pub fn is_plain(&self) -> bool {
        !self.forbidden && self.allergy.is_none() && self.remarks.is_empty() && !self.has_notes
    }
}

impl Medications {
    /// The medicines that a phone leaves out of the summary.
    pub fn wide_only_names(&self) -> String {
        let names: Vec<&str> = self.rows.iter().filter(|row| row.wide_only).map(|row| row.name.as_str()).collect();
        names.join("; ")
    }
}

/// Kinds of source with a list of medicines, in reading order.
static KINDS: [(SystemKind, &str); 6] = [
    (SystemKind::Gp, "GP"),
    (SystemKind::Hospital, "Hospital"),
    (SystemKind::MentalHealth, "Mental health"),
    (SystemKind::Community, "Community"),
    (SystemKind::SocialCare, "Social care"),
    (SystemKind::Pharmacy, "Pharmacy"),
];

const OTHER: &str = "Other";

fn kind_name(kind: &SystemKind) -> &'static str {
    KINDS.iter().find(|(known, _)| known == kind).map_or(OTHER, |(_, name)| name)
}

/// `only_current` leaves out stopped medicines.
pub fn medications(record: &Record, only_current: bool, max_rows: usize) -> Medications {
    let entries = record.section(Dataset::Medications).map_or(&[][..], |section| &section.entries);
    let kinds = kinds(record, entries);
    let mut groups: BTreeMap<&str, Vec<&Entry>> = BTreeMap::new();
    let mut out = Medications { kinds, ..Medications::default() };
    for entry in entries {
        let Detail::Medication { aligned_by, .. } = &entry.detail else { continue };
        if only_current && is_stopped(entry) {
            out.stopped += 1;
        } else {
            let key = if aligned_by.is_empty() { &entry.title } else { aligned_by };
            groups.entry(key).or_default().push(entry);
        }
    }
    let coverage: Vec<Coverage> = out.kinds.iter().map(|kind| coverage_by_kind(record, kind)).collect();
    let allergies = record.section(Dataset::Allergies).map_or(&[][..], |section| &section.entries);
    let row = |group: &Vec<&Entry>| Row {
        allergy: group.iter().find_map(|entry| allergy_warning(entry, allergies).filter(|_| !is_stopped(entry))),
        ..row(group, &out.kinds, &coverage)
    };
    let mut rows: Vec<Row> = groups.values().map(row).collect();
    // A reader must not miss what can harm, and differences, so they come first. Names keep the order stable.
    rows.sort_by_key(|row| (!row.forbidden && row.allergy.is_none(), row.remarks.is_empty(), row.name.to_lowercase()));
    out.more = rows.len().saturating_sub(max_rows);
    rows.truncate(max_rows);
    out.rows = rows;
    out
}

/// Whether the list or the status says that the medicine is not taken now.
pub fn is_stopped(entry: &Entry) -> bool {
    let Detail::Medication { list, .. } = &entry.detail else { return false };
    let ended =
        ["stopped", "completed", "cancelled", "ended", "not taken", "a draft", "planned", "proposed", "an option"];
    let is_ended = |text: &str| ended.iter().any(|word| text.eq_ignore_ascii_case(word));
    // A completed supply to take home does not mean that the course has ended.
    if list == "to take home" && entry.status.as_deref() == Some("Completed") {
        return false;
    }
    // A status may end in its reason: "Completed: course finished".
    is_ended(list) || entry.status.as_deref().and_then(|status| status.split(':').next()).is_some_and(is_ended)
}

/// The kinds that list a medicine, have answered, or may still answer.
fn kinds(record: &Record, entries: &[Entry]) -> Vec<&'static str> {
    let listed: Vec<&str> =
        entries.iter().flat_map(|entry| &entry.provenance).map(|one| kind_name(&one.kind)).collect();
    let all = KINDS.iter().map(|(_, name)| *name).chain([OTHER]);
    all.filter(|kind| {
        let coverage = coverage_by_kind(record, kind);
        listed.contains(kind)
            || !coverage.unanswered().is_empty()
            || (!coverage.holds_none().is_empty() && *kind != OTHER)
    })
    .collect()
}

fn coverage_by_kind(record: &Record, kind: &str) -> Coverage {
    Coverage::by_kind(record, Dataset::Medications, |source| kind_name(source) == kind)
}

fn row(group: &[&Entry], kinds: &[&'static str], coverage: &[Coverage]) -> Row {
    let mut remarks: Vec<String> = Vec::new();
    for remark in group.iter().filter_map(|entry| entry.remark.clone()) {
        if !remarks.contains(&remark) {
            remarks.push(remark);
        }
    }
    let name = row_name(group);
    let forbidden = group.iter().any(|entry| entry.marks.contains(&Mark::DoNotPerform));
    let titles_differ = group.iter().any(|entry| entry.title != group[0].title);
    let cells = kinds.iter().zip(coverage).map(|(kind, coverage)| cell(group, kind, coverage, titles_differ)).collect();
    let has_notes = group.iter().any(|entry| !entry.notes.is_empty() || !entry.marks.is_empty());
    Row { name, forbidden, allergy: None, remarks, cells, has_notes, wide_only: false }
}

/// The ingredient and route if the titles differ: one list's strength would be wrong for the other.
fn row_name(group: &[&Entry]) -> String {
    let Some(first) = group.first() else { return String::new() };
    match &first.detail {
        Detail::Medication { aligned_by, .. } if group.iter().any(|other| other.title != first.title) => {
            capitalise(aligned_by)
        }
        _ => name(first),
    }
}

fn name(entry: &Entry) -> String {
    match &entry.detail {
        Detail::Medication { route: Some(route), .. }
            if !entry.title.to_lowercase().contains(&route.to_lowercase()) =>
        {
            format!("{} {}", entry.title, route.to_lowercase())
        }
        _ => entry.title.clone(),
    }
}

#[cfg(test)]
#[path = "medications_tests.rs"]
mod tests;
