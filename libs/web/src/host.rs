//! The Host check of a platform on loopback, against DNS rebinding: another site's page must not reach it under its own
//! name. In a cluster the ingress does this.

use axum::{
    extract::Request,
    http::header,
    middleware::Next,
    response::{IntoResponse, Response},
};
use lcr_contracts::{Failure, FailureKind};

use crate::Problem;

/// Middleware: allows only `localhost` and loopback addresses, any port.
pub async fn loopback_only(request: Request, next: Next) -> Response {
    if is_loopback(&request) {
        return next.run(request).await;
    }
    Problem(Failure::new(FailureKind::Misdirected, "This address serves localhost only.")).into_response()
}

/// Whether the request's host is this machine.
pub fn is_loopback(request: &Request) -> bool {
    let host = request.headers().get(header::HOST).and_then(|value| value.to_str().ok());
    let host = host.or_else(|| request.uri().host()).unwrap_or_default();
    let name = host
        .rsplit_once(':')
        .map_or(host, |(name, port)| if port.bytes().all(|byte| byte.is_ascii_digit()) { name } else { host });
    matches!(name, "localhost" | "127.0.0.1" | "[::1]")
}
