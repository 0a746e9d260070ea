//! The steps of a launch. `POST /launch` takes a signed token from another site, so it has no form token and no origin check:
//! the signature takes their place, and no other page may do without them. `GET /launch` starts a SMART launch. `/launch/open`
//! opens the person: only a request that our own redirect caused has the browser's earlier cookie, whose session must end. If
//! that session is another user's, it must never end before the reader says so: a page of another site may have sent the token.

use axum::{
    Extension, Form,
    extract::{Query, State, rejection::FormRejection},
    http::{HeaderMap, header},
    response::{AppendHeaders, IntoResponse, Redirect, Response},
};
use lcr_contracts::{
    Failure, FailureKind,
    identity::{Launch, LaunchPatient, LaunchTicket, SignedIn},
};
use lcr_model::{Actor, PersonId, Phi};
use lcr_web::cookies::{self, CookieScope, LAUNCH_COOKIE};
use serde::Deserialize;

use super::{person, words};
use crate::{
    layout::{Layout, format::encode_query_value},
    record::person_page::ends_right,
    state::App,
    web::{
        csrf::{is_same_origin, tokens_match},
        error_page::{as_cannot_record, error_page},
        security_headers::FrameAncestors,
        session::{SignedInReader, allow_former_frame, is_in_frame, mark_form_token},
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
pub(crate) async fn accept(
    State(app): State<App>,
    Extension(frame): Extension<FrameAncestors>,
    headers: HeaderMap,
    form: Result<Form<LaunchForm>, FormRejection>,
) -> Response {
    allow_former_frame(&app, &headers, &frame).await;
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

/// Says that a SMART launch was refused.
pub(crate) async fn refused(
    State(app): State<App>,
    Extension(frame): Extension<FrameAncestors>,
    headers: HeaderMap,
) -> Response {
    allow_former_frame(&app, &headers, &frame).await;
    words::refused(&app)
}

/// Opens the person of the launch. Asks first if another user is signed in in this browser.
pub(crate) async fn open(
    State(app): State<App>,
    Extension(frame): Extension<FrameAncestors>,
    headers: HeaderMap,
) -> Response {
    let launch = match read_ticket(app, &frame, &headers).await {
        Ok(launch) => launch,
        Err(page) => return page,
    };
    match launch.other_user().await {
        Ok(Some(other)) => words::continue_as(&launch.reader, &other),
        Ok(None) => launch.finish().await,
        Err(failure) => launch.reader.error_page(&failure).into_response(),
    }
}

#[derive(Deserialize)]
pub(crate) struct ConfirmForm {
    form_token: Phi<String>,
}

/// Opens the person of the launch in place of the other user's session, as the reader chose.
pub(crate) async fn confirm(
    State(app): State<App>,
    Extension(frame): Extension<FrameAncestors>,
    headers: HeaderMap,
    form: Result<Form<ConfirmForm>, FormRejection>,
) -> Response {
    let is_ours = is_same_origin(&headers, &app.deps.settings.public_origin);
    let launch = match read_ticket(app, &frame, &headers).await {
        Ok(launch) => launch,
        Err(page) => return page,
    };
    let token = launch.reader.signed_in.form_token.as_ref().as_bytes();
    if is_ours && form.is_ok_and(|Form(form)| tokens_match(form.form_token.as_ref().as_bytes(), token)) {
        launch.finish().await
    } else {
        words::no_launch(&launch.reader.app)
    }
}

/// A launch with a valid ticket, and the session that this browser had before.
struct OpenedLaunch {
    reader: SignedInReader,
    patient: LaunchPatient,
    earlier_session: Option<Phi<String>>,
}

async fn read_ticket(app: App, frame: &FrameAncestors, headers: &HeaderMap) -> Result<OpenedLaunch, Response> {
    let opened = match cookies::value_of(headers, LAUNCH_COOKIE) {
        Some(ticket) => app.deps.identity.open_launch(&Phi::new(ticket)).await,
        None => Ok(None),
    };
    let Launch { signed_in, secret, patient } = match opened {
        Ok(Some(launch)) => launch,
        Ok(None) => {
            allow_former_frame(&app, headers, frame).await;
            return Err(words::no_launch(&app));
        }
        Err(failure) => return Err(error_page(Layout::new(&app, ""), &failure).into_response()),
    };
    frame.allow(&signed_in.frame_ancestors);
    let reader = SignedInReader { app, signed_in: mark_form_token(signed_in), secret };
    let earlier = cookies::value_of(headers, reader.cookie_scope().session_cookie());
    let earlier_session = earlier.filter(|secret| secret != reader.secret.as_ref()).map(Phi::new);
    Ok(OpenedLaunch { reader, patient, earlier_session })
}

impl OpenedLaunch {
    /// The other user who is signed in in this browser.
    async fn other_user(&self) -> Result<Option<SignedIn>, Failure> {
        let Some(earlier) = &self.earlier_session else { return Ok(None) };
        let signed_in = self.reader.app.deps.identity.session(earlier, false).await?;
        let own = &self.reader.signed_in.actor;
        // A launch and a sign-in know the same clinician by different ids.
        let is_same = |other: &Actor| {
            other.user == own.user || (&other.name, other.role, &other.org) == (&own.name, own.role, &own.org)
        };
        Ok(signed_in.filter(|other| !is_same(&other.actor)))
    }

    /// Ends the browser's earlier session, finds the person, records the launch and opens the record.
    async fn finish(self) -> Response {
        let Self { reader, patient, earlier_session } = self;
        if let Some(earlier) = earlier_session
            && let Err(failure) = reader.app.deps.identity.end_session(&earlier).await
        {
            return reader.error_page(&failure).into_response();
        }
        reader.app.framed_sessions.add(reader.secret.as_ref(), &reader.signed_in.frame_ancestors).await;
        let response = match open_person(&reader, patient).await {
            Ok(person) => Redirect::to(&format!("/people/{person}")).into_response(),
            Err(page) => page,
        };
        with_session(&reader, response)
    }
}

fn with_session(reader: &SignedInReader, response: Response) -> Response {
    let scope = reader.cookie_scope();
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
