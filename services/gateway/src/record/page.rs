//! The record page. The first update decides the status. The page then fills over its event stream, or reloads as a whole
//! without JavaScript. Nothing may be sent before consent has decided and audit has recorded the view.

use askama::Template;
use axum::{
    extract::{Path, Query},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use futures::StreamExt;
use lcr_contracts::{Failure, FailureKind, record::Record, records_api::Update};
use lcr_model::{PersonId, ViewId};
use serde::Deserialize;

use crate::{
    layout::{
        Layout,
        fragments::{self, Fragment},
        html,
    },
    record::{
        person_page::{self, Shell},
        tabs::CurrentPage,
    },
    web::{error_page::ErrorPage, session::SignedInReader},
};

#[derive(Template)]
#[template(path = "record.html")]
struct RecordPage {
    layout: Layout,
    shell: Shell,
    sections: Vec<Fragment>,
}

#[derive(Deserialize)]
pub(crate) struct RecordQuery {
    whole: Option<String>,
}

pub(crate) async fn record(
    reader: SignedInReader,
    Path(id): Path<String>,
    Query(query): Query<RecordQuery>,
) -> Result<Response, ErrorPage> {
    let person = person_page::parse_person_id(&reader, &id)?;
    // Without the script nothing would fill the page, so wait for the whole record.
    if query.whole.is_some() || crate::web::assets::url("record.js").is_none() {
        let (shell, record) = person_page::load_record(&reader, person, ViewId::new(), CurrentPage::Summary).await?;
        return Ok(record_page(&reader, shell, &record, false));
    }
    let record = first_update(&reader, person).await?;
    if record.person != person {
        return Ok(Redirect::to(&format!("/people/{}", record.person)).into_response());
    }
    let patient = reader.app.deps.patient_index.summary(&reader.caller(), person, record.view).await;
    let patient = patient.map_err(|failure| reader.error_page(&failure))?;
    reader.app.recent_people.add(reader.session(), &patient, reader.app.deps.clock.now()).await;
    let shell = Shell::load(&reader, &patient, &record, CurrentPage::Summary).await;
    let still_filling = !record.complete;
    Ok(record_page(&reader, shell, &record, still_filling))
}

/// The record as far as it is known without waiting for sources.
async fn first_update(reader: &SignedInReader, person: PersonId) -> Result<Record, ErrorPage> {
    let request = person_page::view_request(person, ViewId::new());
    let updates = reader.app.deps.records.view(&reader.caller(), request).await;
    let mut updates = match updates {
        Ok(updates) => updates,
        Err(failure) => return Err(person_page::person_error_page(reader, person, &failure).await),
    };
    match updates.next().await {
        Some(Update::Record(record)) => Ok(*record),
        Some(Update::Closed { failure, .. }) => Err(person_page::person_error_page(reader, person, &failure).await),
        None => Err(reader
            .error_page(&Failure::new(FailureKind::Unavailable, "No answer.").because("a view without an update"))),
    }
}

fn record_page(reader: &SignedInReader, mut shell: Shell, record: &Record, still_filling: bool) -> Response {
    let now = reader.app.deps.clock.now();
    let mut layout = person_page::person_layout(reader, &shell, "Record");
    if still_filling {
        layout.refresh = Some(format!("/people/{}?whole=1", record.person));
        shell.watch = None;
        let mark = reader.stream_mark();
        shell.stream = Some(format!("/people/{}/stream?view={}{mark}", record.person, record.view));
    }
    html(StatusCode::OK, &RecordPage { layout, sections: fragments::summary_fragments(record, now), shell })
}
