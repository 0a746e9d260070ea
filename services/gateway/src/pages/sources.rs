//! Every source: its state, how often it is asked, its last answer and what it gives. No patient data.

use askama::Template;
use axum::{http::StatusCode, response::Response};
use jiff::Timestamp;
use lcr_contracts::records::SourceStatus;

use crate::{
    page::{Frame, Nav, html},
    session::SignedInReader,
    trouble::Trouble,
    view::{
        table::{Cell, Row, Table, headings},
        words::{capital, clock_seconds, list, moment_near},
    },
};

#[derive(Template)]
#[template(path = "sources.html")]
struct SourcesPage {
    frame: Frame,
    as_of: String,
    table: Table,
}

pub(crate) async fn sources(reader: SignedInReader) -> Result<Response, Trouble> {
    let all =
        reader.app.deps.records.sources(&reader.caller()).await.map_err(|failure| reader.fails(&failure))?;
    let now = reader.app.deps.clock.now();
    let page = SourcesPage {
        frame: reader.frame("Sources", Nav::Sources),
        as_of: clock_seconds(now),
        table: table(&all, now),
    };
    Ok(html(StatusCode::OK, &page))
}

fn table(all: &[SourceStatus], now: Timestamp) -> Table {
    Table {
        caption: "Sources of the record".into(),
        note: None,
        columns: headings(&["Source", "State", "Last answer", "How often", "People", "What it gives"]),
        rows: all.iter().map(|one| row(one, now)).collect(),
        empty: "No source is connected.".into(),
    }
}

fn row(one: &SourceStatus, now: Timestamp) -> Row {
    // What a discreet source says, and when, is told to nobody.
    let told = |text: Option<String>| text.filter(|_| !one.discreet);
    let gives: Vec<String> = one.datasets.iter().map(|dataset| dataset.title().to_lowercase()).collect();
    let people =
        format!("{} read, {}", one.people_loaded, if one.loaded { "finished" } else { "still reading" });
    let discreet = "may hold items that are not shown";
    let absent = |words| if one.discreet { "not told" } else { words };
    Row {
        id: one.source.to_string(),
        cells: vec![
            Cell::lines(vec![one.name.clone(), kind(&one.kind)]),
            Cell::or(told(Some(state(&one.state))), discreet),
            Cell::or(told(one.last_answer.map(|at| moment_near(at, now))), absent("no answer yet")),
            Cell::or(told(Some(one.rhythm.clone())), absent("not given")),
            Cell::or(told(Some(people)), absent("not given")),
            Cell::or(told(Some(list(&gives))), absent("nothing switched on")),
        ],
    }
}

fn kind(kind: &str) -> String {
    if kind == "gp" { "GP".into() } else { capital(&kind.replace('-', " ")) }
}

fn state(state: &str) -> String {
    match state {
        "answering" => "Answering",
        "failing" => "Not answering",
        "paused" => "Paused after failures, tried again shortly",
        "not-asked-yet" => "Not asked yet",
        "suspended" => "Suspended: not asked",
        other => return capital(&other.replace('-', " ")),
    }
    .to_owned()
}
