//! Audit over HTTP. Appending an entry twice stores it once, so retries are safe.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use axum::{Json, Router, extract::State, routing::post};
use lcr_contracts::{
    Audit, Caller, Failure,
    audit::{Entry, EntryFingerprint, EntryQuery, LogState, OpenEntry, PatientLog, Reconciliation, TreeHead},
};
use lcr_model::ServiceName;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{About, Peer, peer::RetryPolicy};
use crate::{Problem, ServiceCaller, auth::ServiceOnly, problem::JsonBody};

type Api = Arc<dyn Audit>;
type Answer<T> = Result<Json<T>, Problem>;

const APPEND: (Duration, RetryPolicy) = (Duration::from_millis(1500), RetryPolicy::Safe);
const READ: (Duration, RetryPolicy) = (Duration::from_secs(5), RetryPolicy::Safe);

pub fn routes(api: Api) -> Router {
    Router::new()
        .route("/internal/v1/entries", post(open))
        .route("/internal/v1/entries/reconcile", post(reconcile))
        .route("/internal/v1/entries/read", post(entries))
        .route("/internal/v1/own-log", post(own_log))
        .route("/internal/v1/choice-steps", post(choice_steps))
        .route("/internal/v1/log-state", post(log_state))
        .with_state(api)
}

/// An entry with the tree head that its sender has seen. The previous version sends no head and reads no answer.
#[derive(Serialize, Deserialize)]
struct Append {
    #[serde(flatten)]
    entry: OpenEntry,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    seen: Option<TreeHead>,
}

async fn open(
    State(api): State<Api>,
    ServiceCaller(from): ServiceCaller,
    JsonBody(append): JsonBody<Append>,
) -> Answer<Option<TreeHead>> {
    let Some(seen) = append.seen else {
        api.open(&from, append.entry).await?;
        return Ok(Json(None));
    };
    Ok(Json(api.append(&from, append.entry, seen).await?))
}

async fn reconcile(
    State(api): State<Api>,
    ServiceOnly(from): ServiceOnly,
    JsonBody(ask): JsonBody<About<TreeHead, Vec<EntryFingerprint>>>,
) -> Answer<Reconciliation> {
    if from != ServiceName::Consent {
        return Err(Failure::forbidden("Only consent compares what it kept.").into());
    }
    Ok(Json(api.reconcile(ask.about, ask.with).await?))
}

async fn entries(
    State(api): State<Api>,
    ServiceCaller(from): ServiceCaller,
    JsonBody(query): JsonBody<EntryQuery>,
) -> Answer<Vec<Entry>> {
    Ok(Json(api.entries(&from, query).await?))
}

async fn own_log(
    State(api): State<Api>,
    ServiceCaller(from): ServiceCaller,
    JsonBody(ask): JsonBody<About<Option<Uuid>>>,
) -> Answer<PatientLog> {
    Ok(Json(api.patient_log(&from, ask.about).await?))
}

async fn choice_steps(
    State(api): State<Api>,
    ServiceOnly(from): ServiceOnly,
    JsonBody(after): JsonBody<Uuid>,
) -> Answer<Vec<OpenEntry>> {
    if from != ServiceName::Consent {
        return Err(Failure::forbidden("Only consent compares choices.").into());
    }
    Ok(Json(api.choice_steps(after).await?))
}

async fn log_state(State(api): State<Api>, _: ServiceOnly) -> Answer<LogState> {
    Ok(Json(api.log_state().await?))
}

/// Audit, elsewhere.
#[derive(Debug)]
pub struct Remote(pub Peer);

#[async_trait]
impl Audit for Remote {
    async fn open(&self, caller: &Caller, entry: OpenEntry) -> Result<(), Failure> {
        self.0.call(Some(caller), "entries", &entry, APPEND).await
    }

    async fn append(&self, caller: &Caller, entry: OpenEntry, seen: TreeHead) -> Result<Option<TreeHead>, Failure> {
        let append = Append { entry, seen: Some(seen) };
        self.0.call(Some(caller), "entries", &append, APPEND).await
    }

    async fn reconcile(&self, seen: TreeHead, kept: Vec<EntryFingerprint>) -> Result<Reconciliation, Failure> {
        self.0.call(None, "entries/reconcile", &About { about: seen, with: kept }, READ).await
    }

    async fn entries(&self, caller: &Caller, query: EntryQuery) -> Result<Vec<Entry>, Failure> {
        self.0.call(Some(caller), "entries/read", &query, READ).await
    }

    async fn patient_log(&self, caller: &Caller, before: Option<Uuid>) -> Result<PatientLog, Failure> {
        self.0.call(Some(caller), "own-log", &About { about: before, with: () }, READ).await
    }

    async fn choice_steps(&self, after: Uuid) -> Result<Vec<OpenEntry>, Failure> {
        self.0.call(None, "choice-steps", &after, READ).await
    }

    async fn log_state(&self) -> Result<LogState, Failure> {
        self.0.call(None, "log-state", &(), READ).await
    }
}
