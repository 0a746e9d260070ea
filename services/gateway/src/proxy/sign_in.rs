//! Gives a browser an error page when its sign-in fails. It must never change a response that is no failure: redirects and
//! cookies pass unchanged.

use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use lcr_contracts::{Failure, FailureKind};

use crate::{
    layout::Layout,
    state::App,
    web::{
        error_page::{NO_SUCH_PAGE, error_page},
        security_headers::set_page_headers,
    },
};

/// The failure behind identity's status, or `None` if the sign-in did not fail.
pub(super) fn failure_of(status: StatusCode) -> Option<Failure> {
    let start_again = "This sign-in cannot go on. Begin again.";
    let failure = match status.as_u16() {
        401 | 403 => Failure::new(FailureKind::Unauthenticated, "Not signed in."),
        404 => Failure::new(FailureKind::NotFound, NO_SUCH_PAGE),
        429 => Failure::new(FailureKind::TooManyRequests, "Too many requests."),
        400..=499 => Failure::new(FailureKind::BadRequest, start_again),
        500..=599 => Failure::new(FailureKind::Unavailable, "Sign-in is not available."),
        _ => return None,
    };
    Some(failure.because(format!("identity answered {status}")))
}

pub(super) fn failure_page(app: &App, failure: &Failure) -> Response {
    let mut page = error_page(Layout::new(app, "Sign in"), failure).into_response();
    set_page_headers(&mut page);
    page
}
