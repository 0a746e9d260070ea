//! Audit over HTTP. `/internal` is for consent. Only officers read the log, and only patients read their own.

mod incidents;
mod tiles;

use std::sync::Arc;

use axum::{Json, Router, extract::State};
use jiff::Timestamp;
use lcr_contracts::{
    Audit, Failure,
    audit::{AccessEvent, Entry, EntryQuery, PatientLog},
};
use lcr_model::{OdsCode, PersonId, Role};
use lcr_web::{
    Authenticator, Problem, UserCaller,
    api::serve_api,
    extract::{Id, Params},
    openapi, remote,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use crate::{
    domain::leaf::OpenLeaf,
    service::{OutsideTree, Service},
};

type Api = Arc<Service>;

pub fn router(service: &Service, authenticator: Authenticator) -> Router {
    let api: Api = Arc::new(service.clone());
    let documented = OpenApiRouter::new()
        .routes(routes!(entries))
        .routes(routes!(accesses))
        .routes(routes!(my_looks))
        .routes(routes!(leaves))
        .merge(incidents::routes())
        .with_state(api.clone());
    let public = openapi::with_document(documented, "Leeds Care Record: audit");
    let internal = remote::audit::routes(api);
    let router = public.merge(internal).merge(tiles::routes(service.store.clone()));
    serve_api(router, authenticator)
}

/// Filters of the log, all optional.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Filter {
    user: Option<String>,
    /// The id of the previous page's last entry.
    before: Option<Uuid>,
    /// 1 to 200; default 50.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u16>,
    /// The reader's organisation, by ODS code.
    org: Option<String>,
    /// RFC 3339: entries at or after this time.
    #[param(format = DateTime)]
    from: Option<String>,
    /// RFC 3339: entries before this time.
    #[param(format = DateTime)]
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
        Ok(EntryQuery { person, user, name: None, what: None, org, from, until, before, limit })
    }
}

#[derive(Serialize, ToSchema)]
struct Entries {
    entries: Vec<Entry>,
}

/// The log, newest first.
#[utoipa::path(get, path = "/v1/entries", params(Filter),
    responses((status = 200, description = "entries", body = Entries)))]
async fn entries(
    State(api): State<Api>,
    reader: UserCaller,
    Params(f): Params<Filter>,
) -> Result<Json<Entries>, Problem> {
    let query = f.into_query(None)?;
    Ok(Json(Entries { entries: api.entries(&reader.caller, query).await? }))
}

/// An access to a person's record: in words for the person, as recorded for an officer.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
enum Access {
    Own(Box<AccessEvent>),
    Recorded(Box<Entry>),
}

#[derive(Serialize, ToSchema)]
struct Accesses {
    entries: Vec<Access>,
    /// Where the next page of a person's own log starts: `null` after the last page, absent for an officer.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Uuid>)]
    #[allow(clippy::option_option, reason = "absent and `null` differ in the answer")]
    before: Option<Option<Uuid>>,
}

/// Who looked at one person's record, newest first. A patient sees only their own, as far as policy allows.
#[utoipa::path(get, path = "/v1/people/{id}/accesses", params(("id" = Uuid, Path), Filter),
    responses((status = 200, description = "entries about the person", body = Accesses)))]
async fn accesses(
    State(api): State<Api>,
    reader: UserCaller,
    Id(id): Id,
    Params(f): Params<Filter>,
) -> Result<Json<Accesses>, Problem> {
    if reader.caller.actor.role == Role::Patient {
        // The answer is the same for another person's log and for a log that does not exist.
        let own = api.patient_log(&reader.caller, f.before).await?;
        return if api.is_own(&reader.caller, PersonId(id)).await? {
            let entries = own.entries.into_iter().map(|event| Access::Own(Box::new(event))).collect();
            Ok(Json(Accesses { entries, before: Some(own.before) }))
        } else {
            Err(Failure::not_found().into())
        };
    }
    let entries = api.entries(&reader.caller, f.into_query(Some(PersonId(id)))?).await?;
    let entries = entries.into_iter().map(|entry| Access::Recorded(Box::new(entry))).collect();
    Ok(Json(Accesses { entries, before: None }))
}

/// The position of a page.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Page {
    /// Where the previous page said that this one starts.
    before: Option<Uuid>,
}

/// Who has looked at the signed-in patient's own record, newest first.
#[utoipa::path(get, path = "/v1/my-looks", params(Page),
    responses((status = 200, description = "looks", body = PatientLog)))]
async fn my_looks(
    State(api): State<Api>,
    reader: UserCaller,
    Params(page): Params<Page>,
) -> Result<Json<PatientLog>, Problem> {
    Ok(Json(api.patient_log(&reader.caller, page.before).await?))
}

/// The first leaf, and the number of leaves.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Range {
    first: u64,
    /// 1 to 500; default 500.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<u64>,
}

#[derive(Serialize, ToSchema)]
#[expect(clippy::struct_field_names, reason = "the field is part of the answer")]
struct Leaves {
    leaves: Vec<OpenLeaf>,
    /// Rows in neither the tree nor the queue; 0 except on the first page.
    unplaced: u64,
    /// Only on the first page.
    outside: Option<OutsideTree>,
}

/// The tree's leaves with their salts, to check each row against the tree. For officers.
#[utoipa::path(get, path = "/v1/leaves", params(Range),
    responses((status = 200, description = "opened leaves", body = Leaves)))]
async fn leaves(
    State(api): State<Api>,
    reader: UserCaller,
    Params(range): Params<Range>,
) -> Result<Json<Leaves>, Problem> {
    let leaves = api.open_leaves(&reader.caller, range.first, range.limit.unwrap_or(500)).await?;
    // The report scans the whole log, so only the first page has it.
    let outside = if range.first == 0 { Some(api.report_outside_tree(&reader.caller).await?) } else { None };
    let unsequenced = outside.as_ref().map_or(0, |outside| outside.unsequenced);
    Ok(Json(Leaves { leaves, unplaced: unsequenced, outside }))
}
