//! The common end of every service's router: refusals, security headers, authentication, clients' limits. A service must not be
//! served without it.

use axum::{Extension, Router, middleware};

use crate::{
    Authenticator,
    client_limits::{ClientLimits, limit_clients},
    headers,
    problem::{method_not_allowed, not_found},
};

/// Completes a service's routes. Unknown paths and methods are answered as problems.
pub fn serve_api(routes: Router, authenticator: Authenticator) -> Router {
    let routes = routes.fallback(not_found).method_not_allowed_fallback(method_not_allowed);
    let limits = ClientLimits::new(authenticator.clone());
    let routes = routes.layer(middleware::from_fn_with_state(limits, limit_clients));
    headers::harden(routes.layer(Extension(authenticator)))
}
