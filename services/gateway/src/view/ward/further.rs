//! Fields beyond the standard set, as a hospital's profile names them (S-60): columns, filters and what rows are sorted
//! by. A hospital that does not send a field is said not to send it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use lcr_contracts::{
    identity::FurtherKind,
    ward::{Further, InpatientRow},
};

use super::{
    NOT_SENT, Reading,
    columns::{Column, Key},
};
use crate::view::{table::Cell, words::day};

/// What a further field's cell is called among those that a reader may not see.
const HIDDEN: &str = "further";
/// What the name of a filter begins with in a query.
pub const FILTER: &str = "f-";

/// A field that rows can be filtered by, with every value that is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    /// As the query names it.
    pub name: String,
    pub label: String,
    pub values: Vec<String>,
    pub chosen: String,
}

/// The columns of all rows, in the order in which hospitals name them.
pub fn columns(rows: &[InpatientRow]) -> Vec<Column> {
    let mut out: Vec<Column> = vec![];
    for field in rows.iter().flat_map(|row| &row.further) {
        let column = Column::further(&field.key, &field.label);
        if !out.contains(&column) {
            out.push(column);
        }
    }
    out
}

/// The fields to filter by. A reader who may not see a field cannot filter by it either.
pub fn filters(rows: &[InpatientRow], wanted: &BTreeMap<String, String>) -> Vec<Filter> {
    let mut out: BTreeMap<&str, (&str, BTreeSet<&str>)> = BTreeMap::new();
    for row in rows.iter().filter(|row| !hides(row)) {
        for field in row.further.iter().filter(|field| field.filter) {
            let (_, values) = out.entry(&field.key).or_insert((&field.label, BTreeSet::new()));
            values.extend(field.value.as_ref().map(|cell| cell.value.as_str()));
        }
    }
    let filter = |(key, (label, values)): (&str, (&str, BTreeSet<&str>))| Filter {
        name: format!("{FILTER}{key}"),
        label: label.to_owned(),
        values: values.into_iter().map(ToOwned::to_owned).collect(),
        chosen: wanted.get(key).cloned().unwrap_or_default(),
    };
    out.into_iter().map(filter).collect()
}

/// Whether a row says what the reader filters by.
pub fn matches(row: &InpatientRow, wanted: &BTreeMap<String, String>) -> bool {
    let says = |key: &str, value: &str| {
        let field = row.further.iter().find(|field| field.key == key);
        !hides(row) && field.and_then(|field| field.value.as_ref()).is_some_and(|cell| cell.value == value)
    };
    wanted.iter().all(|(key, value)| value.is_empty() || says(key, value))
}

pub(super) fn cell(column: &Column, row: &InpatientRow, reading: &Reading<'_>) -> Cell {
    let field = field(column, row);
    let told = field.and_then(|field| field.value.as_ref());
    let kind = field.map(|field| field.kind);
    if told.is_none() && !reading.hides(HIDDEN) {
        return Cell::or(None, NOT_SENT).titled(Some(NOT_SENT.to_owned()));
    }
    reading.cell(HIDDEN, told, |value| vec![words(value, kind)])
}

/// By value: days by the calendar, numbers by size, words by the alphabet.
pub(super) fn key(column: &Column, row: &InpatientRow) -> Option<Key> {
    let field = field(column, row).filter(|_| !hides(row))?;
    let value = field.value.as_ref()?.value.as_str();
    Some(match field.kind {
        FurtherKind::Date => date(value).map_or_else(|| Key::text(value), |day| Key::text(&day.to_string())),
        FurtherKind::Number => number(value).map_or_else(|| Key::text(value), Key::Number),
        FurtherKind::Text | FurtherKind::Code | FurtherKind::YesNo => Key::text(value),
    })
}

fn field<'a>(column: &Column, row: &'a InpatientRow) -> Option<&'a Further> {
    let key = column.key()?;
    row.further.iter().find(|field| field.key == key && field.label == column.words)
}

fn hides(row: &InpatientRow) -> bool {
    row.hidden.iter().any(|one| one == HIDDEN)
}

fn words(value: &str, kind: Option<FurtherKind>) -> String {
    let as_day = (kind == Some(FurtherKind::Date)).then(|| value.parse::<Date>().ok()).flatten();
    as_day.map_or_else(|| value.to_owned(), day)
}

fn date(value: &str) -> Option<Date> {
    value.parse().ok().or_else(|| Date::strptime("%d-%b-%Y", value).ok())
}

fn number(value: &str) -> Option<f64> {
    value.trim().parse().ok().filter(|number: &f64| number.is_finite())
}

#[cfg(test)]
#[path = "further_tests.rs"]
mod tests;
