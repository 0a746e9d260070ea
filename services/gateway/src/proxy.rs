//! The door for machines: public APIs of the services behind, passed on as they come. It never routes to
//! `/internal` in any spelling, never passes a cookie along with a bearer token, and adds nothing of its own.

mod forward;
mod headers;
mod path;

use std::time::Duration;

use axum::{
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::json;

use crate::app::App;

pub use forward::{Answer, Asked, Forward, OverHttp, Unreached};

/// What is passed on; everything else is a page or nothing.
pub(crate) const PATHS: [&str; 9] = [
    "/auth/{*rest}",
    "/scim/v2/{*rest}",
    "/oauth2/token",
    "/.well-known/{*rest}",
    "/fhir/R4",
    "/fhir/R4/{*rest}",
    "/audit/checkpoint",
    "/audit/tile/{*rest}",
    "/api/{*rest}",
];

const LARGEST_BODY: usize = 1024 * 1024;
/// Until the answer begins. A stream may then last.
const DEADLINE: Duration = Duration::from_secs(10);

pub(crate) async fn pass_on(State(app): State<App>, request: Request) -> Response {
    match passed(&app, request).await {
        Ok(response) => response,
        Err((status, slug, words)) => problem(status, slug, words).into_response(),
    }
}

type Refused = (StatusCode, &'static str, &'static str);

async fn passed(app: &App, request: Request) -> Result<Response, Refused> {
    let (parts, body) = request.into_parts();
    let not_found = (StatusCode::NOT_FOUND, "not-found", "There is nothing here.");
    let target = path::target(parts.uri.path()).ok_or(not_found)?;
    let base = app.deps.settings.proxied.get(&target.service).ok_or(not_found)?;
    let too_large = (StatusCode::PAYLOAD_TOO_LARGE, "too-large", "The body is larger than 1 MB.");
    let body = to_bytes(body, LARGEST_BODY).await.map_err(|_| too_large)?;
    let query = parts.uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    let asked = Asked {
        method: parts.method,
        url: format!("{}{}{query}", base.trim_end_matches('/'), target.path),
        headers: headers::outgoing(&parts.headers, target.cookies),
        body,
    };
    let answer = tokio::time::timeout(DEADLINE, app.forward.forward(asked)).await;
    let answer = answer
        .map_err(|_| (StatusCode::GATEWAY_TIMEOUT, "timeout", "The service did not answer in time."))?;
    let answer = answer.map_err(|error| {
        tracing::warn!(service = %target.service, %error, "a service could not be reached");
        (StatusCode::BAD_GATEWAY, "unavailable", "The service could not be reached.")
    })?;
    Ok(returned(answer, target.cookies))
}

fn returned(answer: Answer, cookies: bool) -> Response {
    let mut response = Response::new(Body::from_stream(answer.body));
    *response.status_mut() = answer.status;
    *response.headers_mut() = headers::incoming(&answer.headers, cookies);
    response
}

/// An RFC 9457 answer.
pub(crate) fn problem(status: StatusCode, slug: &str, detail: &str) -> impl IntoResponse {
    let body = json!({
        "type": format!("https://leedscarerecord.example/problems/{slug}"),
        "title": status.canonical_reason().unwrap_or("Problem"),
        "status": status.as_u16(),
        "detail": detail,
    });
    let headers = [(header::CONTENT_TYPE, "application/problem+json"), (header::CACHE_CONTROL, "no-store")];
    (status, headers, body.to_string())
}
