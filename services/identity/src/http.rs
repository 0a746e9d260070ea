//! Identity over HTTP: sign-in, tokens, keys and the registry. The registry must never contain patient data.

mod sign_in;

use std::sync::Arc;

use axum::{
    Form, Json, Router,
    extract::{Path, State, rejection::FormRejection},
    routing::{get, post},
};
use lcr_contracts::{Failure, Identity};
use lcr_web::{Authenticator, Problem, UserCaller, api::serve_api, openapi, remote};
use serde_json::{Value, json};
use utoipa::openapi::OpenApi;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    oauth2::{self, TokenRequest},
    service::{Service, TokenResponse},
};

pub type SharedService = Arc<Service>;

pub fn router(service: SharedService, authenticator: Authenticator) -> (Router, OpenApi) {
    let documented = OpenApiRouter::new()
        .routes(routes!(organisations))
        .routes(routes!(organisation))
        .routes(routes!(systems))
        .routes(routes!(sessions))
        .with_state(service.clone());
    let (public, document) = openapi::with_document(documented, "Leeds Care Record: identity");
    let sign_in_routes = Router::new()
        .route("/auth/sign-in", get(sign_in::begin))
        .route("/auth/callback", get(sign_in::callback))
        .route("/auth/callback/{provider}", get(sign_in::named_callback))
        .route("/oauth2/token", post(token))
        .route("/.well-known/jwks.json", get(jwks))
        .with_state(service.clone());
    let internal = remote::identity::routes(service.clone()).merge(remote::registrar::routes(service));
    let router = public.merge(sign_in_routes).merge(internal);
    (serve_api(router, authenticator), document)
}

/// The participating organisations.
#[utoipa::path(get, path = "/v1/organisations", responses((status = 200, description = "organisations")))]
async fn organisations(State(service): State<SharedService>, _: UserCaller) -> Result<Json<Value>, Problem> {
    Ok(Json(json!({ "organisations": service.registry().await?.organisations })))
}

/// One organisation.
#[utoipa::path(get, path = "/v1/organisations/{ods}", params(("ods" = String, Path)),
    responses((status = 200, description = "the organisation")))]
async fn organisation(
    State(service): State<SharedService>,
    _: UserCaller,
    Path(ods): Path<String>,
) -> Result<Json<Value>, Problem> {
    let registry = service.registry().await?;
    let organisation = registry.organisations.into_iter().find(|org| org.ods.as_str() == ods);
    Ok(Json(json!(organisation.ok_or_else(Failure::not_found)?)))
}

/// An organisation's source systems.
#[utoipa::path(get, path = "/v1/organisations/{ods}/systems", params(("ods" = String, Path)),
    responses((status = 200, description = "systems")))]
async fn systems(
    State(service): State<SharedService>,
    _: UserCaller,
    Path(ods): Path<String>,
) -> Result<Json<Value>, Problem> {
    let registry = service.registry().await?;
    let to_json = |system: &lcr_contracts::identity::System| {
        json!({ "id": system.id, "name": system.name, "kind": system.kind, "rhythm": system.rhythm,
                "datasets": system.datasets, "suspended": system.suspended })
    };
    // A discreet system must never be named.
    let systems = registry.systems.iter().filter(|system| system.organisation.as_str() == ods && !system.discreet);
    Ok(Json(json!({ "systems": systems.map(to_json).collect::<Vec<_>>() })))
}

/// The caller's own session.
#[utoipa::path(get, path = "/v1/sessions", responses((status = 200, description = "the session")))]
async fn sessions(reader: UserCaller) -> Json<Value> {
    let actor = reader.caller.actor;
    Json(
        json!({ "sessions": [{ "session": actor.session, "name": actor.name, "org": actor.org, "role": actor.role }] }),
    )
}

async fn token(
    State(service): State<SharedService>,
    request: Result<Form<TokenRequest>, FormRejection>,
) -> Result<Json<TokenResponse>, Problem> {
    let Form(request) = request.map_err(|_| Failure::bad_request("The token request is not readable."))?;
    Ok(Json(oauth2::token(&service, request).await?))
}

/// The public keys of user tokens and of client assertions to providers.
async fn jwks(State(service): State<SharedService>) -> Json<Value> {
    let public = service.keys.own().public();
    Json(
        json!({ "keys": [{ "kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": public.kid, "x": public.x }] }),
    )
}
