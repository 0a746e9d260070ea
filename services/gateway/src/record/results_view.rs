//! The grid of results as the page draws it: words, marks and links for each cell. It must not show a value without its flag,
//! or hide that a value is not final or has a comment.

use lcr_contracts::record::{Detail, Entry};

use crate::{
    layout::format::{encode_query_value, format_count, format_sent_date},
    record::{
        entry,
        flags::{Flag, flag},
        marks,
        results_grid::{Column, Grid, Panel, TestRow},
    },
};

/// The dates of a panel before the link to older ones.
pub const DATES_SHOWN: usize = 8;
/// The results of a test on a narrow screen. The style sheet hides the others, and a link leads to them.
const SHOWN_ON_A_PHONE: usize = 3;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PanelView {
    pub id: String,
    pub name: String,
    pub columns: Vec<ColumnView>,
    pub rows: Vec<RowView>,
    pub comments: Vec<CommentView>,
    /// The address of the whole panel, and the number of dates that are not shown.
    pub older: Option<(String, String)>,
    pub has_flag: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnView {
    pub date: String,
    pub source: String,
    pub report_href: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowView {
    pub name: String,
    /// The page with the chart and every result of the test.
    pub href: String,
    pub unit: Option<String>,
    pub range: Option<String>,
    pub cells: Vec<CellView>,
    /// The number of all results, if some are hidden on any screen.
    pub all: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CellView {
    pub results: Vec<ResultView>,
    /// Hidden on a narrow screen.
    pub is_older: bool,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ResultView {
    pub href: String,
    pub value: String,
    pub unit: Option<String>,
    pub flag: Option<Flag>,
    /// The status, unless it is final.
    pub status: Option<String>,
    /// The range, if it differs from that of the test.
    pub range: Option<String>,
    pub marks: Vec<&'static str>,
    /// The number of its comment below the panel.
    pub comment: Option<usize>,
}

/// The comments on one result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommentView {
    pub number: usize,
    pub about: String,
    pub texts: Vec<String>,
}

/// The panels with at most `dates` dates each. `results_href` is the page of all results.
pub fn panel_views(grid: &Grid, results_href: &str, dates: usize) -> Vec<PanelView> {
    let mut builder = Builder { results_href, dates, comments: 0 };
    grid.panels.iter().enumerate().map(|(at, panel)| builder.panel(panel, at + 1)).collect()
}

/// A sentence for each report of which results are missing.
pub fn partial_reports(grid: &Grid) -> Vec<String> {
    let sentence = |(report, shown): &(&Entry, usize)| {
        let (title, date) = (report.title.trim(), date_words(report.date.as_deref()));
        format!("{title}, {date}: {shown} of its {} results can be shown.", report.links.len())
    };
    grid.partial.iter().map(sentence).collect()
}

struct Builder<'a> {
    results_href: &'a str,
    dates: usize,
    /// The comments so far.
    comments: usize,
}

impl Builder<'_> {
    fn panel(&mut self, panel: &Panel, number: usize) -> PanelView {
        let mut comments = Vec::new();
        let rows: Vec<RowView> = panel.rows.iter().map(|row| self.row(row, &mut comments)).collect();
        let older = panel.columns.len().saturating_sub(self.dates);
        // An address may name an id but no test.
        let id = panel.results().next().map(|entry| encode_query_value(&entry.id)).unwrap_or_default();
        let older_href = || format!("{}?panel={id}", self.results_href);
        let mut results = rows.iter().flat_map(|row| &row.cells).flat_map(|cell| &cell.results);
        let has_flag = results.any(|result| result.flag.is_some());
        PanelView {
            id: format!("panel-{number}"),
            name: panel.name.clone(),
            columns: panel.columns.iter().take(self.dates).map(column_view).collect(),
            has_flag,
            comments,
            older: (older > 0).then(|| (older_href(), format_count(older, "older date", "older dates"))),
            rows,
        }
    }

    fn row(&mut self, row: &TestRow, comments: &mut Vec<CommentView>) -> RowView {
        let href = format!("{}?series={}", self.results_href, encode_query_value(row.series));
        let (mut shown, mut cells) = (0, Vec::new());
        for cell in row.cells.iter().take(self.dates) {
            let results = cell.iter().map(|entry| self.result(row, entry, &href, comments)).collect();
            cells.push(CellView { results, is_older: !cell.is_empty() && shown >= SHOWN_ON_A_PHONE });
            shown += usize::from(!cell.is_empty());
        }
        let dates = row.cells.iter().filter(|cell| !cell.is_empty()).count();
        RowView {
            name: row.name.to_owned(),
            unit: row.unit.map(str::to_owned),
            range: row.range.map(range_words),
            cells,
            all: (dates > shown || dates > SHOWN_ON_A_PHONE).then(|| dates.to_string()),
            href,
        }
    }

    fn result(&mut self, row: &TestRow, entry: &Entry, href: &str, comments: &mut Vec<CommentView>) -> ResultView {
        let comment = (!entry.notes.is_empty()).then(|| {
            self.comments += 1;
            let about = format!("{}, {}", row.name, date_words(entry.date.as_deref()));
            comments.push(CommentView { number: self.comments, about, texts: entry.notes.clone() });
            self.comments
        });
        let Detail::Result { unit, range, components, .. } = &entry.detail else { return ResultView::default() };
        // Each component has a unit of its own.
        let value = entry::value_words(entry, !components.is_empty());
        let unit = unit.clone().filter(|unit| components.is_empty() && !value.ends_with(unit.as_str()));
        let is_final = entry.status.as_deref().is_none_or(|status| status.eq_ignore_ascii_case("final"));
        ResultView {
            href: format!("{href}#entry-{}", encode_query_value(&entry.id)),
            value,
            unit,
            flag: flag(entry),
            status: entry.status.clone().filter(|_| !is_final).map(|status| status.to_lowercase()),
            range: range.as_deref().filter(|range| Some(plain(range)) != row.range.map(plain)).map(range_words),
            marks: marks::entry_marks(entry),
            comment,
        }
    }
}

fn column_view(column: &Column) -> ColumnView {
    ColumnView {
        date: date_words(column.date),
        source: column.source.clone(),
        report_href: column.report.map(|report| format!("#entry-{}", encode_query_value(&report.id))),
    }
}

fn date_words(date: Option<&str>) -> String {
    date.map_or_else(|| "date not recorded".to_owned(), format_sent_date)
}

/// With several ranges, we cannot tell which one applies.
fn range_words(range: &str) -> String {
    let plain = plain(range);
    if plain.contains("; ") { format!("ranges: {plain}") } else { format!("range {plain}") }
}

/// HL7 v2 writes "3.5-5.3" for "3.5 to 5.3".
fn plain(range: &str) -> String {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    match range.split_once('-') {
        Some((low, high)) if is_number(low.trim()) && is_number(high.trim()) => {
            format!("{} to {}", low.trim(), high.trim())
        }
        _ => range.to_owned(),
    }
}

#[cfg(test)]
#[path = "results_view_tests.rs"]
mod tests;
