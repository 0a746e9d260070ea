//! The record page. The first answer decides the status; then the shell goes out, and the page fills over the
//! stream, or without a script comes back for the whole.

use askama::Template;
use axum::{
    extract::{Path, Query},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use futures::StreamExt;
use lcr_contracts::{Failure, Kind, record::Record, records::Update};
use lcr_model::{PersonId, ViewId};
use serde::Deserialize;

use super::person::{self, Shell};
use crate::{
    page::{Frame, html},
    parts::{self, Part},
    session::SignedInReader,
    trouble::Trouble,
    view::tabs::At,
};

#[derive(Template)]
#[template(path = "record.html")]
struct RecordPage {
    frame: Frame,
    shell: Shell,
    sections: Vec<Part>,
}

#[derive(Deserialize)]
pub(crate) struct Asked {
    whole: Option<String>,
}

pub(crate) async fn record(
    reader: SignedInReader,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Trouble> {
    let person = person::person(&reader, &id)?;
    // Without the script nothing would fill the page: it waits for the whole.
    if asked.whole.is_some() || crate::assets::address("record.js").is_none() {
        let (shell, record) = person::whole(&reader, person, ViewId::new(), At::Summary).await?;
        return Ok(page(&reader, shell, &record, false));
    }
    let record = first(&reader, person).await?;
    if record.person != person {
        return Ok(Redirect::to(&format!("/people/{}", record.person)).into_response());
    }
    let stub = reader.app.deps.patient_index.stub(&reader.caller(), person, record.view).await;
    let stub = stub.map_err(|failure| reader.fails(&failure))?;
    let shell = Shell::new(&reader, &stub, &record, At::Summary);
    let fills = !record.complete;
    Ok(page(&reader, shell, &record, fills))
}

/// What is known without waiting; decided and recorded before it is given.
async fn first(reader: &SignedInReader, person: PersonId) -> Result<Record, Trouble> {
    let ask = person::ask(person, ViewId::new());
    let updates = reader.app.deps.records.view(&reader.caller(), ask).await;
    let mut updates = updates.map_err(|failure| person::fails(reader, person, &failure))?;
    match updates.next().await {
        Some(Update::Record(record)) => Ok(*record),
        Some(Update::Closed { failure, .. }) => Err(person::fails(reader, person, &failure)),
        None => {
            Err(reader
                .fails(&Failure::new(Kind::Unavailable, "No answer.").because("a view without an update")))
        }
    }
}

fn page(reader: &SignedInReader, mut shell: Shell, record: &Record, fills: bool) -> Response {
    let now = reader.app.deps.clock.now();
    let mut frame = person::frame(reader, &shell, "Record");
    if fills {
        frame.refresh = Some(format!("/people/{}?whole=1", record.person));
        shell.watch = None;
        shell.stream = Some(format!("/people/{}/stream?view={}", record.person, record.view));
    }
    html(StatusCode::OK, &RecordPage { frame, sections: parts::summary(record, now), shell })
}
