//! One dataset in full: every entry in a table, filters that work by links and forms alone, a chart for a
//! series of results, the comparison for medicines.

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

use super::person::{self, Shell};
use crate::{
    page::{Frame, html},
    parts,
    session::SignedInReader,
    trouble::Trouble,
    view::{
        chart::{Chart, chart},
        columns,
        filter::{Filter, kinds, sources},
        gaps::Gaps,
        medications::medications,
        table::Table,
        tabs::At,
    },
};

#[derive(Template)]
#[template(path = "dataset.html")]
struct DatasetPage {
    frame: Frame,
    shell: Shell,
    title: String,
    href: String,
    filter: Filter,
    filtered: Option<String>,
    sources: Vec<(String, String)>,
    kinds: Vec<String>,
    gaps: Vec<String>,
    /// Medicines side by side, already rendered.
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
) -> Result<Response, Trouble> {
    let person = person::person(&reader, &id)?;
    let dataset: Dataset = name.parse().map_err(|_| reader.fails(&Failure::not_found()))?;
    let (shell, record) = person::whole(&reader, person, ViewId::new(), At::Dataset(dataset)).await?;
    person::has(&reader, &record, dataset)?;
    Ok(html(StatusCode::OK, &page(&reader, shell, &record, dataset, filter)))
}

fn page(
    reader: &SignedInReader,
    shell: Shell,
    record: &Record,
    dataset: Dataset,
    filter: Filter,
) -> DatasetPage {
    let now = reader.app.deps.clock.now();
    let section = record.section(dataset);
    let entries = section.map_or(&[][..], |section| &section.entries);
    let filtered = filter.apply(entries);
    let series = !filter.series.is_empty();
    let shown: Vec<&Entry> =
        filtered.entries.into_iter().filter(|entry| !series || of(entry, &filter.series)).collect();
    let chart = series.then(|| chart(&shown, &filter.series)).flatten();
    let comparison = (dataset == Dataset::Medications && !filter.is_set() && !entries.is_empty())
        .then(|| parts::comparison(&medications(record, false, usize::MAX)));
    let mut table = columns::table(record, dataset, shown);
    if !entries.is_empty() && table.rows.is_empty() {
        table.empty = "Nothing matches this filter. Remove the filter to see everything.".into();
    }
    DatasetPage {
        frame: person::frame(reader, &shell, dataset.title()),
        shell,
        title: dataset.title().into(),
        href: format!("/people/{}/{dataset}", record.person),
        filtered: filtered.words,
        sources: section.map(sources).unwrap_or_default(),
        kinds: section.map(kinds).unwrap_or_default(),
        gaps: Gaps::of(record, dataset).sentences(now),
        comparison,
        series,
        chart,
        results: dataset == Dataset::Results,
        table,
        filter,
    }
}

/// Whether a result belongs to a series; one without a code is named by its title.
fn of(entry: &Entry, wanted: &str) -> bool {
    matches!(&entry.detail, Detail::Result { series, .. } if series == wanted || (series.is_empty() && entry.title == wanted))
}
