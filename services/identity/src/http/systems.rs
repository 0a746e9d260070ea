//! The API of source systems for their organisation: setting up, checking and going live. A body may hold credentials; an
//! answer must never.

use axum::{
    Json,
    extract::{Path, State},
};
use lcr_contracts::{
    Failure, Partners as _,
    partners::{
        PartnerChange, PartnerReceipt, PartnerRequest,
        system::{SystemChange, SystemDraft},
    },
    registry::Credentials,
};
use lcr_model::{OdsCode, SourceId};
use lcr_web::{Problem, UserCaller, problem::JsonBody};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::SharedService;

pub fn routes() -> OpenApiRouter<SharedService> {
    OpenApiRouter::new()
        .routes(routes!(put_system))
        .routes(routes!(set_credentials))
        .routes(routes!(make_key))
        .routes(routes!(check_system))
        .routes(routes!(go_live))
        .routes(routes!(suspend_system))
        .routes(routes!(remove_system))
}

type Answer = Result<Json<PartnerReceipt>, Problem>;

/// Makes the change that a request means.
pub(super) async fn make_change(
    service: &SharedService,
    reader: &UserCaller,
    ods: String,
    change: SystemChange,
    reason: String,
) -> Answer {
    let (organisation, change) = (OdsCode::new(ods), PartnerChange::System(change));
    Ok(Json(service.change(&reader.caller, PartnerRequest { organisation, reason, change }).await?))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PutSystem {
    /// Its id is the one in the path.
    system: SystemDraft,
    #[serde(default)]
    reason: String,
}

/// Sets up a source system or changes it. A new one is not live, and all its datasets are switched off. A system at a new
/// address is not live until it was checked, and at a new host it has no credentials.
#[utoipa::path(put, path = "/v1/organisations/{ods}/systems/{system}", request_body = PutSystem,
    params(("ods" = String, Path, description = "the organisation's ODS code"),
        ("system" = String, Path, description = "the system's id")),
    responses((status = 200, description = "stored", body = PartnerReceipt)))]
async fn put_system(
    State(service): State<SharedService>,
    reader: UserCaller,
    Path((ods, system)): Path<(String, String)>,
    JsonBody(body): JsonBody<PutSystem>,
) -> Answer {
    if body.system.id.as_str() != system {
        return Err(Failure::bad_request("The id in the body is not the one in the path.").into());
    }
    make_change(&service, &reader, ods, SystemChange::Put(Box::new(body.system)), body.reason).await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SetCredentials {
    /// `{"kind": "basic", "user", "password"}`, `{"kind": "oauth2-secret", "token_url", "client_id", "client_secret", "scope"}`,
    /// `{"kind": "private-key-jwt", "token_url", "client_id", "key_id", "algorithm", "private_key", "scope"}`,
    /// `{"kind": "mutual-tls", "certificate", "private_key"}`, or null to remove them.
    #[schema(value_type = Option<Object>, required)]
    #[serde(deserialize_with = "Option::deserialize")]
    credentials: Option<Credentials>,
    #[serde(default)]
    reason: String,
}

/// Sets the credentials with which the system is asked. They are sealed and never returned. Those before stay in use until the
/// system accepts the new ones.
#[utoipa::path(put, path = "/v1/organisations/{ods}/systems/{system}/credentials", request_body = SetCredentials,
    params(("ods" = String, Path, description = "the organisation's ODS code"),
        ("system" = String, Path, description = "the system's id")),
    responses((status = 200, description = "stored", body = PartnerReceipt)))]
async fn set_credentials(
    State(service): State<SharedService>,
    reader: UserCaller,
    Path((ods, system)): Path<(String, String)>,
    JsonBody(SetCredentials { credentials, reason }): JsonBody<SetCredentials>,
) -> Answer {
    let change = SystemChange::SetCredentials { system: SourceId::new(system), credentials };
    make_change(&service, &reader, ods, change, reason).await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct MakeKey {
    token_url: String,
    client_id: String,
    #[serde(default)]
    scope: Option<String>,
    /// `ES384`.
    #[serde(default = "es384")]
    algorithm: String,
    #[serde(default)]
    reason: String,
}

fn es384() -> String {
    "ES384".to_owned()
}

/// Makes a key of ours for `private_key_jwt`, and returns its public part as a JWK set to register at the token endpoint.
#[utoipa::path(post, path = "/v1/organisations/{ods}/systems/{system}/key", request_body = MakeKey,
    params(("ods" = String, Path, description = "the organisation's ODS code"),
        ("system" = String, Path, description = "the system's id")),
    responses((status = 200, description = "stored; the result holds the public keys", body = PartnerReceipt)))]
async fn make_key(
    State(service): State<SharedService>,
    reader: UserCaller,
    Path((ods, system)): Path<(String, String)>,
    JsonBody(body): JsonBody<MakeKey>,
) -> Answer {
    let MakeKey { token_url, client_id, scope, algorithm, reason } = body;
    let change = SystemChange::MakeKey { system: SourceId::new(system), token_url, client_id, scope, algorithm };
    make_change(&service, &reader, ods, change, reason).await
}

/// Runs the conformance check, which takes up to 40 seconds, and stores its report.
#[utoipa::path(post, path = "/v1/organisations/{ods}/systems/{system}/checks",
    params(("ods" = String, Path, description = "the organisation's ODS code"),
        ("system" = String, Path, description = "the system's id")),
    responses((status = 200, description = "the report, whether it passed or not", body = PartnerReceipt)))]
async fn check_system(
    State(service): State<SharedService>,
    reader: UserCaller,
    Path((ods, system)): Path<(String, String)>,
) -> Answer {
    let change = SystemChange::Check { system: SourceId::new(system) };
    make_change(&service, &reader, ods, change, String::new()).await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Reason {
    #[serde(default)]
    reason: String,
}

/// Takes the system live: it is asked and may send. It needs a passed check of the connection as it is, not older than 30 days,
/// and an agreement in force. Its datasets stay off until each is switched on.
#[utoipa::path(post, path = "/v1/organisations/{ods}/systems/{system}/live", request_body = Reason,
    params(("ods" = String, Path, description = "the organisation's ODS code"),
        ("system" = String, Path, description = "the system's id")),
    responses((status = 200, description = "stored", body = PartnerReceipt)))]
async fn go_live(
    State(service): State<SharedService>,
    reader: UserCaller,
    Path((ods, system)): Path<(String, String)>,
    JsonBody(Reason { reason }): JsonBody<Reason>,
) -> Answer {
    make_change(&service, &reader, ods, SystemChange::GoLive { system: SourceId::new(system) }, reason).await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Suspension {
    pub suspended: bool,
    /// At least three characters.
    pub reason: String,
}

/// Suspends the system or ends its suspension. A suspended system is not asked, and its messages are refused.
#[utoipa::path(put, path = "/v1/organisations/{ods}/systems/{system}/suspension", request_body = Suspension,
    params(("ods" = String, Path, description = "the organisation's ODS code"),
        ("system" = String, Path, description = "the system's id")),
    responses((status = 200, description = "stored", body = PartnerReceipt)))]
async fn suspend_system(
    State(service): State<SharedService>,
    reader: UserCaller,
    Path((ods, system)): Path<(String, String)>,
    JsonBody(Suspension { suspended, reason }): JsonBody<Suspension>,
) -> Answer {
    let change = SystemChange::Suspend { system: SourceId::new(system), suspended };
    make_change(&service, &reader, ods, change, reason).await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Removal {
    /// At least three characters.
    pub reason: String,
}

/// Removes a system that is not live or is suspended. What it has sent stays, and its id stays the organisation's.
#[utoipa::path(delete, path = "/v1/organisations/{ods}/systems/{system}", request_body = Removal,
    params(("ods" = String, Path, description = "the organisation's ODS code"),
        ("system" = String, Path, description = "the system's id")),
    responses((status = 200, description = "removed", body = PartnerReceipt)))]
async fn remove_system(
    State(service): State<SharedService>,
    reader: UserCaller,
    Path((ods, system)): Path<(String, String)>,
    JsonBody(Removal { reason }): JsonBody<Removal>,
) -> Answer {
    make_change(&service, &reader, ods, SystemChange::Remove { system: SourceId::new(system) }, reason).await
}
