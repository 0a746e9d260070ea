//! Audit over HTTP. `/internal` is for consent; the log itself for those whose desk it is.

use std::sync::Arc;

use axum::{Extension, Json, Router, extract::State, http::StatusCode, routing::post};
use lcr_contracts::{
    Audit,
    audit::{EntryQuery, OpenEntry},
};
use lcr_model::PersonId;
use lcr_web::{
    Gate, Inside, Problem, Reader,
    extract::{Id, Params},
    headers, openapi,
    problem::{JsonBody, not_this_way, nothing_here},
};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::openapi::OpenApi;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

type Api = Arc<dyn Audit>;

pub fn router(api: Api, gate: Gate) -> (Router, OpenApi) {
    let documented =
        OpenApiRouter::new().routes(routes!(entries)).routes(routes!(accesses)).with_state(api.clone());
    let (public, document) = openapi::with_document(documented, "Leeds Care Record: audit");
    let internal = Router::new().route("/internal/v1/entries", post(open)).with_state(api);
    let router = public.merge(internal).fallback(nothing_here).method_not_allowed_fallback(not_this_way);
    (headers::harden(router.layer(Extension(gate))), document)
}

/// Filters of the log, all optional.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
struct Filter {
    user: Option<String>,
    /// The id of the last entry of the page before.
    before: Option<Uuid>,
    /// 1 to 200, 50 when absent.
    limit: Option<u16>,
}

/// The log, newest first.
#[utoipa::path(get, path = "/v1/entries", params(Filter), responses((status = 200, description = "entries")))]
async fn entries(
    State(api): State<Api>,
    reader: Reader,
    Params(f): Params<Filter>,
) -> Result<Json<Value>, Problem> {
    let query = EntryQuery { person: None, user: f.user, before: f.before, limit: f.limit };
    Ok(Json(json!({ "entries": api.entries(&reader.caller, query).await? })))
}

/// Who looked at one person's record, newest first.
#[utoipa::path(get, path = "/v1/people/{id}/accesses", params(("id" = Uuid, Path), Filter),
    responses((status = 200, description = "entries about the person")))]
async fn accesses(
    State(api): State<Api>,
    reader: Reader,
    Id(id): Id,
    Params(f): Params<Filter>,
) -> Result<Json<Value>, Problem> {
    let query = EntryQuery { person: Some(PersonId(id)), user: f.user, before: f.before, limit: f.limit };
    Ok(Json(json!({ "entries": api.entries(&reader.caller, query).await? })))
}

async fn open(
    State(api): State<Api>,
    Inside(caller): Inside,
    JsonBody(entry): JsonBody<OpenEntry>,
) -> Result<StatusCode, Problem> {
    api.open(&caller, entry).await?;
    Ok(StatusCode::CREATED)
}
