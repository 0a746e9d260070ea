//! A patient's own pages: who has looked, what to ask about a look, receipts, who shares what. Plain English, and
//! never a promise that a list is complete.

use askama::Template;
use axum::{
    extract::{Path, Query},
    http::StatusCode,
    response::Response,
};
use lcr_contracts::{Failure, Kind, audit::Look};
use lcr_model::{PersonId, Role};
use serde::Deserialize;
use uuid::Uuid;

use crate::{
    page::{Frame, Nav, html},
    pages::log::registry,
    roles::PATIENTS,
    session::SignedInReader,
    trouble::{Trouble, keeper_is_down},
    view::{
        choices::{ChoiceLine, For, lines},
        own_log::{Day, days, number, sentence},
        sharing::sharing_table,
        table::Table,
        words::patient_moment,
    },
};

#[derive(Template)]
#[template(path = "my_record.html")]
struct LooksPage {
    frame: Frame,
    /// `None` when the log cannot be shown now, with why.
    days: Result<Vec<Day>, &'static str>,
    /// Where earlier looks are.
    earlier: Option<String>,
    first: bool,
}

const NOT_NOW: &str = "This list cannot be shown here right now. Every look at your record is written down all the \
                       same. Try again later, or ask your GP practice who has looked.";
const LINKING: &str = "Your sign-in is still being linked to your record here. Until it is, this list cannot be shown. \
                       Every look at your record is written down all the same. Try again later, or ask your GP \
                       practice who has looked.";
const FOR_ANOTHER: &str = "You are signed in for somebody else. This page can only show a person their own record. Ask \
                           their GP practice who has looked.";

/// Which page of the log.
#[derive(Deserialize)]
pub(crate) struct Asked {
    before: Option<Uuid>,
}

/// Patients alone.
fn patient(reader: &SignedInReader) -> Result<(), Trouble> {
    if reader.is(&PATIENTS) {
        return Ok(());
    }
    let words = "This page is for patients. Your own record is open to you when you sign in as a patient.";
    Err(reader.fails(&Failure::forbidden(words)))
}

pub(crate) async fn who_has_looked(
    reader: SignedInReader,
    Query(asked): Query<Asked>,
) -> Result<Response, Trouble> {
    patient(&reader)?;
    let (days, next) = match looks(&reader, asked.before).await {
        Ok((looks, next)) => (Ok(days(&looks, &registry(&reader).await, asked.before)), next),
        Err(words) => (Err(words), None),
    };
    let page = LooksPage {
        frame: reader.frame("Who has looked", Nav::MyRecord),
        days,
        earlier: next.map(|before| format!("/my-record?before={before}")),
        first: asked.before.is_none(),
    };
    Ok(html(StatusCode::OK, &page))
}

/// A page of looks and where the next goes on, or why there is none.
async fn looks(
    reader: &SignedInReader,
    before: Option<Uuid>,
) -> Result<(Vec<Look>, Option<Uuid>), &'static str> {
    if reader.is(&[Role::ProxyParent]) {
        return Err(FOR_ANOTHER);
    }
    match reader.app.deps.audit.own_log(&reader.caller(), before).await {
        Ok(log) => Ok((log.looks, log.before)),
        Err(failure) if failure.kind == Kind::CatchingUp => Err(LINKING),
        Err(failure) => {
            tracing::warn!(?failure, "a patient's log could not be shown");
            Err(NOT_NOW)
        }
    }
}

#[derive(Template)]
#[template(path = "ask_about.html")]
struct AskAboutPage {
    frame: Frame,
    number: String,
    sentence: String,
    at: String,
    organisation: String,
}

/// "I don't recognise this": whom to ask, and which number to give them.
pub(crate) async fn ask_about(
    reader: SignedInReader,
    Path(entry): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Trouble> {
    patient(&reader)?;
    let gone = || reader.fails(&Failure::new(Kind::NotFound, crate::trouble::NO_PAGE));
    let entry: Uuid = entry.parse().map_err(|_| gone())?;
    let looks = match looks(&reader, asked.before).await {
        Ok((looks, _)) => looks,
        Err(words) => return Err(reader.fails(&Failure::forbidden(words))),
    };
    let look = looks.iter().find(|look| look.entry == entry).ok_or_else(gone)?;
    let registry = registry(&reader).await;
    let found = registry.organisations.iter().find(|one| one.ods == look.org);
    let page = AskAboutPage {
        frame: reader.frame("A question about a look", Nav::MyRecord),
        number: number(entry),
        sentence: sentence(look, &registry),
        at: patient_moment(look.at),
        organisation: found.map_or_else(|| "the organisation named above".into(), |one| one.name.clone()),
    };
    Ok(html(StatusCode::OK, &page))
}

#[derive(Template)]
#[template(path = "receipts.html")]
struct ReceiptsPage {
    frame: Frame,
    lines: Vec<ChoiceLine>,
}

pub(crate) async fn receipts(reader: SignedInReader) -> Result<Response, Trouble> {
    let Some(person) = own(&reader).await? else {
        return Ok(not_linked(&reader, "Receipts", Nav::MyChoices));
    };
    let choices = reader.app.deps.consent.choices(&reader.caller(), person).await;
    let choices = choices.map_err(|failure| reader.fails(&keeper_is_down(failure)))?;
    let frame = reader.frame("Receipts", Nav::MyChoices);
    Ok(html(StatusCode::OK, &ReceiptsPage { frame, lines: lines(&choices, For::Person) }))
}

#[derive(Template)]
#[template(path = "sharing.html")]
struct SharingPage {
    frame: Frame,
    table: Table,
}

pub(crate) async fn sharing(reader: SignedInReader) -> Result<Response, Trouble> {
    patient(&reader)?;
    let table = sharing_table(&registry(&reader).await);
    let frame = reader.frame("Who shares what about you", Nav::MyRecord);
    Ok(html(StatusCode::OK, &SharingPage { frame, table }))
}

#[derive(Template)]
#[template(path = "not_linked.html")]
struct NotLinkedPage {
    frame: Frame,
    title: &'static str,
    another: bool,
}

/// The person a signed-in patient is; `None` until their sign-in is linked, and for those signed in for another.
pub(crate) async fn own(reader: &SignedInReader) -> Result<Option<PersonId>, Trouble> {
    patient(reader)?;
    if reader.is(&[Role::ProxyParent]) {
        return Ok(None);
    }
    let own = reader.app.deps.patient_index.own(&reader.caller()).await;
    own.map_err(|failure| reader.fails(&failure))
}

/// Said plainly, with what can be done meanwhile.
pub(crate) fn not_linked(reader: &SignedInReader, title: &'static str, nav: Nav) -> Response {
    let another = reader.is(&[Role::ProxyParent]);
    html(StatusCode::OK, &NotLinkedPage { frame: reader.frame(title, nav), title, another })
}
