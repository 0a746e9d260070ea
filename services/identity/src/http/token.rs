//! `/oauth2/token` over HTTP. A refusal has the members of a problem (RFC 9457) and the `error` of RFC 6749.

use axum::{
    Form, Json,
    body::{Body, to_bytes},
    extract::{State, rejection::FormRejection},
    http::header,
    response::{IntoResponse, Response},
};
use lcr_web::Problem;
use serde_json::Value;

use super::SharedService;
use crate::oauth2::{self, TokenRefusal, TokenRequest};

/// A problem is far shorter.
const MAX_PROBLEM: usize = 64 << 10;

pub async fn token(
    State(service): State<SharedService>,
    request: Result<Form<TokenRequest>, FormRejection>,
) -> Response {
    let answer = match request {
        Ok(Form(request)) => oauth2::token(&service, request).await,
        Err(_) => Err(TokenRefusal::of_request("invalid_request", "The token request is not readable.")),
    };
    match answer {
        Ok(token) => Json(token).into_response(),
        Err(refusal) => to_response(refusal).await,
    }
}

async fn to_response(TokenRefusal { failure, error }: TokenRefusal) -> Response {
    let (mut parts, body) = Problem(failure).into_response().into_parts();
    let Some(error) = error else { return Response::from_parts(parts, body) };
    let bytes = to_bytes(body, MAX_PROBLEM).await.unwrap_or_default();
    let mut problem: Value = serde_json::from_slice(&bytes).unwrap_or_else(|_| Value::Object(serde_json::Map::new()));
    if let Some(members) = problem.as_object_mut() {
        members.insert("error".to_owned(), error.into());
    }
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(problem.to_string()))
}

#[cfg(test)]
#[path = "token_tests.rs"]
mod tests;
