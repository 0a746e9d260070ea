//! Who has looked: for privacy officers and the Caldicott guardian by person, for patients their own. Nobody
//! else is shown a log, and a patient's page never promises that it is complete.

use askama::Template;
use axum::{extract::Path, http::StatusCode, response::Response};
use lcr_contracts::{Failure, audit::EntryQuery, identity::Registry};
use lcr_model::{Role, ViewId};

use super::person;
use crate::{
    page::{Frame, Nav, html},
    session::SignedInReader,
    trouble::Trouble,
    view::{
        banner::{Banner, banner},
        log::{Day, officers_table, patients_days},
        table::Table,
    },
};

const PAGE: u16 = 100;

#[derive(Template)]
#[template(path = "access.html")]
struct AccessPage {
    frame: Frame,
    banner: Banner,
    table: Table,
}

pub(crate) async fn access(reader: SignedInReader, Path(id): Path<String>) -> Result<Response, Trouble> {
    if !reader.is(&[Role::PrivacyOfficer, Role::CaldicottGuardian]) {
        let words = "Who has looked is for the patient, privacy officers and the Caldicott guardian.";
        return Err(reader.fails(&Failure::forbidden(words)));
    }
    let person = person::person(&reader, &id)?;
    let (caller, deps) = (reader.caller(), &reader.app.deps);
    let query = EntryQuery { person: Some(person), limit: Some(PAGE), ..EntryQuery::default() };
    let entries = deps.audit.entries(&caller, query).await.map_err(|failure| reader.fails(&failure))?;
    let stub = deps.patient_index.stub(&caller, person, ViewId::new()).await;
    let stub = stub.map_err(|failure| reader.fails(&failure))?;
    let banner = banner(&stub, None, deps.clock.now());
    let page = AccessPage {
        frame: reader.frame(format!("{} – Who has looked", banner.initials), Nav::None),
        banner,
        table: officers_table(&entries, &registry(&reader).await),
    };
    Ok(html(StatusCode::OK, &page))
}

#[derive(Template)]
#[template(path = "my_record.html")]
struct MyRecordPage {
    frame: Frame,
    /// `None` when the log cannot be shown now.
    days: Option<Vec<Day>>,
}

pub(crate) async fn my_record(reader: SignedInReader) -> Result<Response, Trouble> {
    if !reader.is(&[Role::Patient, Role::ProxyParent]) {
        let words =
            "This page is for patients. Your own record is open to you when you sign in as a patient.";
        return Err(reader.fails(&Failure::forbidden(words)));
    }
    let query = EntryQuery { limit: Some(PAGE), ..EntryQuery::default() };
    let entries = reader.app.deps.audit.entries(&reader.caller(), query).await;
    let days = match entries {
        Ok(entries) => patients_days(&entries, &registry(&reader).await),
        Err(failure) => {
            tracing::warn!(?failure, "a patient's log could not be shown");
            None
        }
    };
    Ok(html(StatusCode::OK, &MyRecordPage { frame: reader.frame("Who has looked", Nav::MyRecord), days }))
}

/// Names of organisations; without them the log still says their codes.
async fn registry(reader: &SignedInReader) -> Registry {
    reader.app.deps.identity.registry().await.unwrap_or_default()
}
