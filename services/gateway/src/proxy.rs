//! The proxy to the public APIs of the other services. It must never route to `/internal` in any spelling, forward a cookie
//! with a bearer token, or add anything of its own.

pub(crate) mod forward;
mod headers;
mod path;
mod sign_in;

use std::{
    error::Error as _,
    sync::{Arc, OnceLock},
    time::Duration,
};

use axum::{
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{
        Method,
        header::{ACCEPT, AUTHORIZATION},
        request::Parts,
    },
    response::{IntoResponse, Response},
};
use futures::TryStreamExt;
use http_body::Body as _;
use http_body_util::{LengthLimitError, Limited};
use lcr_contracts::{Failure, FailureKind};
use lcr_model::ServiceName;
use lcr_web::Problem;

use crate::{proxy::path::Target, state::App};

pub use crate::proxy::forward::{Forward, ForwardError, HttpForward, ProxyBody, ProxyRequest, ProxyResponse};

/// The forwarded paths.
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

const MAX_BODY: usize = 1 << 20;
/// A body up to this size is read whole before it is forwarded. A larger one is streamed.
const MAX_BUFFERED_BODY: usize = 16 << 10;
/// What feeds itself accepts: letters and whole batches.
const MAX_FEEDS_BODY: usize = 16 << 20;
/// How long reading a body may take.
const BODY_TIMEOUT: Duration = Duration::from_secs(20);
/// How long until a response begins. It may then stream for longer.
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(10);
/// How long until the report of a check begins. Identity asks the partner's system for up to 40 seconds.
const CHECK_TIMEOUT: Duration = Duration::from_secs(45);
/// How long until a response to a streamed body begins. Feeds itself waits this long for the largest body.
const STREAMED_RESPONSE_TIMEOUT: Duration = Duration::from_secs(75);

pub(crate) async fn forward_request(State(app): State<App>, request: Request) -> Response {
    let accepts = request.headers().get(ACCEPT).and_then(|accept| accept.to_str().ok());
    let is_browser =
        request.uri().path().starts_with("/auth/") && accepts.is_some_and(|accept| accept.contains("text/html"));
    match forward_to_service(&app, request).await {
        Ok(response) if !is_browser => response,
        Ok(response) => {
            sign_in::failure_of(response.status()).map_or(response, |failure| sign_in::failure_page(&app, &failure))
        }
        Err(failure) if is_browser => sign_in::failure_page(&app, &failure),
        Err(failure) => Problem(failure).into_response(),
    }
}

async fn forward_to_service(app: &App, request: Request) -> Result<Response, Failure> {
    let (parts, body) = request.into_parts();
    let target = path::find_target(parts.uri.path()).ok_or_else(Failure::not_found)?;
    let base = app.deps.settings.proxied.get(&target.service).ok_or_else(Failure::not_found)?;
    let body_timeout = |_| Failure::new(FailureKind::Timeout, "The body did not arrive in time.");
    let body_failure = BodyFailure::default();
    let read = tokio::time::timeout(BODY_TIMEOUT, read_body(&target, &parts, body, &body_failure));
    let body = read.await.map_err(body_timeout)??;
    let deadline = deadline_of(&target, &body);
    let query = parts.uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    let request = ProxyRequest {
        method: parts.method,
        url: format!("{}{}{query}", base.trim_end_matches('/'), target.path),
        headers: headers::request_headers(&parts.headers, target.cookies),
        body,
        deadline,
    };
    let response = tokio::time::timeout(deadline, app.forward.forward(request)).await;
    let response_timeout = |_| Failure::new(FailureKind::Timeout, "The service did not answer in time.");
    let unavailable = |error| {
        let unreachable = || Failure::new(FailureKind::Unavailable, "The service could not be reached.").because(error);
        body_failure.get().cloned().unwrap_or_else(unreachable)
    };
    let response = response.map_err(response_timeout)?.map_err(unavailable)?;
    Ok(to_response(response, target.cookies))
}

/// How long until the response begins.
fn deadline_of(target: &Target, body: &ProxyBody) -> Duration {
    let is_check = target.service == ServiceName::Identity && target.path.ends_with("/checks");
    match body {
        ProxyBody::Streamed(_) => STREAMED_RESPONSE_TIMEOUT,
        ProxyBody::Buffered(_) if is_check => CHECK_TIMEOUT,
        ProxyBody::Buffered(_) => RESPONSE_TIMEOUT,
    }
}

/// Reads a small body whole and streams a large one, so that a large body from an unknown sender takes no memory here.
async fn read_body(
    target: &Target,
    parts: &Parts,
    body: Body,
    body_failure: &BodyFailure,
) -> Result<ProxyBody, Failure> {
    let is_feed = target.service == ServiceName::Feeds
        && parts.method == Method::POST
        && parts.headers.contains_key(AUTHORIZATION);
    let max_size = if is_feed { MAX_FEEDS_BODY } else { MAX_BODY };
    let too_large = || Failure::new(FailureKind::TooLarge, format!("The body is larger than {} MB.", max_size >> 20));
    match body.size_hint().exact() {
        Some(size) if size > as_u64(max_size) => Err(too_large()),
        Some(size) if size <= as_u64(MAX_BUFFERED_BODY) => {
            to_bytes(body, MAX_BUFFERED_BODY).await.map(ProxyBody::Buffered).map_err(|_| too_large())
        }
        _ => Ok(ProxyBody::Streamed(record_body_failure(
            Body::new(Limited::new(body, max_size)),
            body_failure.clone(),
            too_large(),
        ))),
    }
}

/// Why a streamed body broke off. The failure is then the sender's and not the service's.
type BodyFailure = Arc<OnceLock<Failure>>;

fn record_body_failure(body: Body, body_failure: BodyFailure, too_large: Failure) -> Body {
    let timeout = Failure::new(FailureKind::Timeout, "The body did not arrive in time.");
    Body::from_stream(body.into_data_stream().inspect_err(move |error| {
        let is_too_large = error.source().is_some_and(<dyn std::error::Error>::is::<LengthLimitError>);
        let _ = body_failure.set(if is_too_large { too_large.clone() } else { timeout.clone() });
    }))
}

fn as_u64(size: usize) -> u64 {
    u64::try_from(size).unwrap_or(u64::MAX)
}

fn to_response(from: ProxyResponse, cookies: bool) -> Response {
    let mut response = Response::new(Body::from_stream(from.body));
    *response.status_mut() = from.status;
    *response.headers_mut() = headers::response_headers(&from.headers, cookies);
    response
}
