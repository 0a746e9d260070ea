//! Who has looked at one person's record: for privacy officers and the Caldicott guardian. Nobody else is shown a
//! log of another's.

use askama::Template;
use axum::{
    extract::{Path, Query},
    http::StatusCode,
    response::Response,
};
use lcr_contracts::{Failure, audit::EntryQuery, identity::Registry};
use lcr_model::ViewId;
use serde::Deserialize;
use uuid::Uuid;

use super::person;
use crate::{
    page::{Frame, Nav, html},
    roles::OFFICERS,
    session::SignedInReader,
    trouble::{Trouble, keeper_is_down},
    view::{
        banner::{Banner, banner},
        log::officers_table,
        table::Table,
    },
};

const PAGE: u16 = 100;

#[derive(Template)]
#[template(path = "access.html")]
struct AccessPage {
    frame: Frame,
    banner: Banner,
    person: String,
    table: Table,
    older: Option<String>,
}

/// Which page of the log.
#[derive(Deserialize)]
pub(crate) struct Asked {
    before: Option<Uuid>,
}

/// The log is for those whose desk it is; audit checks the same.
pub(crate) fn may_read(reader: &SignedInReader) -> Result<(), Trouble> {
    if reader.is(&OFFICERS) {
        return Ok(());
    }
    let words = "Who has looked is for the patient, privacy officers and the Caldicott guardian.";
    Err(reader.fails(&Failure::forbidden(words)))
}

pub(crate) async fn access(
    reader: SignedInReader,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Trouble> {
    may_read(&reader)?;
    let person = person::person(&reader, &id)?;
    let (caller, deps) = (reader.caller(), &reader.app.deps);
    let query =
        EntryQuery { person: Some(person), before: asked.before, limit: Some(PAGE), ..EntryQuery::default() };
    let entries = deps.audit.entries(&caller, query).await;
    let entries = entries.map_err(|failure| reader.fails(&keeper_is_down(failure)))?;
    let stub = deps.patient_index.stub(&caller, person, ViewId::new()).await;
    let stub = stub.map_err(|failure| reader.fails(&failure))?;
    let banner = banner(&stub, None, deps.clock.now());
    let last = entries.last().filter(|_| entries.len() == usize::from(PAGE));
    let page = AccessPage {
        frame: reader.frame(format!("{} – Who has looked", banner.initials), Nav::Log),
        banner,
        person: person.to_string(),
        older: last.map(|entry| format!("/people/{person}/access?before={}", entry.opened.id)),
        table: officers_table(&entries, &registry(&reader).await, false),
    };
    Ok(html(StatusCode::OK, &page))
}

/// Names of organisations; without them the log still says their codes.
pub(crate) async fn registry(reader: &SignedInReader) -> Registry {
    reader.app.deps.identity.registry().await.unwrap_or_default()
}
