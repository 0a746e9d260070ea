//! Audit over HTTP. `/internal` is for consent. Only officers read the log, and only patients read their own.

mod tiles;

use std::sync::Arc;

use axum::{Json, Router, extract::State};
use jiff::Timestamp;
use lcr_contracts::{
    Audit, Failure,
    audit::{EntryQuery, PatientLog},
};
use lcr_model::{OdsCode, PersonId, Role};
use lcr_web::{
    Authenticator, Problem, UserCaller,
    api::serve_api,
    extract::{Id, Params},
    openapi, remote,
};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::openapi::OpenApi;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use crate::service::Service;

type Api = Arc<Service>;

pub fn router(service: &Service, authenticator: Authenticator) -> (Router, OpenApi) {
    let api: Api = Arc::new(service.clone());
    let documented = OpenApiRouter::new()
        .routes(routes!(entries))
        .routes(routes!(accesses))
        .routes(routes!(my_looks))
        .routes(routes!(leaves))
        .with_state(api.clone());
    let (public, document) = openapi::with_document(documented, "Leeds Care Record: audit");
    let internal = remote::audit::routes(api);
    let router = public.merge(internal).merge(tiles::routes(service.store.clone()));
    (serve_api(router, authenticator), document)
}

/// Filters of the log, all optional.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
struct Filter {
    user: Option<String>,
    /// The id of the previous page's last entry.
    before: Option<Uuid>,
    /// 1 to 200; default 50.
    limit: Option<u16>,
    /// The reader's organisation, by ODS code.
    org: Option<String>,
    /// RFC 3339: entries at or after this time.
    from: Option<String>,
    /// RFC 3339: entries before this time.
    until: Option<String>,
}

impl Filter {
    fn into_query(self, person: Option<PersonId>) -> Result<EntryQuery, Failure> {
        let time = |text: Option<String>, name: &str| {
            let parse = |text: String| {
                text.parse::<Timestamp>()
                    .map_err(|_| Failure::bad_request(format!("`{name}` is not a time such as 2026-11-22T08:00:00Z.")))
            };
            text.map(parse).transpose()
        };
        let (from, until) = (time(self.from, "from")?, time(self.until, "until")?);
        let org = self.org.map(OdsCode);
        let (user, before, limit) = (self.user, self.before, self.limit);
        Ok(EntryQuery { person, user, what: None, org, from, until, before, limit })
    }
}

/// The log, newest first.
#[utoipa::path(get, path = "/v1/entries", params(Filter), responses((status = 200, description = "entries")))]
async fn entries(
    State(api): State<Api>,
    reader: UserCaller,
    Params(f): Params<Filter>,
) -> Result<Json<Value>, Problem> {
    let query = f.into_query(None)?;
    Ok(Json(json!({ "entries": api.entries(&reader.caller, query).await? })))
}

/// Who looked at one person's record, newest first. A patient sees only their own, as far as policy allows.
#[utoipa::path(get, path = "/v1/people/{id}/accesses", params(("id" = Uuid, Path), Filter),
    responses((status = 200, description = "entries about the person")))]
async fn accesses(
    State(api): State<Api>,
    reader: UserCaller,
    Id(id): Id,
    Params(f): Params<Filter>,
) -> Result<Json<Value>, Problem> {
    if reader.caller.actor.role == Role::Patient {
        // The answer is the same for another person's log and for a log that does not exist.
        let own = api.patient_log(&reader.caller, f.before).await?;
        return if api.is_own(&reader.caller, PersonId(id)).await? {
            Ok(Json(json!({ "entries": own.entries, "before": own.before })))
        } else {
            Err(Failure::not_found().into())
        };
    }
    let query = f.into_query(Some(PersonId(id)))?;
    Ok(Json(json!({ "entries": api.entries(&reader.caller, query).await? })))
}

/// The position of a page.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
struct Page {
    before: Option<Uuid>,
}

/// Who has looked at the signed-in patient's own record, newest first.
#[utoipa::path(get, path = "/v1/my-looks", params(Page), responses((status = 200, description = "looks")))]
async fn my_looks(
    State(api): State<Api>,
    reader: UserCaller,
    Params(page): Params<Page>,
) -> Result<Json<PatientLog>, Problem> {
    Ok(Json(api.patient_log(&reader.caller, page.before).await?))
}

/// The first leaf, and the number of leaves.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
struct Range {
    first: u64,
    /// 1 to 500; default 500.
    limit: Option<u64>,
}

/// The tree's leaves with their salts, to check each row against the tree. For officers.
#[utoipa::path(get, path = "/v1/leaves", params(Range), responses((status = 200, description = "opened leaves")))]
async fn leaves(
    State(api): State<Api>,
    reader: UserCaller,
    Params(range): Params<Range>,
) -> Result<Json<Value>, Problem> {
    let leaves = api.open_leaves(&reader.caller, range.first, range.limit.unwrap_or(500)).await?;
    // The report scans the whole log, so only the first page has it.
    let outside = if range.first == 0 { Some(api.report_outside_tree(&reader.caller).await?) } else { None };
    let unsequenced = outside.as_ref().map_or(0, |outside| outside.unsequenced);
    Ok(Json(json!({ "leaves": leaves, "unplaced": unsequenced, "outside": outside })))
}
