//! The log of one person's record, for privacy officers and the Caldicott guardian. It must never be shown to anybody
//! else.

use askama::Template;
use axum::{
    extract::{Path, Query},
    http::StatusCode,
    response::Response,
};
use lcr_contracts::{Failure, audit::EntryQuery, registry::Registry};
use lcr_model::ViewId;
use serde::Deserialize;
use uuid::Uuid;

use crate::{
    access_log::officer_log::officer_table,
    layout::{Layout, Nav, html, table::Table},
    record::{
        banner::{Banner, banner},
        person_page,
    },
    roles::OFFICER_ROLES,
    web::{
        error_page::{ErrorPage, as_cannot_record},
        session::SignedInReader,
    },
};

const PAGE_SIZE: u16 = 100;

#[derive(Template)]
#[template(path = "access.html")]
struct AccessPage {
    layout: Layout,
    banner: Banner,
    person: String,
    table: Table,
    older: Option<String>,
}

/// Pages through the log: entries before this one.
#[derive(Deserialize)]
pub(crate) struct LogPageQuery {
    before: Option<Uuid>,
}

/// # Errors
/// An error page if the reader is no officer. Audit checks this too.
pub(crate) fn require_officer(reader: &SignedInReader) -> Result<(), ErrorPage> {
    if reader.has_role(&OFFICER_ROLES) {
        return Ok(());
    }
    let text = "Who has looked is for the patient, privacy officers and the Caldicott guardian.";
    Err(reader.error_page(&Failure::forbidden(text)))
}

pub(crate) async fn access(
    reader: SignedInReader,
    Path(id): Path<String>,
    Query(page_query): Query<LogPageQuery>,
) -> Result<Response, ErrorPage> {
    require_officer(&reader)?;
    let person = person_page::parse_person_id(&reader, &id)?;
    let (caller, deps) = (reader.caller(), &reader.app.deps);
    let query =
        EntryQuery { person: Some(person), before: page_query.before, limit: Some(PAGE_SIZE), ..EntryQuery::default() };
    let entries = deps.audit.entries(&caller, query).await;
    let entries = entries.map_err(|failure| reader.error_page(&as_cannot_record(failure)))?;
    let patient = deps.patient_index.summary(&caller, person, ViewId::new()).await;
    let patient = patient.map_err(|failure| reader.error_page(&failure))?;
    let banner = banner(&patient, None, deps.clock.now());
    let last = entries.last().filter(|_| entries.len() == usize::from(PAGE_SIZE));
    let page = AccessPage {
        layout: reader.layout(format!("{} – Who has looked", banner.initials), Nav::Log),
        banner,
        person: person.to_string(),
        older: last.map(|entry| format!("/people/{person}/access?before={}", entry.opened.id)),
        table: officer_table(&entries, &load_registry(&reader).await, None),
    };
    Ok(html(StatusCode::OK, &page))
}

/// The registry, or an empty one if identity is unavailable: pages then show codes instead of names.
pub(crate) async fn load_registry(reader: &SignedInReader) -> Registry {
    reader.app.deps.identity.registry().await.unwrap_or_default()
}
