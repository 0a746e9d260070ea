//! The token endpoint: exchanges a code for an ID token. A code works once, within a minute, for the platform only, and
//! with its PKCE verifier.

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
pub(crate) struct TokenRequest {
    grant_type: String,
    code: String,
    redirect_uri: String,
    code_verifier: String,
    client_id: Option<String>,
    client_assertion_type: String,
    client_assertion: String,
}

pub(crate) async fn exchange(State(provider): State<Arc<Provider>>, Form(request): Form<TokenRequest>) -> Response {
    if request.grant_type != "authorization_code" {
        return error_response(StatusCode::BAD_REQUEST, "unsupported_grant_type", "only authorization_code");
    }
    let is_platform = request.client_id.as_deref().is_none_or(|one| one == claims::CLIENT_ID);
    if !is_platform || request.client_assertion_type != client_auth::ASSERTION_TYPE {
        return error_response(StatusCode::UNAUTHORIZED, "invalid_client", "private_key_jwt is required");
    }
    if let Err(description) = client_auth::verify(&provider, &request.client_assertion).await {
        return error_response(StatusCode::UNAUTHORIZED, "invalid_client", description);
    }
    let Some(grant) = provider.codes.take(&request.code, Instant::now()) else {
        return error_response(StatusCode::BAD_REQUEST, "invalid_grant", "the code is unknown, used or expired");
    };
    if grant.redirect_uri != request.redirect_uri {
        return error_response(StatusCode::BAD_REQUEST, "invalid_grant", "the redirect address does not match");
    }
    if grant.challenge != keys::pkce_challenge(&request.code_verifier) {
        return error_response(StatusCode::BAD_REQUEST, "invalid_grant", "the verifier does not match");
    }
    let token = claims::id_token_claims(&provider, grant.persona, grant.nonce.as_deref(), grant.chosen_at)
        .and_then(|claims| provider.signer.sign(&claims).ok());
    // OAuth requires an access token in the response. Nothing accepts this one.
    match (token, keys::random_token()) {
        (Some(token), Some(access)) => {
            let mut answer = json!({
                "access_token": access, "token_type": "Bearer", "expires_in": 60, "scope": "openid profile", "id_token": token,
            });
            if let Some(patient) = grant.patient {
                answer["patient"] = patient.into();
                answer["scope"] = "openid launch fhirUser".into();
            }
            Json(answer).into_response()
        }
        _ => error_response(StatusCode::INTERNAL_SERVER_ERROR, "server_error", "the token could not be signed"),
    }
}

pub(crate) fn error_response(status: StatusCode, error: &str, description: &str) -> Response {
    (status, Json(json!({"error": error, "error_description": description}))).into_response()
}
