//! The one place that turns a failure into HTTP (RFC 9457). Only the outward text may leave; the inward text goes to the
//! log.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use lcr_contracts::{Failure, FailureKind};
use serde::Serialize;
use utoipa::ToSchema;

use crate::body_error;

/// A failure as an HTTP answer.
#[derive(Debug)]
pub struct Problem(pub Failure);

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        Self(failure)
    }
}

/// The status of each kind.
pub fn status(kind: FailureKind) -> StatusCode {
    match kind {
        FailureKind::BadRequest => StatusCode::BAD_REQUEST,
        FailureKind::Unauthenticated => StatusCode::UNAUTHORIZED,
        FailureKind::Forbidden | FailureKind::NoRelationship | FailureKind::Objected => StatusCode::FORBIDDEN,
        FailureKind::NotFound => StatusCode::NOT_FOUND,
        FailureKind::Conflict => StatusCode::CONFLICT,
        FailureKind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        FailureKind::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
        FailureKind::Misdirected => StatusCode::MISDIRECTED_REQUEST,
        FailureKind::TooManyRequests => StatusCode::TOO_MANY_REQUESTS,
        FailureKind::CannotRecord | FailureKind::CatchingUp | FailureKind::Unavailable => {
            StatusCode::SERVICE_UNAVAILABLE
        }
        FailureKind::Timeout => StatusCode::GATEWAY_TIMEOUT,
        FailureKind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// The media type of a refusal.
pub(crate) const CONTENT_TYPE: &str = "application/problem+json";

/// The body of a refusal (RFC 9457, section 3.1).
#[derive(Serialize, ToSchema)]
pub(crate) struct ProblemBody {
    /// `https://leedscarerecord.uk/problems/` and the kind of failure.
    #[serde(rename = "type")]
    kind: String,
    /// The name of the HTTP status.
    title: String,
    status: u16,
    /// A sentence for the reader.
    detail: String,
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let Self(failure) = self;
        let status = status(failure.kind);
        if status.is_server_error() {
            tracing::warn!(kind = failure.kind.slug(), cause = failure.inward(), "answered with a failure");
        }
        let body = ProblemBody {
            kind: format!("https://leedscarerecord.uk/problems/{}", failure.kind.slug()),
            title: status.canonical_reason().unwrap_or("Problem").to_owned(),
            status: status.as_u16(),
            detail: failure.outward().to_owned(),
        };
        let mut response = (status, Json(body)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(CONTENT_TYPE));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if failure.kind == FailureKind::TooManyRequests {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("10"));
        }
        if failure.kind == FailureKind::Unauthenticated {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

/// A JSON body. A refusal says which field is wrong, but never quotes what it holds.
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
            Problem(Failure::new(FailureKind::TooLarge, "The body is too large, came too slowly or broke off."))
        })?;
        let read = serde_json::from_slice(&bytes);
        read.map(JsonBody).map_err(|error| Problem(body_error::explain::<T>(&bytes, &error)))
    }
}
