//! Medicines by kind of source, side by side, aligned by ingredient and route. Lists are never merged: a cell
//! says what one kind of source says, or why nothing stands there.

use std::collections::BTreeMap;

use lcr_contracts::record::{Detail, Entry, Mark, Provenance, Record};
use lcr_model::Dataset;

use super::{
    entry::updated,
    gaps::Gaps,
    marks,
    words::{list, sent},
};

/// The comparison: a column per kind of source, a row per medicine and route.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Medications {
    pub kinds: Vec<&'static str>,
    pub rows: Vec<Row>,
    /// Current medicines further down than the summary shows.
    pub more: usize,
    /// Items that are stopped and stand on the dataset's own page.
    pub stopped: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub name: String,
    /// A source asks not to give it.
    pub forbidden: bool,
    /// "dose differs", "only in GP list".
    pub remarks: Vec<String>,
    /// One per kind, in order.
    pub cells: Vec<Cell>,
}

/// What one kind of source says of one medicine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    /// (what it says, whose and when).
    pub says: Vec<(String, String)>,
    /// The reason, when it says nothing.
    pub absent: String,
}

/// Kinds of source that keep a medicines list, in reading order.
const KINDS: [(&str, &str); 6] = [
    ("gp", "GP"),
    ("hospital", "Hospital"),
    ("mental-health", "Mental health"),
    ("community", "Community"),
    ("social-care", "Social care"),
    ("pharmacy", "Pharmacy"),
];
const OTHER: &str = "Other";

fn kind_name(kind: &str) -> &'static str {
    KINDS.iter().find(|(id, _)| *id == kind).map_or(OTHER, |(_, name)| name)
}

/// The comparison. `current` leaves out what is stopped, and shows at most `most` rows.
pub fn medications(record: &Record, current: bool, most: usize) -> Medications {
    let entries = record.section(Dataset::Medications).map_or(&[][..], |section| &section.entries);
    let kinds = kinds(record, entries);
    let mut groups: BTreeMap<&str, Vec<&Entry>> = BTreeMap::new();
    let mut out = Medications { kinds, ..Medications::default() };
    for entry in entries {
        let Detail::Medication { aligned_by, .. } = &entry.detail else { continue };
        if current && stopped(entry) {
            out.stopped += 1;
        } else {
            let key = if aligned_by.is_empty() { &entry.title } else { aligned_by };
            groups.entry(key).or_default().push(entry);
        }
    }
    let gaps: Vec<Gaps> = out.kinds.iter().map(|kind| of_kind(record, kind)).collect();
    let mut rows: Vec<Row> = groups.values().map(|group| row(group, &out.kinds, &gaps)).collect();
    // What must not be given first, then differences: they are what a reader must not miss. Then by name, so that the
    // order never changes.
    rows.sort_by_key(|row| (!row.forbidden, row.remarks.is_empty(), row.name.to_lowercase()));
    out.more = rows.len().saturating_sub(most);
    rows.truncate(most);
    out.rows = rows;
    out
}

/// Whether it is no longer taken, by list or status.
pub fn stopped(entry: &Entry) -> bool {
    let Detail::Medication { list, .. } = &entry.detail else { return false };
    let over = [
        "stopped",
        "completed",
        "cancelled",
        "ended",
        "not taken",
        "a draft",
        "planned",
        "proposed",
        "an option",
    ];
    let is_over = |text: &str| over.iter().any(|word| text.eq_ignore_ascii_case(word));
    // A supply to take home that was completed says nothing of the course.
    if list == "to take home" && entry.status.as_deref() == Some("Completed") {
        return false;
    }
    // A status may go on to its reason: "Completed: course finished".
    is_over(list) || entry.status.as_deref().and_then(|status| status.split(':').next()).is_some_and(is_over)
}

/// The columns: kinds that list something, and kinds that were asked and may.
fn kinds(record: &Record, entries: &[Entry]) -> Vec<&'static str> {
    let listed: Vec<&str> =
        entries.iter().flat_map(|entry| &entry.provenance).map(|one| kind_name(&one.kind)).collect();
    let all = KINDS.iter().map(|(_, name)| *name).chain([OTHER]);
    all.filter(|kind| {
        let gaps = of_kind(record, kind);
        listed.contains(kind) || !gaps.unanswered().is_empty() || (!gaps.nothing.is_empty() && *kind != OTHER)
    })
    .collect()
}

fn of_kind(record: &Record, kind: &str) -> Gaps {
    Gaps::among(record, Dataset::Medications, |source| kind_name(source) == kind)
}

fn row(group: &[&Entry], kinds: &[&'static str], gaps: &[Gaps]) -> Row {
    let mut remarks: Vec<String> = Vec::new();
    for remark in group.iter().filter_map(|entry| entry.remark.clone()) {
        if !remarks.contains(&remark) {
            remarks.push(remark);
        }
    }
    let name = row_name(group);
    let forbidden = group.iter().any(|entry| entry.marks.contains(&Mark::DoNotPerform));
    let titles = group.iter().any(|entry| entry.title != group[0].title);
    let cells = kinds.iter().zip(gaps).map(|(kind, gaps)| cell(group, kind, gaps, titles)).collect();
    Row { name, forbidden, remarks, cells }
}

/// One strength in a row's name would be wrong for the other list: then it is the ingredient and route.
fn row_name(group: &[&Entry]) -> String {
    let Some(first) = group.first() else { return String::new() };
    match &first.detail {
        Detail::Medication { aligned_by, .. } if group.iter().any(|other| other.title != first.title) => {
            capitalised(aligned_by)
        }
        _ => name(first),
    }
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
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

fn cell(group: &[&Entry], kind: &str, gaps: &Gaps, titles: bool) -> Cell {
    let of_kind = |one: &&Provenance| kind_name(&one.kind) == kind;
    let says = group
        .iter()
        .flat_map(|entry| entry.provenance.iter().filter(of_kind).map(|one| says(entry, one, titles)));
    Cell { says: says.collect(), absent: absent(kind, gaps) }
}

/// "2.5 mg daily, repeat" and "Beckside Surgery, 03-Oct-2026".
/// Where the row is named for several strengths, each cell says its own.
fn says(entry: &Entry, source: &Provenance, titled: bool) -> (String, String) {
    let Detail::Medication { dose, list, form, reason, .. } = &entry.detail else {
        return Default::default();
    };
    let status =
        entry.status.clone().filter(|status| !status.eq_ignore_ascii_case("active") && status != list);
    // A source's own words name its dose and list; the entry's are those of the first of several.
    let listed = || format!("{}, {list}", dose.as_deref().unwrap_or("dose not recorded"));
    let listed = source.says.clone().unwrap_or_else(listed);
    let reason = reason.as_ref().map(|reason| format!("for {reason}"));
    let title = titled.then(|| entry.title.clone());
    // What must not be given says so in its name.
    let marks = entry.marks.iter().filter(|mark| **mark != Mark::DoNotPerform);
    let marks = marks.map(|mark| marks::words(*mark).to_lowercase());
    let notes = entry.notes.iter().map(|note| format!("comment: {note}"));
    let parts = [title, Some(listed), form.clone(), status, reason].into_iter().flatten();
    let said: Vec<String> = parts.chain(marks).chain(notes).filter(|part| !part.is_empty()).collect();
    let when = source.date.as_deref().or(entry.date.as_deref()).map_or_else(|| updated(source.updated), sent);
    (said.join(", "), format!("{}, {when}", source.name))
}

/// Why a kind of source has no word on a medicine.
fn absent(kind: &str, gaps: &Gaps) -> String {
    let kind = if kind == "GP" { kind.to_owned() } else { kind.to_lowercase() };
    if !gaps.silent.is_empty() {
        format!("not compared: {kind} list unavailable")
    } else if !gaps.asking.is_empty() {
        format!("not compared yet: asking {}", list(&gaps.asking))
    } else if !gaps.stale.is_empty() {
        format!("not in the older copy of the {kind} list")
    } else {
        format!("not in {kind} list")
    }
}

#[cfg(test)]
#[path = "medications_tests.rs"]
mod tests;
