//! Record aggregation over HTTP: the record whole or as it fills, the sources, the FHIR facade. Everything
//! about a person is decided and recorded first.

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
use lcr_contracts::{
    Failure, Records,
    audit::What,
    record::Record,
    records::{SourceItem, Update, ViewAsk},
};
use lcr_model::{Dataset, PersonId, ViewId};
use lcr_web::{
    Gate, Problem, Reader,
    extract::{Id, Params},
    headers, openapi,
    problem::{not_this_way, nothing_here},
    remote,
    streams::Streams,
};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::openapi::OpenApi;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use crate::{facade, service::Shared};

pub fn router(service: Shared, gate: Gate) -> (Router, OpenApi) {
    let documented = OpenApiRouter::new()
        .routes(routes!(record))
        .routes(routes!(stream))
        .routes(routes!(item))
        .routes(routes!(sources))
        .with_state(service.clone());
    let (public, document) = openapi::with_document(documented, "Leeds Care Record: record-aggregation");
    let router = public
        .merge(facade::router(service.clone()))
        .merge(remote::records::routes(service))
        .fallback(nothing_here)
        .method_not_allowed_fallback(not_this_way);
    let streams = Arc::new(Streams::default());
    (headers::harden(router.layer(Extension(gate)).layer(Extension(streams))), document)
}

/// Which part of the record.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
struct Part {
    /// Dataset names separated by commas; all when absent.
    datasets: Option<String>,
    /// Of the stream: stay open when every source has answered.
    live: Option<bool>,
}

impl Part {
    fn ask(&self, id: Uuid) -> Result<ViewAsk, Failure> {
        let datasets = self.datasets.as_deref().map(datasets).transpose()?;
        let live = self.live.unwrap_or(false);
        Ok(ViewAsk { person: PersonId(id), view: ViewId::new(), datasets, what: What::Record, live })
    }
}

/// The datasets that `text` names, each once.
fn datasets(text: &str) -> Result<Vec<Dataset>, Failure> {
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

/// The record when every source has answered or its time is up.
#[utoipa::path(get, path = "/v1/people/{id}/record", params(("id" = Uuid, Path), Part),
    responses((status = 200, description = "the record, each source with its state")))]
async fn record(
    State(service): State<Shared>,
    reader: Reader,
    Id(id): Id,
    Params(part): Params<Part>,
) -> Result<Json<Record>, Problem> {
    Ok(Json(service.whole(&reader.caller, part.ask(id)?).await?))
}

/// The record as it fills: an event `record` each time a source answers, `closed` if it may no longer be shown.
#[utoipa::path(get, path = "/v1/people/{id}/record/stream", params(("id" = Uuid, Path), Part),
    responses((status = 200, description = "server-sent events", content_type = "text/event-stream")))]
async fn stream(
    State(service): State<Shared>,
    Extension(streams): Extension<Arc<Streams>>,
    reader: Reader,
    Id(id): Id,
    Params(part): Params<Part>,
) -> Result<impl IntoResponse, Problem> {
    let lasts = reader.lasts(service.clock.now());
    let open = streams.open(reader.caller.actor.session, id.to_string())?;
    let updates = service.view(&reader.caller, part.ask(id)?).await?;
    // Nothing that lasts outlives the word on who reads it: a client asks again with a new token.
    let events = updates.take_until(tokio::time::sleep(lasts)).map(|update| {
        Ok::<_, Infallible>(match update {
            Update::Record(record) => Event::default().event("record").data(json!(record).to_string()),
            Update::Closed { at, failure } => Event::default()
                .event("closed")
                .data(json!({ "at": at, "detail": failure.outward() }).to_string()),
        })
    });
    // An event stream says `no-cache` by itself, which lets a cache keep it.
    let events = Sse::new(open.hold(events)).keep_alive(KeepAlive::default());
    Ok(([(header::CACHE_CONTROL, "no-store")], events))
}

/// One item as its source sent it, also where no list shows it.
#[utoipa::path(get, path = "/v1/people/{id}/items/{entry}",
    params(("id" = Uuid, Path), ("entry" = String, Path, description = "the id of an entry of the record, or one of `not_shown[].items`")),
    responses((status = 200, description = "the source and the FHIR resource, untouched")))]
async fn item(
    State(service): State<Shared>,
    reader: Reader,
    Path((id, entry)): Path<(String, String)>,
) -> Result<Json<SourceItem>, Problem> {
    let ask = ViewAsk {
        person: id.parse().map_err(|_| Failure::not_found())?,
        view: ViewId::new(),
        datasets: None,
        what: What::Record,
        live: false,
    };
    Ok(Json(service.item(&reader.caller, ask, &entry).await?))
}

/// Every source: state, rhythm, last answer, what it gives.
#[utoipa::path(get, path = "/v1/sources", responses((status = 200, description = "sources")))]
async fn sources(State(service): State<Shared>, reader: Reader) -> Result<Json<Value>, Problem> {
    Ok(Json(json!({ "sources": service.sources(&reader.caller).await? })))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_dataset_is_named_once() {
        assert_eq!(datasets("allergies, results").unwrap(), [Dataset::Allergies, Dataset::Results]);
        let twice = datasets("results,allergies,results").unwrap_err();
        assert_eq!(twice.outward(), "`datasets` names `results` twice.");
        let many = datasets(&vec!["results"; 10_000].join(",")).unwrap_err();
        assert_eq!(many.kind, lcr_contracts::Kind::BadRequest);
        assert!(datasets("").is_err() && datasets("nothing").is_err());
    }
}
