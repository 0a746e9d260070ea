//! What somebody reads whose sign-in failed: a page with a way on, and not what machines read. It must never change an
//! answer that is none of failure: redirects and cookies cross as they come.

use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use lcr_contracts::{Failure, Kind};

use crate::{
    guard::harden,
    page::Frame,
    state::App,
    trouble::{NO_PAGE, trouble_page},
};

/// What identity's status means to whoever signs in; `None` when nothing failed.
pub(super) fn failure(status: StatusCode) -> Option<Failure> {
    let began = "This sign-in cannot go on. Begin again.";
    let failure = match status.as_u16() {
        401 | 403 => Failure::new(Kind::Unauthenticated, "Not signed in."),
        404 => Failure::new(Kind::NotFound, NO_PAGE),
        429 => Failure::new(Kind::TooManyRequests, "Too many requests."),
        400..=499 => Failure::new(Kind::BadRequest, began),
        500..=599 => Failure::new(Kind::Unavailable, "Sign-in is not available."),
        _ => return None,
    };
    Some(failure.because(format!("identity answered {status}")))
}

pub(super) fn page(app: &App, failure: &Failure) -> Response {
    let mut page = trouble_page(Frame::new(app, "Sign in"), failure).into_response();
    harden(&mut page);
    page
}
