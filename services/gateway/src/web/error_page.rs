//! Turns every failure into a status and a text (`services/gateway/PORTAL.md`, "Words for trouble"). The text must never
//! say more about a person than the kind of failure allows. The inward text goes only to the log.

use askama::Template;
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use lcr_contracts::{Failure, FailureKind};

use crate::{
    layout::{Layout, html},
    state::App,
};

/// The rendered page for a failure.
#[derive(Debug)]
pub(crate) struct ErrorPage(Box<Response>);

impl From<Response> for ErrorPage {
    fn from(response: Response) -> Self {
        Self(Box::new(response))
    }
}

impl IntoResponse for ErrorPage {
    fn into_response(self) -> Response {
        *self.0
    }
}

/// The texts of an error page.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ErrorText {
    pub status: StatusCode,
    pub heading: &'static str,
    pub text: String,
    /// (label, href).
    pub links: Vec<(&'static str, String)>,
}

#[derive(Template)]
#[template(path = "error_page.html")]
struct ErrorPageTemplate {
    layout: Layout,
    error: ErrorText,
}

pub(crate) const CANNOT_RECORD: &str = "We can't show patient records right now because we can't record who looks at \
     them. Nothing is lost. Try again in a minute, or use your local system.";
pub(crate) const NO_MATCH: &str = "No one matches. Check the NHS number, or search by name and date of birth.";
const OBJECTED: &str = "This person has objected to sharing. No information is shown. Ask them, or contact their \
                        registered practice. This does not mean there is none.";
pub(crate) const NO_RELATIONSHIP: &str = "We have no record that you are caring for this person.";
const HOME: (&str, &str) = ("Go to home", "/home");
const SEARCH: (&str, &str) = ("Search for another person", "/search");

/// The outward text for an address without a page, so that it does not read like an unknown person.
pub(crate) const NO_SUCH_PAGE: &str = "This page does not exist. Check the address, or start from the home page.";

pub(crate) fn no_such_page() -> Failure {
    Failure::new(FailureKind::NotFound, NO_SUCH_PAGE)
}

pub(crate) fn error_text(failure: &Failure) -> ErrorText {
    let outward = || failure.outward().to_owned();
    let (status, heading, text, links): (_, _, String, &'static [(&str, &str)]) = match failure.kind {
        FailureKind::CannotRecord => (503, "Records cannot be shown right now", CANNOT_RECORD.into(), &[HOME]),
        FailureKind::NoRelationship => {
            (403, "No record of a caring relationship", no_relationship_text(), &[SEARCH, HOME])
        }
        FailureKind::Objected => (403, "No information is shown", OBJECTED.into(), &[SEARCH, HOME]),
        FailureKind::Forbidden => (403, "This is not open to your role", outward(), &[HOME]),
        FailureKind::NotFound if failure.outward() == NO_SUCH_PAGE => {
            (404, "No such page", NO_SUCH_PAGE.into(), &[HOME])
        }
        FailureKind::NotFound => (404, "Not found", NO_MATCH.into(), &[SEARCH, HOME]),
        FailureKind::Unauthenticated => {
            (401, "You are not signed in", "Sign in to go on.".into(), &[("Sign in", "/sign-in")])
        }
        FailureKind::CatchingUp => (503, "Still catching up", catching_up_text(), &[HOME]),
        FailureKind::Unavailable | FailureKind::Timeout => {
            (503, "Part of the service did not answer", unavailable_text(), &[HOME])
        }
        FailureKind::TooManyRequests => (429, "Too many requests", outward(), &[HOME]),
        FailureKind::MethodNotAllowed => (405, "That is not done this way", outward(), &[HOME]),
        FailureKind::Misdirected => (421, "Not served under this address", outward(), &[HOME]),
        FailureKind::BadRequest => (400, "That could not be read", outward(), &[HOME]),
        FailureKind::TooLarge => (413, "Too large", outward(), &[HOME]),
        FailureKind::Conflict => (409, "This changed meanwhile", outward(), &[HOME]),
        FailureKind::Internal => (500, "Something went wrong on our side", internal_error_text(), &[HOME]),
    };
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let links = links.iter().map(|(label, href)| (*label, (*href).to_owned())).collect();
    ErrorText { status, heading, text, links }
}

fn no_relationship_text() -> String {
    format!(
        "{NO_RELATIONSHIP} If you are, ask your organisation to record it (a registration, a referral, an appointment or an \
         admission), or use your local system."
    )
}

/// If audit or consent is unavailable, no view can be recorded, so nothing may be shown.
pub(crate) fn as_cannot_record(failure: Failure) -> Failure {
    match failure.kind {
        FailureKind::Unavailable | FailureKind::Timeout => Failure::cannot_record(failure.inward()),
        _ => failure,
    }
}

fn catching_up_text() -> String {
    "Details of this person changed a moment ago and are still being checked. Nothing is shown until they are. Try \
     again in a few seconds."
        .into()
}

fn unavailable_text() -> String {
    "Part of the Leeds Care Record did not answer in time. Try again in a minute, or use your local system.".into()
}

fn internal_error_text() -> String {
    "This page could not be shown. Nothing is lost. Try again, or use your local system.".into()
}

pub(crate) fn error_page(mut layout: Layout, failure: &Failure) -> ErrorPage {
    let error = error_text(failure);
    if error.status.is_server_error() {
        tracing::warn!(?failure, "a page could not be shown");
    }
    error.heading.clone_into(&mut layout.title);
    let status = error.status;
    let mut response = html(status, &ErrorPageTemplate { layout, error });
    if status == StatusCode::SERVICE_UNAVAILABLE {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("10"));
    }
    response.into()
}

/// The page in a frame whose session has ended. It has no link, because no provider signs anybody in inside a frame.
pub(crate) fn ended_in_frame_page(app: &App) -> Response {
    let heading = "You were signed out";
    let text = "This view ended: it was not used for 15 minutes, or another one took its place. Open the patient again from \
                your own system.";
    let error = ErrorText { status: StatusCode::UNAUTHORIZED, heading, text: text.to_owned(), links: vec![] };
    html(error.status, &ErrorPageTemplate { layout: Layout::new(app, heading), error })
}

#[cfg(test)]
#[path = "error_page_tests.rs"]
mod tests;
