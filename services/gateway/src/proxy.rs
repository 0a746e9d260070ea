//! The door for machines: public APIs of the services behind, passed on as they come. It never routes to
//! `/internal` in any spelling, never passes a cookie along with a bearer token, and adds nothing of its own.

pub(crate) mod forward;
mod headers;
mod path;

use std::time::Duration;

use axum::{
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{StatusCode, header::ACCEPT},
    response::{IntoResponse, Response},
};
use lcr_contracts::{Failure, Kind};
use lcr_model::ServiceName;
use lcr_web::Problem;

use crate::{page::Frame, state::App, trouble::trouble_page};

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

const LARGEST_BODY: usize = 1 << 20;
/// Letters and whole batches: as much as feeds itself takes.
const LARGEST_FEED: usize = 16 << 20;
/// Until the answer begins. A stream may then last.
const DEADLINE: Duration = Duration::from_secs(10);

pub(crate) async fn pass_on(State(app): State<App>, request: Request) -> Response {
    match passed(&app, request).await {
        Ok(response) => response,
        Err(failure) => Problem(failure).into_response(),
    }
}

async fn passed(app: &App, request: Request) -> Result<Response, Failure> {
    let (parts, body) = request.into_parts();
    let accepts = parts.headers.get(ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    let person = accepts.contains("text/html");
    let target = path::target(parts.uri.path()).ok_or_else(Failure::not_found)?;
    let base = app.deps.settings.proxied.get(&target.service).ok_or_else(Failure::not_found)?;
    let largest = if target.service == ServiceName::Feeds { LARGEST_FEED } else { LARGEST_BODY };
    let too_large =
        |_| Failure::new(Kind::TooLarge, format!("The body is larger than {} MB.", largest >> 20));
    let body = to_bytes(body, largest).await.map_err(too_large)?;
    let query = parts.uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    let asked = Asked {
        method: parts.method,
        url: format!("{}{}{query}", base.trim_end_matches('/'), target.path),
        headers: headers::outgoing(&parts.headers, target.cookies),
        body,
    };
    let answer = tokio::time::timeout(DEADLINE, app.forward.forward(asked)).await;
    let late = |_| Failure::new(Kind::Timeout, "The service did not answer in time.");
    let away = |error| Failure::new(Kind::Unavailable, "The service could not be reached.").because(error);
    let answer = answer.map_err(late)?.map_err(away)?;
    // Whoever comes back from a provider reads a page and not what machines read.
    let failed =
        person && target.cookies && (answer.status.is_client_error() || answer.status.is_server_error());
    Ok(if failed { not_signed_in(app, answer.status) } else { returned(answer, target.cookies) })
}

fn not_signed_in(app: &App, status: StatusCode) -> Response {
    let kind = if status.is_server_error() { Kind::Unavailable } else { Kind::Unauthenticated };
    trouble_page(Frame::new(app, "Sign in"), &Failure::new(kind, "Not signed in.")).into_response()
}

fn returned(answer: Answer, cookies: bool) -> Response {
    let mut response = Response::new(Body::from_stream(answer.body));
    *response.status_mut() = answer.status;
    *response.headers_mut() = headers::incoming(&answer.headers, cookies);
    response
}
