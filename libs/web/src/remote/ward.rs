//! The virtual ward over HTTP: its two lists, and changes of an open list. No URL may hold a patient's data.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use axum::{Extension, Json, Router, extract::State, response::Response, routing::post};
use futures::stream::BoxStream;
use lcr_contracts::{
    Caller, Failure, VirtualWard,
    ward::{Counts, Delays, Discharges, Inpatients, ListChange, ListOf, ListRequest, ListSettings, SettingsOf},
};
use lcr_model::PersonId;
use serde::{Deserialize, Serialize};

use super::{Peer, peer::RetryPolicy, stream};
use crate::{Authenticator, Problem, ServiceCaller, auth::token_time_left, problem::JsonBody};

type Api = Arc<dyn VirtualWard>;
type Answer<T> = Result<Json<T>, Problem>;

/// A list needs several decisions of consent.
const LIST: (Duration, RetryPolicy) = (Duration::from_secs(8), RetryPolicy::Safe);
/// A reader's settings: storing the same again changes nothing.
const OWN: (Duration, RetryPolicy) = (Duration::from_secs(3), RetryPolicy::Safe);
const STREAM_START: Duration = Duration::from_secs(8);

pub fn routes(api: Api) -> Router {
    Router::new()
        .route("/internal/v1/inpatients", post(inpatients))
        .route("/internal/v1/discharges", post(discharges))
        .route("/internal/v1/delays", post(delays))
        .route("/internal/v1/counts", post(counts))
        .route("/internal/v1/settings", post(settings))
        .route("/internal/v1/keep-settings", post(keep_settings))
        .route("/internal/v1/watch", post(watch))
        .route("/internal/v1/news", post(news))
        .with_state(api)
}

async fn inpatients(
    State(api): State<Api>,
    ServiceCaller(from): ServiceCaller,
    JsonBody(ask): JsonBody<ListRequest>,
) -> Answer<Inpatients> {
    Ok(Json(api.inpatients(&from, ask).await?))
}

async fn discharges(
    State(api): State<Api>,
    ServiceCaller(from): ServiceCaller,
    JsonBody(ask): JsonBody<ListRequest>,
) -> Answer<Discharges> {
    Ok(Json(api.discharges(&from, ask).await?))
}

async fn delays(
    State(api): State<Api>,
    ServiceCaller(from): ServiceCaller,
    JsonBody(ask): JsonBody<ListRequest>,
) -> Answer<Delays> {
    Ok(Json(api.delays(&from, ask).await?))
}

async fn counts(
    State(api): State<Api>,
    ServiceCaller(from): ServiceCaller,
    JsonBody(of): JsonBody<Option<ListOf>>,
) -> Answer<Counts> {
    Ok(Json(api.counts(&from, of).await?))
}

/// Settings to store.
#[derive(Debug, Serialize, Deserialize)]
struct SettingsUpdate {
    of: SettingsOf,
    settings: ListSettings,
}

/// A patient to watch, or no longer.
#[derive(Debug, Serialize, Deserialize)]
struct WatchUpdate {
    person: PersonId,
    on: bool,
}

async fn settings(
    State(api): State<Api>,
    ServiceCaller(from): ServiceCaller,
    JsonBody(of): JsonBody<SettingsOf>,
) -> Answer<ListSettings> {
    Ok(Json(api.settings(&from, of).await?))
}

async fn keep_settings(
    State(api): State<Api>,
    ServiceCaller(from): ServiceCaller,
    JsonBody(keep): JsonBody<SettingsUpdate>,
) -> Answer<()> {
    Ok(Json(api.keep_settings(&from, keep.of, keep.settings).await?))
}

async fn watch(
    State(api): State<Api>,
    ServiceCaller(from): ServiceCaller,
    JsonBody(watch): JsonBody<WatchUpdate>,
) -> Answer<()> {
    Ok(Json(api.watch(&from, watch.person, watch.on).await?))
}

async fn news(
    State(api): State<Api>,
    Extension(authenticator): Extension<Authenticator>,
    ServiceCaller(from): ServiceCaller,
    JsonBody(ask): JsonBody<ListRequest>,
) -> Result<Response, Problem> {
    let lasts = token_time_left(from.until, authenticator.clock.now());
    Ok(stream::answer(api.changes(&from, ask).await?, lasts))
}

/// The client of virtual-ward.
#[derive(Debug)]
pub struct Remote(pub Peer);

#[async_trait]
impl VirtualWard for Remote {
    async fn inpatients(&self, caller: &Caller, ask: ListRequest) -> Result<Inpatients, Failure> {
        self.0.call(Some(caller), "inpatients", &ask, LIST).await
    }

    async fn discharges(&self, caller: &Caller, ask: ListRequest) -> Result<Discharges, Failure> {
        self.0.call(Some(caller), "discharges", &ask, LIST).await
    }

    async fn delays(&self, caller: &Caller, ask: ListRequest) -> Result<Delays, Failure> {
        self.0.call(Some(caller), "delays", &ask, LIST).await
    }

    async fn counts(&self, caller: &Caller, of: Option<ListOf>) -> Result<Counts, Failure> {
        self.0.call(Some(caller), "counts", &of, LIST).await
    }

    async fn settings(&self, caller: &Caller, of: SettingsOf) -> Result<ListSettings, Failure> {
        self.0.call(Some(caller), "settings", &of, OWN).await
    }

    async fn keep_settings(&self, caller: &Caller, of: SettingsOf, settings: ListSettings) -> Result<(), Failure> {
        self.0.call(Some(caller), "keep-settings", &SettingsUpdate { of, settings }, OWN).await
    }

    async fn watch(&self, caller: &Caller, person: PersonId, on: bool) -> Result<(), Failure> {
        self.0.call(Some(caller), "watch", &WatchUpdate { person, on }, OWN).await
    }

    async fn changes(&self, caller: &Caller, ask: ListRequest) -> Result<BoxStream<'static, ListChange>, Failure> {
        self.0.stream(caller, "news", &ask, STREAM_START).await
    }
}
