//! Endpoints for the `lcr` command line: an ID token without a browser, a client assertion without the client's key.
//! Because of them this provider must never be deployed.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;

use crate::personas;
use crate::provider::Provider;
use crate::token::error_response;
use crate::{claims, keys};

const CLIENT_ASSERTION_SECONDS: i64 = 60;

#[derive(Debug, Deserialize)]
pub(crate) struct IdTokenRequest {
    #[serde(rename = "as")]
    name: String,
}

pub(crate) async fn issue_id_token(
    State(provider): State<Arc<Provider>>,
    Json(request): Json<IdTokenRequest>,
) -> Response {
    let Some(persona) = personas::find_person(&request.name) else {
        return error_response(StatusCode::NOT_FOUND, "unknown_persona", "there is no such persona");
    };
    let now = jiff::Timestamp::now().as_second();
    let token =
        claims::id_token_claims(&provider, persona, None, now).and_then(|claims| provider.signer.sign(&claims).ok());
    match token {
        Some(token) => Json(json!({"id_token": token})).into_response(),
        None => error_response(StatusCode::INTERNAL_SERVER_ERROR, "server_error", "the token could not be signed"),
    }
}

#[derive(Debug, Deserialize)]
pub(crate) struct ClientAssertionRequest {
    #[serde(rename = "as")]
    name: String,
    audience: String,
}

pub(crate) async fn issue_client_assertion(
    State(provider): State<Arc<Provider>>,
    Json(request): Json<ClientAssertionRequest>,
) -> Response {
    let Some((client, signer)) = provider.clients.get_key_value(request.name.as_str()) else {
        return error_response(StatusCode::NOT_FOUND, "unknown_client", "there is no such client");
    };
    if request.audience.is_empty() {
        return error_response(StatusCode::BAD_REQUEST, "invalid_request", "an assertion needs an audience");
    }
    let now = jiff::Timestamp::now().as_second();
    let assertion = keys::random_token().and_then(|id| {
        let claims = json!({
            "iss": client, "sub": client, "aud": request.audience, "jti": id, "iat": now, "exp": now + CLIENT_ASSERTION_SECONDS,
        });
        signer.sign(&claims).ok()
    });
    match assertion {
        Some(assertion) => Json(json!({"client_assertion": assertion})).into_response(),
        None => error_response(StatusCode::INTERNAL_SERVER_ERROR, "server_error", "the assertion could not be signed"),
    }
}
