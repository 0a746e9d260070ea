//! The common end of every service's router: refusals, security headers, authentication, clients' limits. A service must not be
//! served without it.

use axum::{
    Extension, Router,
    http::Uri,
    middleware,
    response::{IntoResponse as _, Response},
};
use lcr_contracts::{Failure, FailureKind};

use crate::{
    Authenticator, Problem,
    client_limits::{ClientLimits, limit_clients},
    headers,
};

/// The form of failures below a path whose clients expect a standard's own and not a problem.
#[derive(Debug, Clone, Copy)]
pub struct FailureForm {
    /// The start of the path: `/scim/`.
    pub prefix: &'static str,
    pub answer: fn(Failure) -> Response,
}

/// Answers a failure in the form that the path's clients read: a problem, unless one of the forms is theirs.
pub(crate) fn answer_in_form(forms: &[FailureForm], path: &str, failure: Failure) -> Response {
    match forms.iter().find(|form| path.starts_with(form.prefix)) {
        Some(form) => (form.answer)(failure),
        None => Problem(failure).into_response(),
    }
}

fn method_not_allowed() -> Failure {
    Failure::new(FailureKind::MethodNotAllowed, "This path does not take that method.")
}

/// Completes a service's routes. Unknown paths and methods are answered as problems.
pub fn serve_api(routes: Router, authenticator: Authenticator) -> Router {
    serve_api_with(routes, authenticator, &[])
}

/// The same for a service with paths of a standard that has a form of its own for failures, which unknown paths and methods below
/// them have too.
pub fn serve_api_with(routes: Router, authenticator: Authenticator, forms: &'static [FailureForm]) -> Router {
    let unknown_path = move |uri: Uri| async move { answer_in_form(forms, uri.path(), Failure::not_found()) };
    let unknown_method = move |uri: Uri| async move { answer_in_form(forms, uri.path(), method_not_allowed()) };
    let routes = routes.fallback(unknown_path).method_not_allowed_fallback(unknown_method);
    let limits = ClientLimits::new(authenticator.clone(), forms);
    let routes = routes.layer(middleware::from_fn_with_state(limits, limit_clients));
    headers::harden(routes.layer(Extension(authenticator)))
}

#[cfg(test)]
#[path = "api_tests.rs"]
mod tests;
