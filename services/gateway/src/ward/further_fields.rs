//! Fields beyond the standard set, as a hospital's feed profile names them (S-60): columns, filters and sort keys. A
//! hospital that does not send a field must be shown as not sending it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use lcr_contracts::{
    registry::FurtherKind,
    ward::{Further, InpatientRow},
};

use crate::{
    layout::{format::format_day, table::Cell},
    ward::{
        columns::{Column, SortKey},
        row_context::{NOT_SENT, RowContext},
    },
};

/// The name of further fields in a row's list of hidden fields.
const HIDDEN: &str = "further";
/// The prefix of these filters in a query.
pub const FILTER_PREFIX: &str = "f-";

/// A select that filters rows by one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldFilter {
    /// The name in the query.
    pub name: String,
    pub label: String,
    pub values: Vec<String>,
    pub chosen: String,
}

/// The columns of all rows, in the order of the hospitals' profiles.
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

/// The fields to filter by. A reader cannot filter by a hidden field.
pub fn field_filters(rows: &[InpatientRow], filters: &BTreeMap<String, String>) -> Vec<FieldFilter> {
    let mut out: BTreeMap<&str, (&str, BTreeSet<&str>)> = BTreeMap::new();
    for row in rows.iter().filter(|row| !is_hidden(row)) {
        for field in row.further.iter().filter(|field| field.filter) {
            let (_, values) = out.entry(&field.key).or_insert((&field.label, BTreeSet::new()));
            values.extend(field.value.as_ref().map(|cell| cell.value.as_str()));
        }
    }
    let filter = |(key, (label, values)): (&str, (&str, BTreeSet<&str>))| FieldFilter {
        name: format!("{FILTER_PREFIX}{key}"),
        label: label.to_owned(),
        values: values.into_iter().map(ToOwned::to_owned).collect(),
        chosen: filters.get(key).cloned().unwrap_or_default(),
    };
    out.into_iter().map(filter).collect()
}

/// Whether a row passes the filters.
pub fn matches(row: &InpatientRow, filters: &BTreeMap<String, String>) -> bool {
    let has_value = |key: &str, value: &str| {
        let field = row.further.iter().find(|field| field.key == key);
        !is_hidden(row) && field.and_then(|field| field.value.as_ref()).is_some_and(|cell| cell.value == value)
    };
    filters.iter().all(|(key, value)| value.is_empty() || has_value(key, value))
}

pub(super) fn cell(column: &Column, row: &InpatientRow, row_context: &RowContext<'_>) -> Cell {
    let field = field(column, row);
    let value = field.and_then(|field| field.value.as_ref());
    let kind = field.map(|field| field.kind);
    if value.is_none() && !row_context.is_hidden(HIDDEN) {
        return Cell::or(None, NOT_SENT).with_title(Some(NOT_SENT.to_owned()));
    }
    row_context.field_cell(HIDDEN, value, |value| vec![value_text(value, kind)])
}

/// Sorts dates by the calendar, numbers by size and text by the alphabet.
pub(super) fn sort_key(column: &Column, row: &InpatientRow) -> Option<SortKey> {
    let field = field(column, row).filter(|_| !is_hidden(row))?;
    let value = field.value.as_ref()?.value.as_str();
    Some(match field.kind {
        FurtherKind::Date => {
            parse_date(value).map_or_else(|| SortKey::text(value), |day| SortKey::text(&day.to_string()))
        }
        FurtherKind::Number => parse_number(value).map_or_else(|| SortKey::text(value), SortKey::Number),
        FurtherKind::Text | FurtherKind::Code | FurtherKind::YesNo => SortKey::text(value),
    })
}

fn field<'a>(column: &Column, row: &'a InpatientRow) -> Option<&'a Further> {
    let key = column.further_key()?;
    row.further.iter().find(|field| field.key == key && field.label == column.heading)
}

fn is_hidden(row: &InpatientRow) -> bool {
    row.hidden.iter().any(|one| one == HIDDEN)
}

fn value_text(value: &str, kind: Option<FurtherKind>) -> String {
    let date = (kind == Some(FurtherKind::Date)).then(|| value.parse::<Date>().ok()).flatten();
    date.map_or_else(|| value.to_owned(), format_day)
}

fn parse_date(value: &str) -> Option<Date> {
    value.parse().ok().or_else(|| Date::strptime("%d-%b-%Y", value).ok())
}

fn parse_number(value: &str) -> Option<f64> {
    value.trim().parse().ok().filter(|number: &f64| number.is_finite())
}

#[cfg(test)]
#[path = "further_fields_tests.rs"]
mod tests;
