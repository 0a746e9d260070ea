//! The page of one dataset: a grid or a list of its entries, filters, a chart for a series of results, the comparison of
//! medicines. Its filters, orders and pages are links and a form that work without JavaScript.

use askama::Template;
use axum::{
    extract::{Path, Query},
    http::StatusCode,
    response::Response,
};
use lcr_contracts::record::{Entry, Record, Section};
use lcr_model::{Dataset, ViewId};

use crate::{
    layout::{
        Layout,
        filter::{Filter, kinds, sources},
        fragments, html,
        list_links::{LinkGroup, Paging, page_of},
        table::Table,
    },
    record::{
        chart::{Chart, chart},
        columns,
        coverage::Coverage,
        medications::medications,
        order::{Sort, sort_entries},
        person_page::{self, Shell},
        results_grid::{Grid, Panel, drop_headings, is_in_series, results_grid},
        results_view::{DATES_SHOWN, PanelView, panel_views, partial_reports},
        tabs::CurrentPage,
    },
    web::{
        error_page::{ErrorPage, no_such_page},
        session::SignedInReader,
    },
};

/// The entries on one page of a list.
const PAGE_SIZE: usize = 50;
/// More kinds than this are a field of the form, not links.
const MAX_KIND_LINKS: usize = 8;

#[derive(Template)]
#[template(path = "dataset.html")]
struct DatasetPage {
    layout: Layout,
    shell: Shell,
    title: String,
    href: String,
    filter: Filter,
    filtered: Option<String>,
    links: Vec<LinkGroup>,
    /// The fields that the form must not lose.
    hidden: Vec<(&'static str, String)>,
    /// The kinds for the form, if there are too many for links.
    kinds: Vec<String>,
    gaps: Vec<String>,
    /// The rendered comparison of medicines.
    comparison: Option<String>,
    series: bool,
    results: bool,
    chart: Option<Chart>,
    panels: Vec<PanelView>,
    /// Reports of which results are missing.
    partial: Vec<String>,
    has_flag: bool,
    table: Table,
    paging: Option<Paging>,
}

/// The part of the page that depends on how the reader wants to see the entries.
#[derive(Default)]
struct Content {
    chart: Option<Chart>,
    panels: Vec<PanelView>,
    partial: Vec<String>,
    table: Table,
    paging: Option<Paging>,
}

pub(crate) async fn dataset(
    reader: SignedInReader,
    Path((id, name)): Path<(String, String)>,
    Query(filter): Query<Filter>,
) -> Result<Response, ErrorPage> {
    let person = person_page::parse_person_id(&reader, &id)?;
    let dataset: Dataset = name.parse().map_err(|_| reader.error_page(&no_such_page()))?;
    let (shell, record) =
        person_page::load_record(&reader, person, ViewId::new(), CurrentPage::Dataset(dataset)).await?;
    person_page::require_dataset(&reader, &record, dataset)?;
    Ok(html(StatusCode::OK, &build_page(&reader, shell, &record, dataset, filter)))
}

fn build_page(reader: &SignedInReader, shell: Shell, record: &Record, dataset: Dataset, filter: Filter) -> DatasetPage {
    let now = reader.app.deps.clock.now();
    let href = format!("/people/{}/{dataset}", record.person);
    let section = record.section(dataset);
    let entries = section.map_or(&[][..], |section| &section.entries);
    let filtered = filter.apply(entries);
    let comparison = (dataset == Dataset::Medications && !filter.is_set() && !entries.is_empty())
        .then(|| fragments::medicines_comparison(&medications(record, false, usize::MAX)));
    let mut content = content(record, dataset, (&filter, &href), filtered.entries);
    if !entries.is_empty() && content.table.rows.is_empty() {
        content.table.empty = "Nothing matches this filter. Remove the filter to see everything.".into();
    }
    let kinds = section.map(kinds).unwrap_or_default();
    let links = section.map(|section| link_groups(&filter, &href, (record, section), &kinds)).unwrap_or_default();
    let has_kind_field = kinds.len() > MAX_KIND_LINKS;
    DatasetPage {
        layout: person_page::person_layout(reader, &shell, dataset.title()),
        shell,
        title: dataset.title().into(),
        filtered: filtered.words,
        links,
        hidden: filter.hidden_fields(has_kind_field),
        kinds: if has_kind_field { kinds } else { Vec::new() },
        gaps: Coverage::of(record, dataset).sentences(now),
        comparison,
        series: !filter.series.is_empty(),
        results: dataset == Dataset::Results,
        has_flag: content.panels.iter().any(|panel| panel.has_flag),
        chart: content.chart,
        panels: content.panels,
        partial: content.partial,
        table: content.table,
        paging: content.paging,
        href,
        filter,
    }
}

/// One series with its chart, the grid, or a list.
fn content(record: &Record, dataset: Dataset, (filter, href): (&Filter, &str), mut entries: Vec<&Entry>) -> Content {
    let is_series = !filter.series.is_empty();
    if dataset == Dataset::Results && !is_series && filter.view != "list" {
        return grid(record, filter, href, &entries);
    }
    if is_series {
        entries.retain(|entry| is_in_series(entry, &filter.series));
    } else if dataset == Dataset::Results {
        drop_headings(&mut entries);
    }
    let chart = is_series.then(|| chart(&entries, &filter.series)).flatten();
    let sort = Sort::parse(&filter.sort);
    sort_entries(&mut entries, sort);
    let words = if matches!(sort, Sort::Usual | Sort::Newest) { ("Newer", "Older") } else { ("Previous", "Next") };
    let page_href = |page: usize| filter.href(href, &[("page", &page.to_string())]);
    // The chart and the grid link to results of a series wherever they stand.
    let size = if is_series { entries.len() } else { PAGE_SIZE };
    let (range, paging) = page_of(entries.len(), size, filter.page_number(), words, page_href);
    let table = columns::table(record, dataset, entries.get(range).unwrap_or_default());
    Content { chart, table, paging, ..Content::default() }
}

/// The panels, or the one that the reader chose, and a table of the results in words.
fn grid(record: &Record, filter: &Filter, href: &str, entries: &[&Entry]) -> Content {
    let mut grid = results_grid(entries);
    let dates = if filter.panel.is_empty() { DATES_SHOWN } else { usize::MAX };
    if !filter.panel.is_empty() {
        choose_panel(&mut grid, &filter.panel);
    }
    let mut table = columns::table(record, Dataset::Results, &grid.in_words);
    "Reports and results in words".clone_into(&mut table.caption);
    // A filter leaves results out too.
    let partial = if filter.is_set() || !filter.panel.is_empty() { Vec::new() } else { partial_reports(&grid) };
    Content { panels: panel_views(&grid, href, dates), partial, table, ..Content::default() }
}

/// Leaves the panel that has a result, and its reports.
fn choose_panel(grid: &mut Grid, id: &str) {
    let has_result = |panel: &Panel| panel.results().any(|entry| entry.id == id);
    grid.panels.retain(has_result);
    let Grid { panels, in_words, .. } = grid;
    let is_report = |entry: &&Entry| {
        let mut reports = panels.iter().flat_map(|panel| &panel.columns).filter_map(|column| column.report);
        reports.any(|report| report.id == entry.id)
    };
    in_words.retain(is_report);
}

/// The links above the list: how results are shown, organisations, kinds and orders.
fn link_groups(
    filter: &Filter,
    href: &str,
    (record, section): (&Record, &Section),
    kinds: &[String],
) -> Vec<LinkGroup> {
    let link = |field: &str, value: &str, words: String, own: &str| {
        (words, filter.href(href, &[(field, value)]), own == value)
    };
    let count = |id: &str| {
        section.entries.iter().filter(|entry| entry.provenance.iter().any(|one| one.source.as_str() == id)).count()
    };
    let is_results = section.dataset == Dataset::Results;
    let is_grid = is_results && filter.view != "list";
    let views = [("", "Grid"), ("list", "List")].map(|(value, words)| link("view", value, words.into(), &filter.view));
    let all = |field, own: &str| std::iter::once(link(field, "", "All".into(), own));
    let sources = sources(record, section);
    let organisations =
        sources.iter().map(|(id, name)| link("source", id, format!("{name} ({})", count(id)), &filter.source));
    let of_kind = kinds.iter().map(|kind| link("kind", kind, kind.clone(), &filter.kind));
    let orders = Sort::choices(section.dataset).map(|(value, words)| link("sort", value, words.into(), &filter.sort));
    let has_kind_links = (2..=MAX_KIND_LINKS).contains(&kinds.len()) && !is_results;
    let groups = [
        is_results.then(|| LinkGroup::new("Show as", views)),
        (sources.len() > 1).then(|| LinkGroup::new("Organisation", all("source", &filter.source).chain(organisations))),
        has_kind_links.then(|| LinkGroup::new("Kind", all("kind", &filter.kind).chain(of_kind))),
        (!is_grid && section.entries.len() > 1).then(|| LinkGroup::new("Order", orders)),
    ];
    groups.into_iter().flatten().flatten().collect()
}
