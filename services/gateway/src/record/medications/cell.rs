//! One cell of the comparison: the statements of one kind of source, or why there is none.

use lcr_contracts::record::{Detail, Entry, Mark, Provenance};

use super::kind_name;
use crate::{
    layout::format::{format_sent_date, join_with_and},
    record::{coverage::Coverage, entry::format_updated, marks},
};

/// What one kind of source states about one medicine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    /// The statement, and its source and date.
    pub statements: Vec<(String, String)>,
    /// The reason if there is no statement.
    pub absence_reason: String,
}

pub(super) fn cell(group: &[&Entry], kind: &str, coverage: &Coverage, titles_differ: bool) -> Cell {
    let of_kind = |one: &&Provenance| kind_name(&one.kind) == kind;
    let statements = group
        .iter()
        .flat_map(|entry| entry.provenance.iter().filter(of_kind).map(|one| statement(entry, one, titles_differ)));
    Cell { statements: statements.collect(), absence_reason: absence_reason(kind, coverage) }
}

/// "2.5 mg daily, repeat" and "Beckside Surgery, 03-Oct-2026".
/// `with_title` adds the title, for a row that is named by ingredient.
fn statement(entry: &Entry, source: &Provenance, with_title: bool) -> (String, String) {
    let Detail::Medication { dose, list, form, reason, .. } = &entry.detail else {
        return Default::default();
    };
    let status = entry.status.clone().filter(|status| !status.eq_ignore_ascii_case("active") && status != list);
    // The entry has the dose and list of its first source only.
    let listed = || format!("{}, {list}", dose.as_deref().unwrap_or("dose not recorded"));
    let listed = source.says.clone().unwrap_or_else(listed);
    let reason = reason.as_ref().map(|reason| format!("for {reason}"));
    let title = with_title.then(|| entry.title.clone());
    // The title already says "Do not give".
    let marks = entry.marks.iter().filter(|mark| **mark != Mark::DoNotPerform);
    let marks = marks.map(|mark| marks::mark_text(*mark).to_lowercase());
    let notes = entry.notes.iter().map(|note| format!("comment: {note}"));
    let parts = [title, Some(listed), form.clone(), status, reason].into_iter().flatten();
    let details: Vec<String> = parts.chain(marks).chain(notes).filter(|part| !part.is_empty()).collect();
    let when = source
        .date
        .as_deref()
        .or(entry.date.as_deref())
        .map_or_else(|| format_updated(source.updated), format_sent_date);
    (details.join(", "), format!("{}, {when}", source.shown_name()))
}

/// Why a kind of source has no statement on a medicine.
pub(super) fn absence_reason(kind: &str, coverage: &Coverage) -> String {
    let kind = if kind == "GP" { kind.to_owned() } else { kind.to_lowercase() };
    if !coverage.missing.is_empty() {
        format!("not compared: {kind} list unavailable")
    } else if !coverage.asking.is_empty() {
        format!("not compared yet: asking {}", join_with_and(&coverage.asking))
    } else if !coverage.stale.is_empty() {
        format!("not in the older copy of the {kind} list")
    } else {
        format!("not in {kind} list")
    }
}
