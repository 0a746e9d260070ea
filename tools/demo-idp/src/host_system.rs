//! What a partner's record system does when its user opens the portal: signs a launch token with its client's key, and tells
//! its authorization server which patient is open. Because of these endpoints this provider must never be deployed.

use std::sync::Arc;
use std::time::Instant;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::codes::OpenPatient;
use crate::keys;
use crate::personas;
use crate::provider::Provider;
use crate::token::error_response;

const TOKEN_TYPE: &str = "lcr-launch+jwt";

/// A demo client and the claims that its system would sign.
#[derive(Debug, Deserialize)]
pub(crate) struct LaunchTokenRequest {
    #[serde(rename = "as")]
    client: String,
    #[serde(default = "token_type")]
    typ: String,
    claims: Value,
}

fn token_type() -> String {
    TOKEN_TYPE.to_owned()
}

/// Signs any claims, also wrong ones: the platform must refuse those.
pub(crate) async fn issue_launch_token(
    State(provider): State<Arc<Provider>>,
    Json(request): Json<LaunchTokenRequest>,
) -> Response {
    let Some(signer) = provider.clients.get(request.client.as_str()) else {
        return error_response(StatusCode::NOT_FOUND, "unknown_client", "there is no such client");
    };
    match signer.sign_as(&request.typ, &request.claims) {
        Ok(token) => Json(json!({"token": token})).into_response(),
        Err(_) => error_response(StatusCode::INTERNAL_SERVER_ERROR, "server_error", "the token could not be signed"),
    }
}

/// A user of a record system and the patient they have open, by the system's own id.
#[derive(Debug, Deserialize)]
pub(crate) struct BeginLaunchRequest {
    #[serde(rename = "as")]
    name: String,
    patient: String,
}

/// The `launch` parameter for a SMART launch. It works once, within a minute.
pub(crate) async fn begin_launch(
    State(provider): State<Arc<Provider>>,
    Json(request): Json<BeginLaunchRequest>,
) -> Response {
    let Some(persona) = personas::find_person(&request.name) else {
        return error_response(StatusCode::NOT_FOUND, "unknown_persona", "there is no such persona");
    };
    let Some(launch) = keys::random_token() else {
        return error_response(StatusCode::INTERNAL_SERVER_ERROR, "server_error", "no randomness");
    };
    provider.launches.put(launch.clone(), OpenPatient { persona, patient: request.patient }, Instant::now());
    Json(json!({"launch": launch})).into_response()
}
