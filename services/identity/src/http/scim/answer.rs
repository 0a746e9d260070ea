//! The answers of the SCIM service: `application/scim+json`, versions as `ETag`, refusals in the standard's own form.
//! Only the outward text of a refusal may leave.

use axum::{
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::Value;

use super::client::Query;
use crate::people::scim::{Resource, ScimError, names_version, project};

const CONTENT_TYPE: &str = "application/scim+json";

/// A refusal as an HTTP answer.
pub struct Problem(pub ScimError);

impl From<ScimError> for Problem {
    fn from(error: ScimError) -> Self {
        Self(error)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let Self(error) = self;
        let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        if status.is_server_error() {
            tracing::warn!(
                status = error.status,
                cause = error.inward.as_str(),
                "answered a SCIM client with a failure"
            );
        }
        let mut answer = json_answer(status, &error.to_json());
        if status == StatusCode::UNAUTHORIZED {
            answer.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if status == StatusCode::TOO_MANY_REQUESTS {
            answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("10"));
        }
        answer
    }
}

pub fn json_answer(status: StatusCode, body: &Value) -> Response {
    let mut answer = (status, body.to_string()).into_response();
    answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(CONTENT_TYPE));
    answer
}

fn insert(answer: &mut Response, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        answer.headers_mut().insert(name, value);
    }
}

pub fn resource(status: StatusCode, resource: Resource) -> Response {
    let Resource { body, etag, location } = resource;
    let mut answer = json_answer(status, &body);
    insert(&mut answer, header::ETAG, &etag);
    if status == StatusCode::CREATED {
        insert(&mut answer, header::LOCATION, &location);
    }
    answer
}

pub fn created(made: Resource) -> Response {
    resource(StatusCode::CREATED, made)
}

/// The resource, or 304 if the client has this version already (`If-None-Match`).
pub fn conditional(headers: &HeaderMap, mut found: Resource, query: &Query) -> Response {
    let condition = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    if condition.is_some_and(|condition| names_version(condition, &found.etag)) {
        let mut answer = StatusCode::NOT_MODIFIED.into_response();
        insert(&mut answer, header::ETAG, &found.etag);
        return answer;
    }
    project(&mut found.body, query.attributes.as_deref(), query.excluded_attributes.as_deref());
    resource(StatusCode::OK, found)
}
