//! The HTTP routes: the record whole or as a stream, one item, the sources, and the FHIR API. A route must never return a
//! person's data except through the service, which decides and records first.

use std::{convert::Infallible, sync::Arc};

use axum::{
    Extension, Json, Router,
    extract::{Path, State},
    http::header,
    response::{
        IntoResponse,
        sse::{Event, KeepAlive, Sse},
    },
};
use futures::StreamExt;
use jiff::Timestamp;
use lcr_contracts::{
    Failure, Records,
    audit::AccessKind,
    record::Record,
    records_api::{SourceItem, SourceStatus, Update, ViewRequest},
};
use lcr_model::{Dataset, PersonId, ViewId};
use lcr_web::{
    Authenticator, Problem, UserCaller,
    api::serve_api_with,
    extract::{Id, Params},
    openapi, remote,
    streams::Streams,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use crate::{fhir_api, service::SharedService};

pub fn router(service: SharedService, authenticator: Authenticator) -> Router {
    let documented = OpenApiRouter::new()
        .routes(routes!(record))
        .routes(routes!(stream))
        .routes(routes!(item))
        .routes(routes!(sources))
        .with_state(service.clone());
    let public = openapi::with_document(documented, "Leeds Care Record: record-aggregation");
    let router = public.merge(fhir_api::router(service.clone())).merge(remote::records::routes(service));
    let streams = Arc::new(Streams::default());
    serve_api_with(router.layer(Extension(streams)), authenticator, fhir_api::FAILURES)
}

/// Which part of the record.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct RecordParams {
    /// Dataset names separated by commas; default all.
    datasets: Option<String>,
    /// For the stream: stay open after every source has answered.
    live: Option<bool>,
}

impl RecordParams {
    fn view_request(&self, id: Uuid) -> Result<ViewRequest, Failure> {
        let datasets = self.datasets.as_deref().map(parse_datasets).transpose()?;
        let live = self.live.unwrap_or(false);
        Ok(ViewRequest { person: PersonId(id), view: ViewId::new(), datasets, what: AccessKind::Record, live })
    }
}

/// The datasets that `text` names, each once.
fn parse_datasets(text: &str) -> Result<Vec<Dataset>, Failure> {
    let mut named = Vec::new();
    for name in text.split(',') {
        let unknown = |_| Failure::bad_request("`datasets` names a dataset that does not exist.");
        let dataset: Dataset = name.trim().parse().map_err(unknown)?;
        if named.contains(&dataset) {
            return Err(Failure::bad_request(format!("`datasets` names `{dataset}` twice.")));
        }
        named.push(dataset);
    }
    Ok(named)
}

/// The record once every source has answered or the deadline has passed.
#[utoipa::path(get, path = "/v1/people/{id}/record", params(("id" = Uuid, Path), RecordParams),
    responses((status = 200, description = "the record, each source with its state", body = Record)))]
async fn record(
    State(service): State<SharedService>,
    reader: UserCaller,
    Id(id): Id,
    Params(params): Params<RecordParams>,
) -> Result<impl IntoResponse, Problem> {
    let record = service.whole(&reader.caller, params.view_request(id)?).await?;
    Ok(([(header::CONTENT_TYPE, "application/json")], to_json(&record)?))
}

/// Room for the JSON of a record's reports, and of each entry.
const REPORTS_BYTES: usize = 32 << 10;
const ENTRY_BYTES: usize = 1 << 10;

/// Writes a record once, into a buffer that need not grow for most records.
fn to_json(record: &Record) -> Result<Vec<u8>, Failure> {
    let entries: usize = record.sections.iter().map(|section| section.entries.len()).sum();
    let mut json = Vec::with_capacity(REPORTS_BYTES + entries * ENTRY_BYTES);
    serde_json::to_writer(&mut json, record).map_err(Failure::internal)?;
    Ok(json)
}

/// The last event of a stream.
fn closed_event(at: Timestamp, failure: &Failure) -> Event {
    Event::default().event("closed").data(json!({ "at": at, "detail": failure.outward() }).to_string())
}

/// The record as a stream: an event `record` each time a source answers, `closed` if it may no longer be shown.
#[utoipa::path(get, path = "/v1/people/{id}/record/stream", params(("id" = Uuid, Path), RecordParams),
    responses((status = 200, description = "server-sent events", body = String, content_type = "text/event-stream")))]
async fn stream(
    State(service): State<SharedService>,
    Extension(streams): Extension<Arc<Streams>>,
    reader: UserCaller,
    Id(id): Id,
    Params(params): Params<RecordParams>,
) -> Result<impl IntoResponse, Problem> {
    let lifetime = reader.time_left(service.clock.now());
    let open = streams.open(reader.caller.actor.session, id.to_string())?;
    let updates = service.view(&reader.caller, params.view_request(id)?).await?;
    // A stream ends with its user token: the client reconnects with a new one.
    let events = updates.take_until(tokio::time::sleep(lifetime)).map(|update| {
        Ok::<_, Infallible>(match update {
            Update::Record(record) => {
                let event = Event::default().event("record").json_data(&record);
                event.unwrap_or_else(|error| closed_event(record.as_of, &Failure::internal(error)))
            }
            Update::Closed { at, failure } => closed_event(at, &failure),
        })
    });
    // Axum sets `no-cache`, which lets a cache store the stream: `no-store` forbids that.
    let events = Sse::new(open.hold(events)).keep_alive(KeepAlive::default());
    Ok(([(header::CACHE_CONTROL, "no-store")], events))
}

/// One item as its source sent it, even if no list shows it.
#[utoipa::path(get, path = "/v1/people/{id}/items/{entry}",
    params(("id" = Uuid, Path), ("entry" = String, Path, description = "the id of an entry, or one of `not_shown[].items`")),
    responses((status = 200, description = "the source and the unchanged FHIR resource", body = SourceItem)))]
async fn item(
    State(service): State<SharedService>,
    reader: UserCaller,
    Path((id, entry)): Path<(String, String)>,
) -> Result<Json<SourceItem>, Problem> {
    let ask = ViewRequest {
        person: id.parse().map_err(|_| Failure::not_found())?,
        view: ViewId::new(),
        datasets: None,
        what: AccessKind::Record,
        live: false,
    };
    Ok(Json(service.item(&reader.caller, ask, &entry).await?))
}

#[derive(Serialize, ToSchema)]
struct Sources {
    sources: Vec<SourceStatus>,
}

/// The sources: state, rhythm, last answer, datasets. Services whose name tells the care are left out.
#[utoipa::path(get, path = "/v1/sources", responses((status = 200, description = "sources", body = Sources)))]
async fn sources(State(service): State<SharedService>, reader: UserCaller) -> Result<Json<Sources>, Problem> {
    Ok(Json(Sources { sources: service.sources(&reader.caller).await? }))
}

#[cfg(test)]
#[path = "http_tests.rs"]
mod tests;
