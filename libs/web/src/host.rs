//! The Host check of a platform on loopback: a page of another site cannot reach it by a name of its own
//! (DNS rebinding). In a cluster the ingress does this.

use axum::{
    extract::Request,
    http::{StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use lcr_contracts::Failure;

use crate::Problem;

/// Middleware: only `localhost` and loopback addresses, any port.
pub async fn loopback_only(request: Request, next: Next) -> Response {
    let host = request.headers().get(header::HOST).and_then(|value| value.to_str().ok());
    let host = host.or_else(|| request.uri().host()).unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, port)| {
        if port.bytes().all(|byte| byte.is_ascii_digit()) { name } else { host }
    });
    if matches!(name, "localhost" | "127.0.0.1" | "[::1]") {
        return next.run(request).await;
    }
    let mut refused = Problem(Failure::bad_request("This address serves localhost only.")).into_response();
    *refused.status_mut() = StatusCode::MISDIRECTED_REQUEST;
    refused
}
