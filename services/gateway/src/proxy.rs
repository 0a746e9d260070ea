//! The door for machines: public APIs of the services behind, passed on as they come. It never routes to
//! `/internal` in any spelling, never passes a cookie along with a bearer token, and adds nothing of its own.

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
use lcr_contracts::{Failure, Kind};
use lcr_model::ServiceName;
use lcr_web::Problem;

use self::path::Target;
use crate::state::App;

pub use forward::{Answer, Asked, Forward, OverHttp, Sent, Unreached};

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
/// A body up to this size is held here until it is whole; a larger one is passed on as it comes.
const HELD: usize = 16 << 10;
/// Letters and whole batches: as much as feeds itself takes.
const LARGEST_FEED: usize = 16 << 20;
/// Until the body is here.
const ARRIVES: Duration = Duration::from_secs(20);
/// Until the answer begins. A stream may then last.
const DEADLINE: Duration = Duration::from_secs(10);
/// The same of what is passed on as it comes: as long as feeds waits for the largest, and for its answer.
const PASSED_ON: Duration = Duration::from_secs(75);

pub(crate) async fn pass_on(State(app): State<App>, request: Request) -> Response {
    let accepts = request.headers().get(ACCEPT).and_then(|accept| accept.to_str().ok());
    let person = request.uri().path().starts_with("/auth/")
        && accepts.is_some_and(|accept| accept.contains("text/html"));
    match passed(&app, request).await {
        Ok(response) if !person => response,
        Ok(response) => {
            sign_in::failure(response.status()).map_or(response, |failure| sign_in::page(&app, &failure))
        }
        Err(failure) if person => sign_in::page(&app, &failure),
        Err(failure) => Problem(failure).into_response(),
    }
}

async fn passed(app: &App, request: Request) -> Result<Response, Failure> {
    let (parts, body) = request.into_parts();
    let target = path::target(parts.uri.path()).ok_or_else(Failure::not_found)?;
    let base = app.deps.settings.proxied.get(&target.service).ok_or_else(Failure::not_found)?;
    let late = |_| Failure::new(Kind::Timeout, "The body did not arrive in time.");
    let broken = Broken::default();
    let read = tokio::time::timeout(ARRIVES, read(&target, &parts, body, &broken));
    let body = read.await.map_err(late)??;
    let deadline = if matches!(body, Sent::Coming(_)) { PASSED_ON } else { DEADLINE };
    let query = parts.uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    let asked = Asked {
        method: parts.method,
        url: format!("{}{}{query}", base.trim_end_matches('/'), target.path),
        headers: headers::outgoing(&parts.headers, target.cookies),
        body,
        deadline,
    };
    let answer = tokio::time::timeout(deadline, app.forward.forward(asked)).await;
    let late = |_| Failure::new(Kind::Timeout, "The service did not answer in time.");
    let away = |error| {
        let unreached =
            || Failure::new(Kind::Unavailable, "The service could not be reached.").because(error);
        broken.get().cloned().unwrap_or_else(unreached)
    };
    let answer = answer.map_err(late)?.map_err(away)?;
    Ok(returned(answer, target.cookies))
}

/// The body: whole where it is small, else as it comes, since only the service it is for knows whether it is taken. A large
/// body of somebody unknown costs nothing here.
async fn read(target: &Target, parts: &Parts, body: Body, broken: &Broken) -> Result<Sent, Failure> {
    let sends = target.service == ServiceName::Feeds
        && parts.method == Method::POST
        && parts.headers.contains_key(AUTHORIZATION);
    let largest = if sends { LARGEST_FEED } else { LARGEST_BODY };
    let too_large = || Failure::new(Kind::TooLarge, format!("The body is larger than {} MB.", largest >> 20));
    match body.size_hint().exact() {
        Some(size) if size > as_u64(largest) => Err(too_large()),
        Some(size) if size <= as_u64(HELD) => {
            to_bytes(body, HELD).await.map(Sent::Whole).map_err(|_| too_large())
        }
        _ => Ok(Sent::Coming(noting(Body::new(Limited::new(body, largest)), broken.clone(), too_large()))),
    }
}

/// Why a body that is passed on did not come whole: then the service is not to blame that it did not answer.
type Broken = Arc<OnceLock<Failure>>;

fn noting(body: Body, broken: Broken, too_large: Failure) -> Body {
    let late = Failure::new(Kind::Timeout, "The body did not arrive in time.");
    Body::from_stream(body.into_data_stream().inspect_err(move |error| {
        let large = error.source().is_some_and(<dyn std::error::Error>::is::<LengthLimitError>);
        let _ = broken.set(if large { too_large.clone() } else { late.clone() });
    }))
}

fn as_u64(size: usize) -> u64 {
    u64::try_from(size).unwrap_or(u64::MAX)
}

fn returned(answer: Answer, cookies: bool) -> Response {
    let mut response = Response::new(Body::from_stream(answer.body));
    *response.status_mut() = answer.status;
    *response.headers_mut() = headers::incoming(&answer.headers, cookies);
    response
}
