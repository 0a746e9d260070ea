//! Incidents over HTTP: open one, share it, close it, and read the log through it. For officers only; the service decides.

use axum::{
    Json,
    extract::{Path, State, rejection::PathRejection},
    http::StatusCode,
};
use lcr_contracts::{
    Audit, Failure,
    audit::IncidentPage,
    incidents::{Incident, IncidentList, NewIncident, NewIncidentShare},
};
use lcr_model::OdsCode;
use lcr_web::{
    Problem, UserCaller,
    extract::{Id, Params},
    problem::JsonBody,
};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{Api, Entries};

pub fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(incidents, open_incident))
        .routes(routes!(read_incident))
        .routes(routes!(share_incident))
        .routes(routes!(end_share))
        .routes(routes!(close_incident))
        .routes(routes!(incident_entries))
}

/// The incidents of your organisation, and those that others share with it. For privacy officers and the Caldicott guardian.
#[utoipa::path(get, path = "/v1/incidents",
    responses((status = 200, description = "the newest of each", body = IncidentList)))]
async fn incidents(State(api): State<Api>, reader: UserCaller) -> Result<Json<IncidentList>, Problem> {
    Ok(Json(api.incidents(&reader.caller).await?))
}

/// Open an incident about one person and a period of at most 366 days. It shows nothing to others until it is shared.
#[utoipa::path(post, path = "/v1/incidents", request_body = NewIncident,
    responses((status = 201, description = "the incident is open", body = Incident)))]
async fn open_incident(
    State(api): State<Api>,
    reader: UserCaller,
    JsonBody(new): JsonBody<NewIncident>,
) -> Result<(StatusCode, Json<Incident>), Problem> {
    Ok((StatusCode::CREATED, Json(api.open_incident(&reader.caller, new).await?)))
}

/// An incident of your organisation, or one that is shared with it.
#[utoipa::path(get, path = "/v1/incidents/{id}", params(("id" = Uuid, Path)),
    responses((status = 200, description = "the incident", body = Incident)))]
async fn read_incident(State(api): State<Api>, reader: UserCaller, Id(id): Id) -> Result<Json<Incident>, Problem> {
    Ok(Json(api.incident(&reader.caller, id).await?))
}

/// Share an incident of your organisation with the officers of another one.
#[utoipa::path(post, path = "/v1/incidents/{id}/shares", params(("id" = Uuid, Path)), request_body = NewIncidentShare,
    responses((status = 204, description = "the share is in force")))]
async fn share_incident(
    State(api): State<Api>,
    reader: UserCaller,
    Id(id): Id,
    JsonBody(new): JsonBody<NewIncidentShare>,
) -> Result<StatusCode, Problem> {
    api.share_incident(&reader.caller, id, new.organisation).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// End a share at once.
#[utoipa::path(post, path = "/v1/incidents/{id}/shares/{ods}/end",
    params(("id" = Uuid, Path), ("ods" = String, Path)),
    responses((status = 204, description = "the share has ended")))]
async fn end_share(
    State(api): State<Api>,
    reader: UserCaller,
    path: Result<Path<(Uuid, String)>, PathRejection>,
) -> Result<StatusCode, Problem> {
    let Path((id, ods)) = path.map_err(|_| Failure::not_found())?;
    api.end_incident_share(&reader.caller, id, OdsCode::new(ods)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Close an incident of your organisation. Nobody reads the log through it after that.
#[utoipa::path(post, path = "/v1/incidents/{id}/close", params(("id" = Uuid, Path)),
    responses((status = 204, description = "the incident is closed")))]
async fn close_incident(State(api): State<Api>, reader: UserCaller, Id(id): Id) -> Result<StatusCode, Problem> {
    api.close_incident(&reader.caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The position and size of a page of the log.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct EntriesPage {
    /// The id of the previous page's last entry.
    before: Option<Uuid>,
    /// 1 to 200; default 50.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u16>,
}

/// The log as far as the incident reaches, newest first: entries about its person, in its period, that the organisation
/// that opened it may read.
#[utoipa::path(get, path = "/v1/incidents/{id}/entries", params(("id" = Uuid, Path), EntriesPage),
    responses((status = 200, description = "entries", body = Entries)))]
async fn incident_entries(
    State(api): State<Api>,
    reader: UserCaller,
    Id(id): Id,
    Params(page): Params<EntriesPage>,
) -> Result<Json<Entries>, Problem> {
    let page = IncidentPage { before: page.before, limit: page.limit };
    Ok(Json(Entries { entries: api.incident_entries(&reader.caller, id, page).await? }))
}
