//! The page of all sources: state, last answer, rhythm, people and datasets. It must hold no patient data.

use askama::Template;
use axum::{http::StatusCode, response::Response};
use jiff::Timestamp;
use lcr_contracts::{
    records_api::SourceStatus,
    vocabulary::{QueryState, SystemKind},
};

use crate::{
    layout::{
        Layout, Nav,
        format::{capitalise, format_moment_near, format_time_with_seconds, join_with_and},
        html,
        table::{Cell, Row, Table, headings},
    },
    web::{error_page::ErrorPage, session::SignedInReader},
};

#[derive(Template)]
#[template(path = "sources.html")]
struct SourcesPage {
    layout: Layout,
    as_of: String,
    table: Table,
}

pub(crate) async fn sources(reader: SignedInReader) -> Result<Response, ErrorPage> {
    let sources =
        reader.app.deps.records.sources(&reader.caller()).await.map_err(|failure| reader.error_page(&failure))?;
    let now = reader.app.deps.clock.now();
    let page = SourcesPage {
        layout: reader.layout("Sources", Nav::Sources),
        as_of: format_time_with_seconds(now),
        table: table(&sources, now),
    };
    Ok(html(StatusCode::OK, &page))
}

fn table(sources: &[SourceStatus], now: Timestamp) -> Table {
    Table {
        caption: "Sources of the record".into(),
        note: None,
        columns: headings(&["Source", "State", "Last answer", "How often", "People", "What it gives"]),
        // A discreet source is never named, for any reader.
        rows: sources.iter().filter(|source| !source.discreet).map(|source| row(source, now)).collect(),
        empty: "No source is connected.".into(),
    }
}

fn row(source: &SourceStatus, now: Timestamp) -> Row {
    let datasets: Vec<String> = source.datasets.iter().map(|dataset| dataset.title().to_lowercase()).collect();
    let people = format!("{} read, {}", source.people_loaded, if source.loaded { "finished" } else { "still reading" });
    Row {
        id: source.source.to_string(),
        cells: vec![
            Cell::lines(vec![source.name.clone(), kind_text(&source.kind)]),
            Cell::new(state_text(&source.state)),
            Cell::or(source.last_answer.map(|at| format_moment_near(at, now)), "no answer yet"),
            Cell::new(source.rhythm.clone()),
            Cell::new(people),
            Cell::or(Some(join_with_and(&datasets)), "nothing switched on"),
        ],
    }
}

fn kind_text(kind: &SystemKind) -> String {
    if *kind == SystemKind::Gp { "GP".into() } else { capitalise(&kind.as_str().replace('-', " ")) }
}

fn state_text(state: &QueryState) -> String {
    match state {
        QueryState::Answering => "Answering",
        QueryState::Failing => "Not answering",
        QueryState::Paused => "Paused after failures, tried again shortly",
        QueryState::NotAskedYet => "Not asked yet",
        QueryState::Suspended => "Suspended: not asked",
        QueryState::Other(name) => return capitalise(&name.replace('-', " ")),
    }
    .to_owned()
}
