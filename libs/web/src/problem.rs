//! The one place that turns a failure into HTTP (RFC 9457). Only the outward text leaves; the inward one goes to
//! the log.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use lcr_contracts::{Failure, Kind};
use serde_json::json;

/// A failure on its way out.
#[derive(Debug)]
pub struct Problem(pub Failure);

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        Self(failure)
    }
}

/// The status of each kind.
pub fn status(kind: Kind) -> StatusCode {
    match kind {
        Kind::BadRequest => StatusCode::BAD_REQUEST,
        Kind::Unauthenticated => StatusCode::UNAUTHORIZED,
        Kind::Forbidden | Kind::NoRelationship | Kind::Objected => StatusCode::FORBIDDEN,
        Kind::NotFound => StatusCode::NOT_FOUND,
        Kind::Conflict => StatusCode::CONFLICT,
        Kind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Kind::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
        Kind::Misdirected => StatusCode::MISDIRECTED_REQUEST,
        Kind::TooManyRequests => StatusCode::TOO_MANY_REQUESTS,
        Kind::CannotRecord | Kind::CatchingUp | Kind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        Kind::Timeout => StatusCode::GATEWAY_TIMEOUT,
        Kind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let Self(failure) = self;
        let status = status(failure.kind);
        if status.is_server_error() {
            tracing::warn!(kind = failure.kind.slug(), cause = failure.inward(), "answered with a failure");
        }
        let body = json!({
            "type": format!("https://leedscarerecord.uk/problems/{}", failure.kind.slug()),
            "title": status.canonical_reason().unwrap_or("Problem"),
            "status": status.as_u16(),
            "detail": failure.outward(),
        });
        let mut response = (status, Json(body)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if failure.kind == Kind::TooManyRequests {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("10"));
        }
        if failure.kind == Kind::Unauthenticated {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

/// For routers: what answers a path nobody serves.
#[allow(clippy::unused_async, reason = "a handler is async to its router")]
pub async fn nothing_here() -> Problem {
    Problem(Failure::not_found())
}

/// For routers: what answers a method nobody serves.
#[allow(clippy::unused_async, reason = "a handler is async to its router")]
pub async fn not_this_way() -> Problem {
    Problem(Failure::new(Kind::MethodNotAllowed, "This path does not take that method."))
}

/// A JSON body, refused with a problem that says where it is wrong but not what it held.
#[derive(Debug)]
pub struct JsonBody<T>(pub T);

impl<S, T> axum::extract::FromRequest<S> for JsonBody<T>
where
    S: Send + Sync,
    T: serde::de::DeserializeOwned,
{
    type Rejection = Problem;

    async fn from_request(request: axum::extract::Request, state: &S) -> Result<Self, Problem> {
        let bytes = bytes::Bytes::from_request(request, state).await.map_err(|_| {
            Problem(Failure::new(Kind::TooLarge, "The body is too large, came too slowly or broke off."))
        })?;
        serde_json::from_slice(&bytes).map(JsonBody).map_err(|error| {
            let (line, column) = (error.line(), error.column());
            let what = match error.classify() {
                serde_json::error::Category::Data => {
                    "has a field this call does not take, or of the wrong kind"
                }
                _ => "is not JSON",
            };
            Problem(Failure::bad_request(format!("The body {what}, at line {line}, column {column}.")))
        })
    }
}
