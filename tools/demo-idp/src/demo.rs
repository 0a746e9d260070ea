//! Short ways for the command line: an ID token without a browser, a client's assertion without its key. They
//! are why this provider may only ever be a demo's.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;

use crate::personas;
use crate::provider::Provider;
use crate::token::refuse;
use crate::{claims, keys};

const ASSERTION_SECONDS: i64 = 60;

#[derive(Debug, Deserialize)]
pub(crate) struct Whom {
    #[serde(rename = "as")]
    name: String,
}

pub(crate) async fn assert(State(provider): State<Arc<Provider>>, Json(whom): Json<Whom>) -> Response {
    let Some(persona) = personas::human(&whom.name) else {
        return refuse(StatusCode::NOT_FOUND, "unknown_persona", "nobody of that name signs in");
    };
    let now = jiff::Timestamp::now().as_second();
    let token =
        claims::of(&provider, persona, None, now).and_then(|claims| provider.signer.sign(&claims).ok());
    match token {
        Some(token) => Json(json!({"id_token": token})).into_response(),
        None => refuse(StatusCode::INTERNAL_SERVER_ERROR, "server_error", "the token could not be signed"),
    }
}

#[derive(Debug, Deserialize)]
pub(crate) struct ForWhom {
    #[serde(rename = "as")]
    name: String,
    audience: String,
}

pub(crate) async fn client_assertion(
    State(provider): State<Arc<Provider>>,
    Json(asked): Json<ForWhom>,
) -> Response {
    let Some((client, signer)) = provider.clients.get_key_value(asked.name.as_str()) else {
        return refuse(StatusCode::NOT_FOUND, "unknown_client", "no client of that name");
    };
    if asked.audience.is_empty() {
        return refuse(StatusCode::BAD_REQUEST, "invalid_request", "an assertion names its audience");
    }
    let now = jiff::Timestamp::now().as_second();
    let assertion = keys::random().and_then(|id| {
        let claims = json!({
            "iss": client, "sub": client, "aud": asked.audience, "jti": id, "iat": now, "exp": now + ASSERTION_SECONDS,
        });
        signer.sign(&claims).ok()
    });
    match assertion {
        Some(assertion) => Json(json!({"client_assertion": assertion})).into_response(),
        None => {
            refuse(StatusCode::INTERNAL_SERVER_ERROR, "server_error", "the assertion could not be signed")
        }
    }
}
