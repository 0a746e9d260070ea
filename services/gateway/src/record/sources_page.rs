//! The page of all sources: state, last answer, rhythm, people and datasets. It must hold no patient data.

use askama::Template;
use axum::{http::StatusCode, response::Response};
use jiff::Timestamp;
use lcr_contracts::records_api::SourceStatus;

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
        rows: sources.iter().map(|source| row(source, now)).collect(),
        empty: "No source is connected.".into(),
    }
}

fn row(source: &SourceStatus, now: Timestamp) -> Row {
    // Nothing that a discreet source answers may be shown to anybody.
    let unless_discreet = |text: Option<String>| text.filter(|_| !source.discreet);
    let datasets: Vec<String> = source.datasets.iter().map(|dataset| dataset.title().to_lowercase()).collect();
    let people = format!("{} read, {}", source.people_loaded, if source.loaded { "finished" } else { "still reading" });
    let discreet = "may hold items that are not shown";
    let if_missing = |words| if source.discreet { "not told" } else { words };
    Row {
        id: source.source.to_string(),
        cells: vec![
            Cell::lines(vec![source.name.clone(), kind_text(&source.kind)]),
            Cell::or(unless_discreet(Some(state_text(&source.state))), discreet),
            Cell::or(
                unless_discreet(source.last_answer.map(|at| format_moment_near(at, now))),
                if_missing("no answer yet"),
            ),
            Cell::or(unless_discreet(Some(source.rhythm.clone())), if_missing("not given")),
            Cell::or(unless_discreet(Some(people)), if_missing("not given")),
            Cell::or(unless_discreet(Some(join_with_and(&datasets))), if_missing("nothing switched on")),
        ],
    }
}

fn kind_text(kind: &str) -> String {
    if kind == "gp" { "GP".into() } else { capitalise(&kind.replace('-', " ")) }
}

fn state_text(state: &str) -> String {
    match state {
        "answering" => "Answering",
        "failing" => "Not answering",
        "paused" => "Paused after failures, tried again shortly",
        "not-asked-yet" => "Not asked yet",
        "suspended" => "Suspended: not asked",
        other => return capitalise(&other.replace('-', " ")),
    }
    .to_owned()
}
