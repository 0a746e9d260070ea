//! Results as a grid: a panel for each report or battery, tests down, dates across, newest first. It must not lose a result:
//! each is in exactly one cell or in the list of results in words. The order of the entries must not change the grid.

mod panel;
mod series;

use std::{
    cmp::Reverse,
    collections::{BTreeMap, HashMap, HashSet},
};

use lcr_contracts::record::{Detail, Entry};

use panel::{build_panel, newest};
pub use series::is_in_series;

use crate::{layout::format::date_sort_key, record::flags::flag};

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

fn ids<'a>(entries: &[&'a Entry]) -> HashSet<&'a str> {
    entries.iter().copied().map(|entry| entry.id.as_str()).collect()
}

/// Whether an entry only groups results that are shown themselves.
fn is_heading(entry: &Entry, shown: &HashSet<&str>) -> bool {
    is_group_only(entry) && entry.links.iter().any(|(_, id)| shown.contains(id.as_str()))
}

/// The report of a result, and the result's position in it.
struct Membership<'a> {
    report: &'a Entry,
    position: usize,
}

/// The report of each result by its id. Of several reports the one with the smallest id counts.
fn memberships<'a>(entries: &[&'a Entry]) -> HashMap<&'a str, Membership<'a>> {
    let mut found: HashMap<&str, Membership> = HashMap::new();
    for report in entries.iter().copied().filter(|entry| is_report(entry) || is_group_only(entry)) {
        for (position, (_, id)) in report.links.iter().enumerate() {
            let is_better = found.get(id.as_str()).is_none_or(|other| report.id < other.report.id);
            if is_better && *id != report.id {
                found.insert(id.as_str(), Membership { report, position });
            }
        }
    }
    found
}

/// The members of each report that only groups results, by the report's id, in the report's order.
pub fn grouped_results<'a>(entries: &[&'a Entry]) -> HashMap<&'a str, Vec<&'a Entry>> {
    let memberships = memberships(entries);
    let mut groups: HashMap<&str, Vec<(usize, &Entry)>> = HashMap::new();
    for entry in entries.iter().copied().filter(|entry| is_cell(entry)) {
        if let Some(one) = memberships.get(entry.id.as_str()).filter(|one| is_group_only(one.report)) {
            groups.entry(one.report.id.as_str()).or_default().push((one.position, entry));
        }
    }
    let in_order = |mut members: Vec<(usize, &'a Entry)>| {
        members.sort_by_key(|(position, entry)| (*position, entry.id.as_str()));
        members.into_iter().map(|(_, entry)| entry).collect()
    };
    groups.into_iter().map(|(report, members)| (report, in_order(members))).collect()
}

fn is_report(entry: &Entry) -> bool {
    matches!(&entry.detail, Detail::Result { report: Some(_), .. })
}

/// Whether a report or group has nothing of its own beyond its results.
pub fn is_group_only(entry: &Entry) -> bool {
    let Detail::Result { value, number: None, .. } = &entry.detail else { return false };
    ["Report with ", "Group with "].iter().any(|words| value.starts_with(words))
        && entry.notes.is_empty()
        && entry.files.is_empty()
        && entry.marks.is_empty()
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
