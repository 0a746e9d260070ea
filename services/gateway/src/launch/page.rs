//! The steps of a launch. `POST /launch` takes a signed token from another site, so it has no form token and no origin check:
//! the signature takes their place, and no other page may do without them. `GET /launch` starts a SMART launch. `/launch/open`
//! opens the person: only a request that our own redirect caused has the browser's earlier cookie, whose session must end.

use axum::{
    Extension, Form,
    extract::{Query, State, rejection::FormRejection},
    http::{HeaderMap, header},
    response::{AppendHeaders, IntoResponse, Redirect, Response},
};
use lcr_contracts::{
    Failure, FailureKind,
    identity::{Launch, LaunchPatient, LaunchTicket},
};
use lcr_model::{PersonId, Phi};
use lcr_web::cookies::{self, CookieScope, LAUNCH_COOKIE};
use serde::Deserialize;

use super::{person, words};
use crate::{
    layout::{Layout, format::encode_query_value},
    record::person_page::ends_right,
    state::App,
    web::{
        error_page::{as_cannot_record, error_page},
        security_headers::FrameAncestors,
        session::SignedInReader,
    },
};

/// How long the browser may take for the redirect. Identity checks it too.
const TICKET_SECONDS: i64 = 60;
const OPEN_PAGE: &str = "/launch/open";

#[derive(Deserialize)]
pub(crate) struct LaunchForm {
    token: Phi<String>,
}

/// Accepts a signed launch token.
pub(crate) async fn accept(State(app): State<App>, form: Result<Form<LaunchForm>, FormRejection>) -> Response {
    let Ok(Form(form)) = form else { return words::refused(&app) };
    match app.deps.identity.launch(&form.token).await {
        Ok(LaunchTicket { sealed, framed }) => {
            let ticket = CookieScope::of_frame(framed).set(LAUNCH_COOKIE, sealed.as_ref(), Some(TICKET_SECONDS));
            (AppendHeaders([(header::SET_COOKIE, ticket)]), Redirect::to(OPEN_PAGE)).into_response()
        }
        Err(failure) if failure.kind == FailureKind::Forbidden => words::refused(&app),
        Err(failure) => error_page(Layout::new(&app, ""), &failure).into_response(),
    }
}

#[derive(Deserialize)]
pub(crate) struct StartQuery {
    iss: Option<String>,
    launch: Option<String>,
}

/// Starts a SMART launch at the provider of the partner's system.
pub(crate) async fn start(State(app): State<App>, headers: HeaderMap, Query(query): Query<StartQuery>) -> Response {
    let (Some(iss), Some(launch)) = (query.iss, query.launch) else { return words::no_launch(&app) };
    let (iss, launch) = (encode_query_value(&iss), encode_query_value(&launch));
    let framed = if is_in_frame(&headers) { "&framed=true" } else { "" };
    Redirect::to(&format!("/auth/launch?iss={iss}&launch={launch}{framed}")).into_response()
}

fn is_in_frame(headers: &HeaderMap) -> bool {
    headers.get("sec-fetch-dest").is_some_and(|dest| dest == "iframe" || dest == "frame")
}

/// Says that a SMART launch was refused.
pub(crate) async fn refused(State(app): State<App>) -> Response {
    words::refused(&app)
}

/// Ends the browser's earlier session, finds the person, records the launch and opens the record.
pub(crate) async fn open(
    State(app): State<App>,
    Extension(frame): Extension<FrameAncestors>,
    headers: HeaderMap,
) -> Response {
    let Some(ticket) = cookies::value_of(&headers, LAUNCH_COOKIE) else { return words::no_launch(&app) };
    let Launch { signed_in, secret, patient } = match app.deps.identity.open_launch(&Phi::new(ticket)).await {
        Ok(Some(launch)) => launch,
        Ok(None) => return words::no_launch(&app),
        Err(failure) => return error_page(Layout::new(&app, ""), &failure).into_response(),
    };
    frame.allow(&signed_in.frame_ancestors);
    let reader = SignedInReader { app, signed_in, secret };
    let scope = reader.cookie_scope();
    let former = cookies::value_of(&headers, scope.session_cookie()).filter(|former| former != reader.secret.as_ref());
    if let Some(former) = former
        && let Err(failure) = reader.app.deps.identity.end_session(&Phi::new(former)).await
    {
        return reader.error_page(&failure).into_response();
    }
    let response = match open_person(&reader, patient).await {
        Ok(person) => Redirect::to(&format!("/people/{person}")).into_response(),
        Err(page) => page,
    };
    let session = scope.set(scope.session_cookie(), reader.secret.as_ref(), None);
    let cookies = [session, scope.clear(LAUNCH_COOKIE)].map(|cookie| (header::SET_COOKIE, cookie));
    (AppendHeaders(cookies), response).into_response()
}

/// The person of the launch, once the launch is recorded.
async fn open_person(reader: &SignedInReader, patient: LaunchPatient) -> Result<PersonId, Response> {
    let page = |failure: Failure| reader.error_page(&failure).into_response();
    let person = person::find(reader, patient).await.map_err(|failure| page(as_cannot_record(failure)))?;
    let Some(person) = person else { return Err(words::unknown_person(reader)) };
    match reader.app.deps.consent.record_launch(&reader.caller(), person).await {
        Ok(_) => Ok(person),
        // The launch gives no relationship. The record's own page says whether another one opens it.
        Err(failure) if ends_right(&failure) || failure.kind == FailureKind::Forbidden => Ok(person),
        Err(failure) => Err(page(as_cannot_record(failure))),
    }
}
