//! A code for an ID token: once, within a minute, by the platform alone, with the verifier it began with.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::{Form, Json};
use serde::Deserialize;
use serde_json::json;

use crate::provider::Provider;
use crate::{claims, client_auth, keys};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Exchange {
    grant_type: String,
    code: String,
    redirect_uri: String,
    code_verifier: String,
    client_id: Option<String>,
    client_assertion_type: String,
    client_assertion: String,
}

pub(crate) async fn exchange(State(provider): State<Arc<Provider>>, Form(asked): Form<Exchange>) -> Response {
    if asked.grant_type != "authorization_code" {
        return refuse(StatusCode::BAD_REQUEST, "unsupported_grant_type", "only authorization_code");
    }
    let named = asked.client_id.as_deref().is_none_or(|one| one == claims::CLIENT_ID);
    if !named || asked.client_assertion_type != client_auth::ASSERTION_TYPE {
        return refuse(StatusCode::UNAUTHORIZED, "invalid_client", "private_key_jwt is required");
    }
    if let Err(words) = client_auth::verify(&provider, &asked.client_assertion).await {
        return refuse(StatusCode::UNAUTHORIZED, "invalid_client", words);
    }
    let Some(grant) = provider.codes.take(&asked.code, Instant::now()) else {
        return refuse(StatusCode::BAD_REQUEST, "invalid_grant", "the code is unknown, used or expired");
    };
    if grant.redirect_uri != asked.redirect_uri {
        return refuse(StatusCode::BAD_REQUEST, "invalid_grant", "the redirect address is another");
    }
    if grant.challenge != keys::challenge(&asked.code_verifier) {
        return refuse(StatusCode::BAD_REQUEST, "invalid_grant", "the verifier does not fit");
    }
    let token = claims::of(&provider, grant.persona, grant.nonce.as_deref(), grant.chosen_at)
        .and_then(|claims| provider.signer.sign(&claims).ok());
    // OAuth wants an access token in the answer; it opens nothing, since there is nothing here to open.
    match (token, keys::random()) {
        (Some(token), Some(access)) => Json(json!({
            "access_token": access, "token_type": "Bearer", "expires_in": 60, "scope": "openid profile", "id_token": token,
        }))
        .into_response(),
        _ => refuse(StatusCode::INTERNAL_SERVER_ERROR, "server_error", "the token could not be signed"),
    }
}

pub(crate) fn refuse(status: StatusCode, error: &str, words: &str) -> Response {
    (status, Json(json!({"error": error, "error_description": words}))).into_response()
}
