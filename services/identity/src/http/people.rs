//! An organisation's people, sessions and requests for access over HTTP. Each change passes the contract of partners,
//! which checks who makes it.

use axum::{
    Json,
    extract::{Path, State},
};
use lcr_contracts::{
    Failure, Partners as _,
    partners::{
        PartnerChange, PartnerReceipt, PartnerRequest,
        people::{AccessRequest, Decision, OpenSession, PeopleChange, PeopleList, PersonDraft, SignInCounts},
    },
};
use lcr_model::{OdsCode, Role, SessionId};
use lcr_web::{Problem, UserCaller, extract::Id, problem::JsonBody};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::SharedService;
use crate::people;

type Answer<T> = Result<Json<T>, Problem>;

pub fn routes() -> OpenApiRouter<SharedService> {
    OpenApiRouter::new()
        .routes(routes!(list_people, put_person))
        .routes(routes!(set_person_access))
        .routes(routes!(set_directory))
        .routes(routes!(own_sessions))
        .routes(routes!(end_session))
        .routes(routes!(organisation_sessions))
        .routes(routes!(access_requests))
        .routes(routes!(decide_access_request))
        .routes(routes!(make_scim_token))
        .routes(routes!(adoption))
}

fn parse(ods: &str) -> Result<OdsCode, Failure> {
    OdsCode::parse(ods).ok_or_else(Failure::not_found)
}

async fn change(
    service: &SharedService,
    reader: &UserCaller,
    (organisation, reason): (OdsCode, String),
    change: PeopleChange,
) -> Answer<PartnerReceipt> {
    let request = PartnerRequest { organisation, reason, change: PartnerChange::People(change) };
    Ok(Json(service.change(&reader.caller, request).await?))
}

/// The people of an organisation, for its administrators and officers.
#[utoipa::path(get, path = "/v1/organisations/{ods}/users",
    params(("ods" = String, Path, description = "its ODS code")),
    responses((status = 200, description = "people and requests for access", body = PeopleList)))]
async fn list_people(
    State(service): State<SharedService>,
    reader: UserCaller,
    Path(ods): Path<String>,
) -> Answer<PeopleList> {
    people::require_open(&service, &reader.caller.actor).await?;
    Ok(Json(service.people(&reader.caller, &parse(&ods)?).await?))
}

/// A person to add, or to change by the name they sign in with.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PutPerson {
    person: PersonDraft,
    #[serde(default)]
    reason: String,
}

/// Adds a person, or changes their name and roles.
#[utoipa::path(put, path = "/v1/organisations/{ods}/users",
    params(("ods" = String, Path, description = "its ODS code")), request_body = PutPerson,
    responses((status = 200, description = "the receipt, with the person's id", body = PartnerReceipt)))]
async fn put_person(
    State(service): State<SharedService>,
    reader: UserCaller,
    Path(ods): Path<String>,
    JsonBody(body): JsonBody<PutPerson>,
) -> Answer<PartnerReceipt> {
    change(&service, &reader, (parse(&ods)?, body.reason), PeopleChange::Put(body.person)).await
}

/// Whether a person may sign in, and why.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SetAccess {
    active: bool,
    /// 3 to 500 characters.
    reason: String,
}

/// Ends or restores a person's access. Ending it ends their sessions at once.
#[utoipa::path(put, path = "/v1/organisations/{ods}/users/{person}/access",
    params(("ods" = String, Path, description = "its ODS code"), ("person" = String, Path, description = "the person's id")),
    request_body = SetAccess, responses((status = 200, description = "the receipt", body = PartnerReceipt)))]
async fn set_person_access(
    State(service): State<SharedService>,
    reader: UserCaller,
    Path((ods, person)): Path<(String, String)>,
    JsonBody(body): JsonBody<SetAccess>,
) -> Answer<PartnerReceipt> {
    let set = PeopleChange::SetActive { person, active: body.active };
    change(&service, &reader, (parse(&ods)?, body.reason), set).await
}

/// Whether only people of the directory may sign in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SetDirectory {
    required: bool,
    #[serde(default)]
    reason: String,
}

/// Sets whether only people of the directory may sign in.
#[utoipa::path(put, path = "/v1/organisations/{ods}/directory",
    params(("ods" = String, Path, description = "its ODS code")), request_body = SetDirectory,
    responses((status = 200, description = "the receipt", body = PartnerReceipt)))]
async fn set_directory(
    State(service): State<SharedService>,
    reader: UserCaller,
    Path(ods): Path<String>,
    JsonBody(body): JsonBody<SetDirectory>,
) -> Answer<PartnerReceipt> {
    let set = PeopleChange::RequireDirectory { required: body.required };
    change(&service, &reader, (parse(&ods)?, body.reason), set).await
}

#[derive(Serialize, ToSchema)]
struct OpenSessions {
    sessions: Vec<OpenSession>,
}

/// The caller's own open sessions.
#[utoipa::path(get, path = "/v1/sessions",
    responses((status = 200, description = "the open sessions", body = OpenSessions)))]
async fn own_sessions(State(service): State<SharedService>, reader: UserCaller) -> Answer<OpenSessions> {
    people::require_open(&service, &reader.caller.actor).await?;
    Ok(Json(OpenSessions { sessions: service.sessions(&reader.caller, None).await? }))
}

/// Ends one of the caller's own sessions, or one of the organisation that they administer.
#[utoipa::path(post, path = "/v1/sessions/{session}/end",
    params(("session" = uuid::Uuid, Path, description = "the session's id")),
    responses((status = 200, description = "the receipt", body = PartnerReceipt)))]
async fn end_session(
    State(service): State<SharedService>,
    reader: UserCaller,
    Id(session): Id,
) -> Answer<PartnerReceipt> {
    let organisation = reader.caller.actor.org.clone();
    let end = PeopleChange::EndSession { session: SessionId(session) };
    change(&service, &reader, (organisation, String::new()), end).await
}

/// The open sessions of an organisation's people, for its administrators and officers.
#[utoipa::path(get, path = "/v1/organisations/{ods}/sessions",
    params(("ods" = String, Path, description = "its ODS code")),
    responses((status = 200, description = "the open sessions", body = OpenSessions)))]
async fn organisation_sessions(
    State(service): State<SharedService>,
    reader: UserCaller,
    Path(ods): Path<String>,
) -> Answer<OpenSessions> {
    people::require_open(&service, &reader.caller.actor).await?;
    Ok(Json(OpenSessions { sessions: service.sessions(&reader.caller, Some(&parse(&ods)?)).await? }))
}

#[derive(Serialize, ToSchema)]
struct AccessRequests {
    requests: Vec<AccessRequest>,
}

/// The requests for access to an organisation, the newest first.
#[utoipa::path(get, path = "/v1/organisations/{ods}/access-requests",
    params(("ods" = String, Path, description = "its ODS code")),
    responses((status = 200, description = "the requests", body = AccessRequests)))]
async fn access_requests(
    State(service): State<SharedService>,
    reader: UserCaller,
    Path(ods): Path<String>,
) -> Answer<AccessRequests> {
    people::require_open(&service, &reader.caller.actor).await?;
    let people = service.people(&reader.caller, &parse(&ods)?).await?;
    Ok(Json(AccessRequests { requests: people.requests }))
}

/// The decision of a request for access.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Decide {
    decision: Decision,
    /// The role to grant, if it is another than the one asked for.
    #[serde(default)]
    role: Option<Role>,
    /// Needed for a refusal.
    #[serde(default)]
    reason: String,
}

/// Grants or refuses a request for access.
#[utoipa::path(post, path = "/v1/organisations/{ods}/access-requests/{request}/decision",
    params(("ods" = String, Path, description = "its ODS code"), ("request" = String, Path, description = "the request's id")),
    request_body = Decide, responses((status = 200, description = "the receipt", body = PartnerReceipt)))]
async fn decide_access_request(
    State(service): State<SharedService>,
    reader: UserCaller,
    Path((ods, request)): Path<(String, String)>,
    JsonBody(body): JsonBody<Decide>,
) -> Answer<PartnerReceipt> {
    let decide = PeopleChange::DecideRequest { request, decision: body.decision, role: body.role };
    change(&service, &reader, (parse(&ods)?, body.reason), decide).await
}

/// Makes the token of the organisation's SCIM client, and ends the one before. The token is shown once.
#[utoipa::path(post, path = "/v1/organisations/{ods}/scim-token",
    params(("ods" = String, Path, description = "its ODS code")),
    responses((status = 200, description = "the receipt, with the token", body = PartnerReceipt)))]
async fn make_scim_token(
    State(service): State<SharedService>,
    reader: UserCaller,
    Path(ods): Path<String>,
) -> Answer<PartnerReceipt> {
    change(&service, &reader, (parse(&ods)?, String::new()), PeopleChange::MakeScimToken).await
}

/// How many of an organisation's people may sign in, have signed in, and signed in this month.
#[utoipa::path(get, path = "/v1/organisations/{ods}/adoption",
    params(("ods" = String, Path, description = "its ODS code")),
    responses((status = 200, description = "the figures", body = SignInCounts)))]
async fn adoption(
    State(service): State<SharedService>,
    reader: UserCaller,
    Path(ods): Path<String>,
) -> Answer<SignInCounts> {
    people::require_open(&service, &reader.caller.actor).await?;
    Ok(Json(service.sign_in_counts(&reader.caller, &parse(&ods)?).await?))
}
