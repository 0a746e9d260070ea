//! The door for machines: public APIs of the services behind, passed on as they come. It never routes to
//! `/internal` in any spelling, never passes a cookie along with a bearer token, and adds nothing of its own.

pub(crate) mod forward;
mod headers;
mod path;

use std::time::Duration;

use axum::{
    body::{Body, to_bytes},
    extract::{Request, State},
    response::{IntoResponse, Response},
};
use lcr_contracts::{Failure, Kind};
use lcr_web::Problem;

use crate::state::App;

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
        Err(failure) => Problem(failure).into_response(),
    }
}

async fn passed(app: &App, request: Request) -> Result<Response, Failure> {
    let (parts, body) = request.into_parts();
    let target = path::target(parts.uri.path()).ok_or_else(Failure::not_found)?;
    let base = app.deps.settings.proxied.get(&target.service).ok_or_else(Failure::not_found)?;
    let too_large = |_| Failure::new(Kind::TooLarge, "The body is larger than 1 MB.");
    let body = to_bytes(body, LARGEST_BODY).await.map_err(too_large)?;
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
    Ok(returned(answer, target.cookies))
}

fn returned(answer: Answer, cookies: bool) -> Response {
    let mut response = Response::new(Body::from_stream(answer.body));
    *response.status_mut() = answer.status;
    *response.headers_mut() = headers::incoming(&answer.headers, cookies);
    response
}
