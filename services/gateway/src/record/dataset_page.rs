//! The page of one dataset: a table of every entry, filters, a chart for a series of results, the comparison of
//! medicines. Its filters must work without JavaScript.

use askama::Template;
use axum::{
    extract::{Path, Query},
    http::StatusCode,
    response::Response,
};
use lcr_contracts::{
    Failure,
    record::{Detail, Entry, Record},
};
use lcr_model::{Dataset, ViewId};

use crate::{
    layout::{
        Layout,
        filter::{Filter, kinds, sources},
        fragments, html,
        table::Table,
    },
    record::{
        chart::{Chart, chart},
        columns,
        coverage::Coverage,
        medications::medications,
        person_page::{self, Shell},
        tabs::CurrentPage,
    },
    web::{error_page::ErrorPage, session::SignedInReader},
};

#[derive(Template)]
#[template(path = "dataset.html")]
struct DatasetPage {
    layout: Layout,
    shell: Shell,
    title: String,
    href: String,
    filter: Filter,
    filtered: Option<String>,
    sources: Vec<(String, String)>,
    kinds: Vec<String>,
    gaps: Vec<String>,
    /// The rendered comparison of medicines.
    comparison: Option<String>,
    series: bool,
    chart: Option<Chart>,
    results: bool,
    table: Table,
}

pub(crate) async fn dataset(
    reader: SignedInReader,
    Path((id, name)): Path<(String, String)>,
    Query(filter): Query<Filter>,
) -> Result<Response, ErrorPage> {
    let person = person_page::parse_person_id(&reader, &id)?;
    let dataset: Dataset = name.parse().map_err(|_| reader.error_page(&Failure::not_found()))?;
    let (shell, record) =
        person_page::load_record(&reader, person, ViewId::new(), CurrentPage::Dataset(dataset)).await?;
    person_page::require_dataset(&reader, &record, dataset)?;
    Ok(html(StatusCode::OK, &build_page(&reader, shell, &record, dataset, filter)))
}

fn build_page(reader: &SignedInReader, shell: Shell, record: &Record, dataset: Dataset, filter: Filter) -> DatasetPage {
    let now = reader.app.deps.clock.now();
    let section = record.section(dataset);
    let entries = section.map_or(&[][..], |section| &section.entries);
    let filtered = filter.apply(entries);
    let series = !filter.series.is_empty();
    let shown: Vec<&Entry> =
        filtered.entries.into_iter().filter(|entry| !series || is_in_series(entry, &filter.series)).collect();
    let chart = series.then(|| chart(&shown, &filter.series)).flatten();
    let comparison = (dataset == Dataset::Medications && !filter.is_set() && !entries.is_empty())
        .then(|| fragments::medicines_comparison(&medications(record, false, usize::MAX)));
    let mut table = columns::table(record, dataset, shown);
    if !entries.is_empty() && table.rows.is_empty() {
        table.empty = "Nothing matches this filter. Remove the filter to see everything.".into();
    }
    DatasetPage {
        layout: person_page::person_layout(reader, &shell, dataset.title()),
        shell,
        title: dataset.title().into(),
        href: format!("/people/{}/{dataset}", record.person),
        filtered: filtered.words,
        sources: section.map(sources).unwrap_or_default(),
        kinds: section.map(kinds).unwrap_or_default(),
        gaps: Coverage::of(record, dataset).sentences(now),
        comparison,
        series,
        chart,
        results: dataset == Dataset::Results,
        table,
        filter,
    }
}

/// Whether a result belongs to a series. A result without a code belongs to the series of its title.
fn is_in_series(entry: &Entry, series_name: &str) -> bool {
    matches!(&entry.detail, Detail::Result { series, .. } if series == series_name || (series.is_empty() && entry.title == series_name))
}
