//! The common end of every service's router: refusals, security headers, authentication. A service must not be served without
//! it.

use axum::{Extension, Router};

use crate::{
    Authenticator, headers,
    problem::{method_not_allowed, not_found},
};

/// Completes a service's routes. Unknown paths and methods are answered as problems.
pub fn serve_api(routes: Router, authenticator: Authenticator) -> Router {
    let routes = routes.fallback(not_found).method_not_allowed_fallback(method_not_allowed);
    headers::harden(routes.layer(Extension(authenticator)))
}
