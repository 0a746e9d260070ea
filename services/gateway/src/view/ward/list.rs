//! A list as its page shows it: counts, filters, tables, and what stands where there is nothing. One shape for
//! those in hospital and for those who left.

use jiff::Timestamp;
use lcr_contracts::ward::{Discharges, Inpatients, ListOf, Who};
use lcr_model::PersonId;

use super::{
    around::{complete, empty, query},
    chips::{Chip, Order, Wanted, chips},
    counts, discharged, inpatients,
    rows::Rows,
    since::{Mark, Since, Versions},
};
use crate::view::{people::similar, table::Table};

const NO_MATCH: &str = "Nothing matches this filter. Choose All to see everything.";

/// What a reader asked to see of which list, and what they had seen before.
#[derive(Debug, Clone, Copy)]
pub struct Look<'a> {
    pub of: &'a ListOf,
    pub wanted: &'a Wanted,
    pub since: &'a Since,
    pub now: Timestamp,
}

/// The list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListView {
    pub complete: String,
    pub counts: Vec<String>,
    /// What new and changed are compared with.
    pub explained: String,
    /// Whether anything is marked.
    pub marked: bool,
    pub chips: Vec<Chip>,
    /// (words, where to, current).
    pub sorts: Vec<(&'static str, String, bool)>,
    pub similar: Vec<String>,
    pub tables: Vec<Table>,
    /// Instead of tables.
    pub empty: String,
    /// The rows in figures, for the page to listen with.
    pub rows: String,
    /// The same page again.
    pub reload: String,
    /// The stays of the list, and those the filter shows.
    pub all: Versions,
    pub shown: Versions,
}

/// The page of a list, without what filters it.
pub fn href(of: &ListOf, left: bool) -> String {
    format!("{}?{}", if left { "/ward/discharged" } else { "/ward" }, query(of))
}

pub fn in_hospital(list: &Inpatients, look: Look<'_>) -> ListView {
    let Look { of, wanted, since, now } = look;
    let base = href(of, false);
    let shown = |wanted: &Wanted| list.rows.iter().filter(|row| wanted.inpatient(row, since, now)).count();
    let sort = |(order, words)| {
        let to = Wanted { order, ..wanted.clone() };
        (words, to.href(&base), order == wanted.order)
    };
    let version = |row: &lcr_contracts::ward::InpatientRow| (row.spell.clone(), row.version);
    ListView {
        complete: complete(list.as_of, &list.hospitals),
        counts: counts::inpatients(list, since, now),
        explained: since.explained(now),
        marked: list.rows.iter().any(|row| inpatients::mark(row, since, now) != Mark::Seen),
        chips: chips(
            &base,
            wanted,
            false,
            &list.hospitals,
            |field| closed(list.rows.iter().map(|row| &row.hidden), field),
            shown,
        ),
        sorts: [(Order::Leaving, "Expected date"), (Order::Ward, "Ward and bed")].map(sort).to_vec(),
        similar: alike(list.rows.iter().map(|row| &row.who)),
        tables: inpatients::tables(list, wanted, since, now),
        empty: nothing(list.rows.is_empty(), || empty(of, &list.hospitals, None, list.as_of)),
        rows: Rows::inpatients(&list.rows).named(),
        reload: wanted.href(&base),
        all: list.rows.iter().map(version).collect(),
        shown: list.rows.iter().filter(|row| wanted.inpatient(row, since, now)).map(version).collect(),
    }
}

pub fn who_left(list: &Discharges, look: Look<'_>) -> ListView {
    let Look { of, wanted, since, now } = look;
    let base = href(of, true);
    let shown = |wanted: &Wanted| list.rows.iter().filter(|row| wanted.discharged(row, since, now)).count();
    let version = |row: &lcr_contracts::ward::DischargedRow| (row.spell.clone(), row.version);
    ListView {
        complete: complete(list.as_of, &list.hospitals),
        counts: counts::discharged(list, since, now),
        explained: since.explained(now),
        marked: list.rows.iter().any(|row| discharged::mark(row, since, now) != Mark::Seen),
        chips: chips(
            &base,
            wanted,
            true,
            &list.hospitals,
            |field| closed(list.rows.iter().map(|row| &row.hidden), field),
            shown,
        ),
        sorts: vec![],
        similar: alike(list.rows.iter().map(|row| &row.who)),
        tables: discharged::tables(list, wanted, since, now),
        empty: nothing(list.rows.is_empty(), || empty(of, &list.hospitals, Some(list.days), list.as_of)),
        rows: Rows::discharged(&list.rows).named(),
        reload: wanted.href(&base),
        all: list.rows.iter().map(version).collect(),
        shown: list.rows.iter().filter(|row| wanted.discharged(row, since, now)).map(version).collect(),
    }
}

/// Whether no row opens this field to the reader.
fn closed<'a>(hidden: impl Iterator<Item = &'a Vec<String>>, field: &str) -> bool {
    let mut hidden = hidden.peekable();
    hidden.peek().is_some() && hidden.all(|row| row.iter().any(|one| one == field))
}

fn nothing(at_all: bool, words: impl FnOnce() -> String) -> String {
    if at_all { words() } else { NO_MATCH.to_owned() }
}

/// Warnings of names that could be taken for one another. Two stays of one person are one person.
fn alike<'a>(people: impl Iterator<Item = &'a Who>) -> Vec<String> {
    let named: Vec<(Option<PersonId>, &str, &str)> =
        people.map(|who| (who.person, who.said.family.as_str(), who.said.given.as_str())).collect();
    similar(&named)
}
