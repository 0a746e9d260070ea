//! One panel of the grid: its columns by date and source, and its rows by test and unit.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, HashMap},
};

use lcr_contracts::record::{Detail, Entry};

use super::{
    Column, Membership, Panel, TestRow, is_group_only,
    series::{series, test_code, unit},
};
use crate::{layout::format::date_sort_key, record::entry::source_names};

/// The date, newest first, then the source.
type ColumnKey = (Reverse<Option<String>>, String);

/// Builds a panel. Its name is the given one, or that of the newest result's report.
pub(super) fn build_panel<'a>(
    mut results: Vec<&'a Entry>,
    memberships: &HashMap<&str, Membership<'a>>,
    name: Option<&str>,
) -> Panel<'a> {
    results.sort_by_cached_key(|entry| newest(entry));
    let report = |entry: &Entry| memberships.get(entry.id.as_str()).map(|one| one.report);
    let own_name = || results.iter().find_map(|entry| report(entry)).map_or("", |one| one.title.trim());
    let name = name.map_or_else(|| own_name().to_owned(), str::to_owned);
    let mut columns: BTreeMap<ColumnKey, (Column, Vec<&str>)> = BTreeMap::new();
    for entry in results.iter().copied() {
        let new =
            || (Column { date: entry.date.as_deref(), source: source_names(&entry.provenance), report: None }, vec![]);
        let (column, ids) = columns.entry(column_key(entry)).or_insert_with(new);
        column.report = column.report.or_else(|| report(entry).filter(|one| !is_group_only(one)));
        ids.push(entry.id.as_str());
    }
    let in_column: HashMap<&str, usize> =
        columns.values().enumerate().flat_map(|(at, (_, ids))| ids.iter().map(move |id| (*id, at))).collect();
    let columns: Vec<Column> = columns.into_values().map(|(column, _)| column).collect();
    let rows = rows(&results, &in_column, columns.len(), memberships);
    Panel { name, columns, rows }
}

fn column_key(entry: &Entry) -> ColumnKey {
    (Reverse(entry.date.as_deref().map(date_sort_key)), source_names(&entry.provenance))
}

/// Newest first, then by id, so that equal dates keep one order.
pub(super) fn newest(entry: &Entry) -> (Reverse<Option<String>>, String) {
    (Reverse(entry.date.as_deref().map(date_sort_key)), entry.id.clone())
}

/// The rows of a panel, in the order of its reports, then by name.
fn rows<'a>(
    results: &[&'a Entry],
    in_column: &HashMap<&str, usize>,
    columns: usize,
    memberships: &HashMap<&str, Membership>,
) -> Vec<TestRow<'a>> {
    let mut tests: BTreeMap<(&str, &str), Vec<&Entry>> = BTreeMap::new();
    for entry in results.iter().copied() {
        tests.entry((test_code(entry), unit(entry))).or_default().push(entry);
    }
    join_results_without_unit(&mut tests);
    let position = |entry: &Entry| memberships.get(entry.id.as_str()).map_or(usize::MAX, |one| one.position);
    let mut rows: Vec<(usize, TestRow)> = Vec::new();
    for mut results in tests.into_values() {
        results.sort_by_cached_key(|entry| newest(entry));
        let first_position = results.iter().map(|entry| position(entry)).min().unwrap_or(usize::MAX);
        rows.extend(row(&results, in_column, columns).map(|row| (first_position, row)));
    }
    rows.sort_by_cached_key(|(position, row)| (*position, row.name.to_lowercase(), row.series.to_owned()));
    rows.into_iter().map(|(_, row)| row).collect()
}

/// A result without a unit, such as "haemolysed", goes to its test if the test has exactly one unit.
fn join_results_without_unit<'a>(tests: &mut BTreeMap<(&'a str, &'a str), Vec<&'a Entry>>) {
    let bare: Vec<&str> = tests.keys().filter(|(_, unit)| unit.is_empty()).map(|(code, _)| *code).collect();
    for code in bare {
        let units: Vec<&str> =
            tests.keys().filter(|(other, unit)| *other == code && !unit.is_empty()).map(|(_, unit)| *unit).collect();
        if let [unit] = units.as_slice()
            && let Some(results) = tests.remove(&(code, ""))
        {
            tests.entry((code, *unit)).or_default().extend(results);
        }
    }
}

/// The row of one test's results, which are sorted newest first.
fn row<'a>(results: &[&'a Entry], in_column: &HashMap<&str, usize>, columns: usize) -> Option<TestRow<'a>> {
    let first = results.first().copied()?;
    let named = results.iter().copied().find(|entry| !unit(entry).is_empty()).unwrap_or(first);
    let range = results.iter().copied().find_map(|entry| match &entry.detail {
        Detail::Result { range, .. } => range.as_deref(),
        _ => None,
    });
    let mut cells: Vec<Vec<&Entry>> = vec![Vec::new(); columns];
    for entry in results.iter().copied() {
        if let Some(cell) = in_column.get(entry.id.as_str()).and_then(|at| cells.get_mut(*at)) {
            cell.push(entry);
        }
    }
    let unit = Some(unit(named)).filter(|unit| !unit.is_empty());
    Some(TestRow { name: first.title.trim(), series: series(named), unit, range, cells })
}
