//! The common end of every service's router: refusals, security headers, authentication, clients' limits. A service must not be
//! served without it.

use axum::{Extension, Router, middleware, response::Response};
use lcr_contracts::Failure;

use crate::{
    Authenticator,
    client_limits::{ClientLimits, limit_clients},
    headers,
    problem::{method_not_allowed, not_found},
};

/// The form of failures below a path whose clients expect a standard's own and not a problem.
#[derive(Debug, Clone, Copy)]
pub struct FailureForm {
    /// The start of the path: `/scim/`.
    pub prefix: &'static str,
    pub answer: fn(Failure) -> Response,
}

/// Completes a service's routes. Unknown paths and methods are answered as problems.
pub fn serve_api(routes: Router, authenticator: Authenticator) -> Router {
    serve_api_with(routes, authenticator, &[])
}

/// The same for a service with paths of a standard that has a form of its own for failures.
pub fn serve_api_with(routes: Router, authenticator: Authenticator, forms: &'static [FailureForm]) -> Router {
    let routes = routes.fallback(not_found).method_not_allowed_fallback(method_not_allowed);
    let limits = ClientLimits::new(authenticator.clone(), forms);
    let routes = routes.layer(middleware::from_fn_with_state(limits, limit_clients));
    headers::harden(routes.layer(Extension(authenticator)))
}
