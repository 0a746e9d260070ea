//! The patient's own pages: who has looked, a question about a look, receipts, who shares what. The text must be plain
//! English and must never promise that a list is complete.

use askama::Template;
use axum::{
    extract::{Path, Query},
    http::StatusCode,
    response::Response,
};
use lcr_contracts::{Failure, FailureKind, audit::AccessEvent};
use lcr_model::{PersonId, Role};
use serde::Deserialize;
use uuid::Uuid;

use crate::{
    access_log::{
        log_format::entry_number,
        officer_person_page::load_registry,
        patient_log::access_sentence,
        visits::{LogDay, group_by_day},
    },
    choices::{
        choice_list::{Audience, ChoiceLine, choice_lines},
        sharing::sharing_table,
    },
    layout::{Layout, Nav, format::format_moment_for_patient, html, table::Table},
    roles::PATIENT_ROLES,
    web::{
        error_page::{ErrorPage, as_cannot_record, no_such_page},
        session::SignedInReader,
    },
};

#[derive(Template)]
#[template(path = "my_record.html")]
struct MyRecordPage {
    layout: Layout,
    /// `Err` says why the log cannot be shown.
    days: Result<Vec<LogDay>, &'static str>,
    /// The link to earlier looks.
    earlier: Option<String>,
    /// Whether this is the newest page of the log.
    first: bool,
}

const LOG_UNAVAILABLE: &str = "This list cannot be shown here right now. Every look at your record is written down all the \
                       same. Try again later, or ask your GP practice who has looked.";
const SIGN_IN_NOT_LINKED: &str = "Your sign-in is still being linked to your record here. Until it is, this list cannot be shown. \
                       Every look at your record is written down all the same. Try again later, or ask your GP \
                       practice who has looked.";
const SIGNED_IN_AS_PROXY: &str = "You are signed in for somebody else. This page can only show a person their own record. Ask \
                           their GP practice who has looked.";

/// Pages through the log: looks before this one.
#[derive(Deserialize)]
pub(crate) struct LogPageQuery {
    before: Option<Uuid>,
}

/// # Errors
/// An error page if the reader is no patient.
fn require_patient(reader: &SignedInReader) -> Result<(), ErrorPage> {
    if reader.has_role(&PATIENT_ROLES) {
        return Ok(());
    }
    let text = "This page is for patients. Your own record is open to you when you sign in as a patient.";
    Err(reader.error_page(&Failure::forbidden(text)))
}

pub(crate) async fn who_has_looked(
    reader: SignedInReader,
    Query(query): Query<LogPageQuery>,
) -> Result<Response, ErrorPage> {
    require_patient(&reader)?;
    let (days, next) = match load_looks(&reader, query.before).await {
        Ok((looks, next)) => (Ok(group_by_day(&looks, &load_registry(&reader).await, query.before)), next),
        Err(text) => (Err(text), None),
    };
    let page = MyRecordPage {
        layout: reader.layout("Who has looked", Nav::MyRecord),
        days,
        earlier: next.map(|before| format!("/my-record?before={before}")),
        first: query.before.is_none(),
    };
    Ok(html(StatusCode::OK, &page))
}

/// A page of looks and the start of the next page, or the text that says why there is none.
async fn load_looks(
    reader: &SignedInReader,
    before: Option<Uuid>,
) -> Result<(Vec<AccessEvent>, Option<Uuid>), &'static str> {
    if reader.has_role(&[Role::ProxyParent]) {
        return Err(SIGNED_IN_AS_PROXY);
    }
    match reader.app.deps.audit.patient_log(&reader.caller(), before).await {
        Ok(log) => Ok((log.entries, log.before)),
        Err(failure) if failure.kind == FailureKind::CatchingUp => Err(SIGN_IN_NOT_LINKED),
        Err(failure) => {
            tracing::warn!(?failure, "a patient's log could not be shown");
            Err(LOG_UNAVAILABLE)
        }
    }
}

#[derive(Template)]
#[template(path = "ask_about.html")]
struct AskAboutPage {
    layout: Layout,
    number: String,
    sentence: String,
    at: String,
    organisation: String,
}

/// The page behind "I don't recognise this": whom to ask, and which number to give them.
pub(crate) async fn ask_about(
    reader: SignedInReader,
    Path(entry): Path<String>,
    Query(query): Query<LogPageQuery>,
) -> Result<Response, ErrorPage> {
    require_patient(&reader)?;
    let not_found = || reader.error_page(&no_such_page());
    let entry: Uuid = entry.parse().map_err(|_| not_found())?;
    let looks = match load_looks(&reader, query.before).await {
        Ok((looks, _)) => looks,
        Err(text) => return Err(reader.error_page(&Failure::forbidden(text))),
    };
    let look = looks.iter().find(|look| look.entry == entry).ok_or_else(not_found)?;
    let registry = load_registry(&reader).await;
    let organisation = registry.organisation(&look.org);
    let page = AskAboutPage {
        layout: reader.layout("A question about a look", Nav::MyRecord),
        number: entry_number(entry),
        sentence: access_sentence(look, &registry),
        at: format_moment_for_patient(look.at),
        organisation: organisation.map_or_else(|| "the organisation named above".into(), |known| known.name.clone()),
    };
    Ok(html(StatusCode::OK, &page))
}

#[derive(Template)]
#[template(path = "receipts.html")]
struct ReceiptsPage {
    layout: Layout,
    lines: Vec<ChoiceLine>,
}

pub(crate) async fn receipts(reader: SignedInReader) -> Result<Response, ErrorPage> {
    let Some(person) = own_person(&reader).await? else {
        return Ok(not_linked_page(&reader, "Receipts", Nav::MyChoices));
    };
    let choices = reader.app.deps.consent.choices(&reader.caller(), person).await;
    let choices = choices.map_err(|failure| reader.error_page(&as_cannot_record(failure)))?;
    let layout = reader.layout("Receipts", Nav::MyChoices);
    Ok(html(StatusCode::OK, &ReceiptsPage { layout, lines: choice_lines(&choices, Audience::Person) }))
}

#[derive(Template)]
#[template(path = "sharing.html")]
struct SharingPage {
    layout: Layout,
    table: Table,
}

pub(crate) async fn sharing(reader: SignedInReader) -> Result<Response, ErrorPage> {
    require_patient(&reader)?;
    let table = sharing_table(&load_registry(&reader).await);
    let layout = reader.layout("Who shares what about you", Nav::MyRecord);
    Ok(html(StatusCode::OK, &SharingPage { layout, table }))
}

#[derive(Template)]
#[template(path = "not_linked.html")]
struct NotLinkedPage {
    layout: Layout,
    title: &'static str,
    /// The reader is signed in for somebody else.
    another: bool,
}

/// The patient's own person, or `None` if their sign-in is not linked yet or they are signed in for somebody else.
pub(crate) async fn own_person(reader: &SignedInReader) -> Result<Option<PersonId>, ErrorPage> {
    require_patient(reader)?;
    if reader.has_role(&[Role::ProxyParent]) {
        return Ok(None);
    }
    let person = reader.app.deps.patient_index.own(&reader.caller()).await;
    person.map_err(|failure| reader.error_page(&failure))
}

/// The page that explains why a patient has no record here yet and what to do meanwhile.
pub(crate) fn not_linked_page(reader: &SignedInReader, title: &'static str, nav: Nav) -> Response {
    let another = reader.has_role(&[Role::ProxyParent]);
    html(StatusCode::OK, &NotLinkedPage { layout: reader.layout(title, nav), title, another })
}
