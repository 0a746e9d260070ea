//! Results as a grid: a panel for each report or battery, tests down, dates across, newest first. It must not lose a result:
//! each is in exactly one cell or in the list of results in words. The order of the entries must not change the grid.

mod membership;
mod panel;
mod series;

use std::{
    cmp::Reverse,
    collections::{BTreeMap, HashMap},
};

use lcr_contracts::record::{Detail, Entry};

use panel::{build_panel, newest};
pub use series::is_in_series;

use crate::{layout::format::date_sort_key, record::flags::flag};
use membership::{Membership, ids, is_heading, is_report, memberships};
pub use membership::{grouped_results, is_group_only};

/// The name of the panel for results of no report.
pub const SINGLE_TESTS: &str = "Single tests";
/// A longer value is read as text, not compared across dates.
const MAX_CELL_LETTERS: usize = 60;

#[derive(Debug, Clone, PartialEq)]
pub struct Grid<'a> {
    /// Panels whose newest date has a flagged result come first, then by date. Single tests are last.
    pub panels: Vec<Panel<'a>>,
    /// Reports with words or files of their own, and values too long for a cell, newest first.
    pub in_words: Vec<&'a Entry>,
    /// Reports that only group results: the panels name them.
    pub headings: Vec<&'a Entry>,
    /// Of these, the reports of which results are missing, each with the number that is shown.
    pub partial: Vec<(&'a Entry, usize)>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Panel<'a> {
    pub name: String,
    pub columns: Vec<Column<'a>>,
    pub rows: Vec<TestRow<'a>>,
}

impl<'a> Panel<'a> {
    /// Its results, by test, newest first.
    pub fn results(&self) -> impl Iterator<Item = &'a Entry> {
        self.rows.iter().flat_map(|row| &row.cells).flatten().copied()
    }
}

/// The results of one source of one time.
#[derive(Debug, Clone, PartialEq)]
pub struct Column<'a> {
    /// The date as sent.
    pub date: Option<&'a str>,
    pub source: String,
    /// The report that these results belong to, if it has words or files of its own.
    pub report: Option<&'a Entry>,
}

/// One test in one unit.
#[derive(Debug, Clone, PartialEq)]
pub struct TestRow<'a> {
    pub name: &'a str,
    /// The series as the chart's address names it.
    pub series: &'a str,
    pub unit: Option<&'a str>,
    /// The reference range of the newest result that has one.
    pub range: Option<&'a str>,
    /// One cell for each column. Several results of one time are several in a cell.
    pub cells: Vec<Vec<&'a Entry>>,
}

/// Places every result.
pub fn results_grid<'a>(entries: &[&'a Entry]) -> Grid<'a> {
    let memberships = memberships(entries);
    let shown = ids(entries);
    let mut panels: BTreeMap<String, Vec<&Entry>> = BTreeMap::new();
    let (mut in_words, mut headings): (Vec<&Entry>, Vec<&Entry>) = (vec![], vec![]);
    for entry in entries.iter().copied() {
        if is_heading(entry, &shown) {
            headings.push(entry);
        } else if is_cell(entry) {
            let panel = memberships.get(entry.id.as_str()).map_or(SINGLE_TESTS, |one| one.report.title.trim());
            panels.entry(panel.to_lowercase()).or_default().push(entry);
        } else {
            in_words.push(entry);
        }
    }
    in_words.sort_by_cached_key(|entry| newest(entry));
    headings.sort_by_cached_key(|entry| newest(entry));
    let single = move_single_tests(&mut panels, &memberships);
    let mut panels: Vec<Panel> = panels.into_values().map(|results| build_panel(results, &memberships, None)).collect();
    panels.sort_by_cached_key(|panel| (!has_new_flag(panel), Reverse(newest_date(panel)), panel.name.clone()));
    panels.extend((!single.is_empty()).then(|| build_panel(single, &memberships, Some(SINGLE_TESTS))));
    let shown_results = |report: &Entry| report.links.iter().filter(|(_, id)| shown.contains(id.as_str())).count();
    let counted = headings.iter().map(|report| (*report, shown_results(report)));
    let partial = counted.filter(|(report, count)| *count < report.links.len()).collect();
    Grid { panels, in_words, headings, partial }
}

/// The number of results without the reports that only group them.
pub fn count_results(entries: &[Entry]) -> usize {
    let mut results: Vec<&Entry> = entries.iter().collect();
    drop_headings(&mut results);
    results.len()
}

/// Leaves out the reports that only group results of the list.
pub fn drop_headings(entries: &mut Vec<&Entry>) {
    let shown = ids(entries);
    entries.retain(|entry| !is_heading(entry, &shown));
}

fn is_cell(entry: &Entry) -> bool {
    let Detail::Result { value, .. } = &entry.detail else { return false };
    !is_report(entry) && !is_group_only(entry) && value.chars().count() <= MAX_CELL_LETTERS
}

/// Takes the panels of one test with the test's own name out, and the results of no report.
fn move_single_tests<'a>(
    panels: &mut BTreeMap<String, Vec<&'a Entry>>,
    memberships: &HashMap<&str, Membership>,
) -> Vec<&'a Entry> {
    let is_single = |results: &[&Entry]| {
        results.iter().all(|entry| {
            memberships
                .get(entry.id.as_str())
                .is_none_or(|one| one.report.title.trim().eq_ignore_ascii_case(entry.title.trim()))
        })
    };
    let names: Vec<String> =
        panels.iter().filter(|(_, results)| is_single(results)).map(|(name, _)| name.clone()).collect();
    names.iter().filter_map(|name| panels.remove(name)).flatten().collect()
}

fn newest_date(panel: &Panel) -> Option<String> {
    panel.columns.first().and_then(|column| column.date).map(date_sort_key)
}

fn has_new_flag(panel: &Panel) -> bool {
    panel.rows.iter().any(|row| row.cells.first().is_some_and(|cell| cell.iter().any(|entry| flag(entry).is_some())))
}

#[cfg(test)]
#[path = "results_grid_tests.rs"]
mod tests;
