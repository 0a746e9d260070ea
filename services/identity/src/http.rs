//! Identity over HTTP: sign-in, tokens, keys and the registry. The registry must never contain patient data.

mod clients;
mod launch;
mod logout;
mod organisations;
mod people;
mod providers;
mod role_choice;
mod scim;
mod sign_in;
mod signed_in;
mod switch_on;
mod systems;
mod token;

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Json, Router,
    extract::{Path, State},
    routing::{get, post},
};
use lcr_contracts::{
    Failure, Identity,
    registry::{DatasetSwitch, Organisation, System},
    vocabulary::SystemKind,
};
use lcr_model::{Dataset, SourceId};
use lcr_web::{Authenticator, Problem, UserCaller, api::serve_api_with, openapi, remote};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::service::Service;

pub type SharedService = Arc<Service>;

pub use role_choice::form_token as role_choice_token;

pub fn router(service: SharedService, authenticator: Authenticator) -> Router {
    let documented = OpenApiRouter::new()
        .routes(routes!(organisations))
        .routes(routes!(organisation))
        .routes(routes!(systems))
        .merge(organisations::routes())
        .merge(people::routes())
        .merge(providers::routes())
        .merge(clients::routes())
        .merge(systems::routes())
        .merge(switch_on::routes())
        .with_state(service.clone());
    let public = openapi::with_document(documented, "Leeds Care Record: identity");
    let scim_service = service.clone();
    let sign_in_routes = Router::new()
        .route("/auth/sign-in", get(sign_in::begin))
        .route("/auth/launch", get(launch::begin))
        .route("/auth/callback", get(sign_in::callback))
        .route("/auth/callback/{provider}", get(sign_in::named_callback))
        .route("/auth/find", post(providers::find))
        .route("/auth/role", post(role_choice::choose))
        .route("/auth/sign-out", get(logout::sign_out))
        .route("/auth/backchannel-logout/{provider}", post(logout::back_channel))
        .route("/auth/providers/{provider}/jwks.json", get(providers::keys))
        .route("/oauth2/token", post(token::token))
        .route("/.well-known/jwks.json", get(jwks))
        .with_state(service.clone());
    let internal = remote::identity::routes(service.clone())
        .merge(remote::partners::routes(service.clone()))
        .merge(remote::registrar::routes(service));
    let router = public.merge(sign_in_routes).merge(scim::routes(scim_service)).merge(internal);
    serve_api_with(router, authenticator, scim::FAILURES)
}

#[derive(Serialize, ToSchema)]
struct Organisations {
    organisations: Vec<Organisation>,
}

/// The participating organisations. Services whose name tells the care are left out.
#[utoipa::path(get, path = "/v1/organisations",
    responses((status = 200, description = "organisations", body = Organisations)))]
async fn organisations(
    State(service): State<SharedService>,
    reader: UserCaller,
) -> Result<Json<Organisations>, Problem> {
    let registry = service.registry().await?;
    Ok(Json(Organisations { organisations: registry.nameable_to(&reader.caller.actor).cloned().collect() }))
}

/// One organisation.
#[utoipa::path(get, path = "/v1/organisations/{ods}", params(("ods" = String, Path, description = "its ODS code")),
    responses((status = 200, description = "the organisation", body = Organisation)))]
async fn organisation(
    State(service): State<SharedService>,
    reader: UserCaller,
    Path(ods): Path<String>,
) -> Result<Json<Organisation>, Problem> {
    let registry = service.registry().await?;
    let organisation = registry.nameable_to(&reader.caller.actor).find(|org| org.ods.as_str() == ods);
    Ok(Json(organisation.cloned().ok_or_else(Failure::not_found)?))
}

/// What everybody may know of a source system.
#[derive(Serialize, ToSchema)]
struct PublicSystem {
    id: SourceId,
    name: String,
    #[schema(value_type = String)]
    kind: SystemKind,
    /// Real-time or nightly.
    rhythm: String,
    datasets: BTreeMap<Dataset, DatasetSwitch>,
    suspended: bool,
}

impl From<System> for PublicSystem {
    fn from(system: System) -> Self {
        let System { id, name, kind, rhythm, datasets, suspended, .. } = system;
        Self { id, name, kind, rhythm, datasets, suspended }
    }
}

#[derive(Serialize, ToSchema)]
struct Systems {
    systems: Vec<PublicSystem>,
}

/// An organisation's source systems.
#[utoipa::path(get, path = "/v1/organisations/{ods}/systems", params(("ods" = String, Path, description = "its ODS code")),
    responses((status = 200, description = "systems", body = Systems)))]
async fn systems(
    State(service): State<SharedService>,
    reader: UserCaller,
    Path(ods): Path<String>,
) -> Result<Json<Systems>, Problem> {
    let registry = service.registry().await?;
    let is_named = |system: &System| system.is_nameable_to(&reader.caller.actor) && !system.setup.removed;
    let systems = registry.systems.into_iter().filter(|system| system.organisation.as_str() == ods && is_named(system));
    Ok(Json(Systems { systems: systems.map(PublicSystem::from).collect() }))
}

/// The public keys of user tokens and of client assertions to providers.
async fn jwks(State(service): State<SharedService>) -> Json<Value> {
    Json(service.platform_keys())
}
