//! A list as its page shows it: counts, filters, tables, and what stands where there is nothing. One shape for
//! those in hospital and for those who left.

use jiff::Timestamp;
use lcr_contracts::ward::{Discharges, Inpatients, ListOf, ListSettings, Who};
use lcr_model::PersonId;

use super::{
    around::{complete, empty, named, query},
    chips::{Chip, USUAL, Wanted, chips},
    columns::{Column, FURTHER, Order},
    counts, discharged,
    further::{self, FILTER},
    inpatients,
    own::{Own, own},
    rows::Rows,
    since::{Mark, Since, Versions},
    watching::FormOf,
};
use crate::view::{people::similar, table::Table};

const NO_MATCH: &str = "Nothing matches this filter. Choose All to see everything.";

/// What a reader asked to see of which list, and what they had seen before.
#[derive(Debug, Clone, Copy)]
pub struct Look<'a> {
    pub of: &'a ListOf,
    pub wanted: &'a Wanted,
    pub since: &'a Since,
    pub settings: &'a ListSettings,
    pub form: FormOf<'a>,
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
    pub sorts: Vec<Sorting>,
    /// Filters by hospitals' own fields.
    pub filters: Vec<further::Filter>,
    /// What else the address says, for a form that filters: names and values.
    pub kept: Vec<(String, String)>,
    pub own: Own,
    /// The columns are the standard ones: the page gives them their widths.
    pub standard: bool,
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

/// A way to sort the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sorting {
    pub words: String,
    pub href: String,
    pub current: bool,
    /// The same the other way round.
    pub reversed: Option<String>,
}

/// The page of a list, without what filters it.
pub fn href(of: &ListOf, left: bool) -> String {
    format!("{}?{}", if left { "/ward/discharged" } else { "/ward" }, query(of))
}

pub fn in_hospital(list: &Inpatients, look: Look<'_>) -> ListView {
    let Look { of, wanted, since, now, .. } = look;
    let base = href(of, false);
    let shown = |wanted: &Wanted| list.rows.iter().filter(|row| wanted.inpatient(row, since, now)).count();
    let version = |row: &lcr_contracts::ward::InpatientRow| (row.spell.clone(), row.version);
    let columns = inpatients::columns(&list.rows);
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
        sorts: sorts(&base, wanted, &columns, &[("expected", "Expected date"), ("ward", "Ward and bed")]),
        filters: further::filters(&list.rows, &wanted.further),
        kept: kept(of, wanted),
        own: own(&columns, look.settings, wanted),
        standard: look.settings.columns.is_empty() && columns.iter().all(|one| one.key().is_none()),
        similar: alike(list.rows.iter().map(|row| &row.who)),
        tables: inpatients::tables(list, &look),
        empty: nothing(list.rows.is_empty(), || empty(of, &list.hospitals, None, list.as_of)),
        rows: Rows::inpatients(&list.rows).named(),
        reload: wanted.href(&base),
        all: list.rows.iter().map(version).collect(),
        shown: list.rows.iter().filter(|row| wanted.inpatient(row, since, now)).map(version).collect(),
    }
}

pub fn who_left(list: &Discharges, look: Look<'_>) -> ListView {
    let Look { of, wanted, since, now, .. } = look;
    let base = href(of, true);
    let shown = |wanted: &Wanted| list.rows.iter().filter(|row| wanted.discharged(row, since, now)).count();
    let version = |row: &lcr_contracts::ward::DischargedRow| (row.spell.clone(), row.version);
    let columns = discharged::columns();
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
        sorts: sorts(&base, wanted, &columns, &[]),
        filters: vec![],
        kept: vec![],
        own: own(&columns, look.settings, wanted),
        standard: look.settings.columns.is_empty() && columns.iter().all(|one| one.key().is_none()),
        similar: alike(list.rows.iter().map(|row| &row.who)),
        tables: discharged::tables(list, &look),
        empty: nothing(list.rows.is_empty(), || empty(of, &list.hospitals, Some(list.days), list.as_of)),
        rows: Rows::discharged(&list.rows).named(),
        reload: wanted.href(&base),
        all: list.rows.iter().map(version).collect(),
        shown: list.rows.iter().filter(|row| wanted.discharged(row, since, now)).map(version).collect(),
    }
}

/// The usual ways to sort, a hospital's own fields, and whatever the reader sorts by now, with its other direction.
fn sorts(base: &str, wanted: &Wanted, columns: &[Column], usual: &[(&str, &str)]) -> Vec<Sorting> {
    let order = &wanted.order;
    let known = columns.iter().any(|one| one.name == order.by);
    let by = if known { order.by.as_str() } else { usual.first().map_or("", |(name, _)| *name) };
    let is_usual = |name: &str| usual.iter().any(|(one, _)| *one == name);
    let own = columns.iter().filter(|one| one.name.starts_with(FURTHER) || one.name == by);
    let own = own.filter(|one| !is_usual(&one.name)).map(|one| (one.name.as_str(), one.words.as_ref()));
    let to = |order: Order| Wanted { order, ..wanted.clone() }.href(base);
    let sorting = |(name, words): (&str, &str)| {
        let current = name == by;
        // The list's own order is named by no column: it stays the shortest address.
        let plain = if usual.first().is_some_and(|(first, _)| *first == name) { "" } else { name };
        let descending = !(order.descending && known);
        let reversed = || to(Order { by: name.to_owned(), descending });
        Sorting {
            words: words.to_owned(),
            href: to(Order::by(plain)),
            current,
            reversed: current.then(reversed),
        }
    };
    usual.iter().copied().chain(own).map(sorting).collect()
}

/// What the address says of the list and its order: a form that filters says it again.
fn kept(of: &ListOf, wanted: &Wanted) -> Vec<(String, String)> {
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let (by, name) = named(of);
    let mut out = vec![pair(by, name)];
    out.extend(wanted.filters().into_iter().filter(|(name, _)| !name.starts_with(FILTER)));
    if wanted.order != wanted.opening.order {
        let by = wanted.order.by.as_str();
        out.push(pair("sort", if by.is_empty() { USUAL } else { by }));
        out.extend(wanted.order.descending.then(|| pair("desc", "true")));
    }
    out
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
