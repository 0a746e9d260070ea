//! Audit over HTTP. Appending an entry twice stores it once, so retries are safe.

mod incident_routes;
mod step_routes;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use axum::{Json, Router, extract::State, routing::post};
use incident_routes::{
    close_incident, end_incident_share, incident, incident_entries, incidents, open_incident, share_incident,
};
use jiff::Timestamp;
use lcr_contracts::{
    Audit, Caller, Failure,
    audit::{
        Entry, EntryFingerprint, EntryQuery, IncidentPage, LogState, OpenEntry, PatientLog, Reconciliation, TreeHead,
        ViewAdoption,
    },
    incidents::{Incident, IncidentList, NewIncident},
};
use lcr_model::{OdsCode, ServiceName};
use serde::{Deserialize, Serialize};
use step_routes::{choice_steps, claim_steps};
use uuid::Uuid;

use super::{CallBody, Peer, peer::RetryPolicy};
use crate::{Problem, ServiceCaller, auth::ServiceOnly, problem::JsonBody};

type Api = Arc<dyn Audit>;
type Answer<T> = Result<Json<T>, Problem>;

const APPEND: (Duration, RetryPolicy) = (Duration::from_millis(1500), RetryPolicy::Safe);
const READ: (Duration, RetryPolicy) = (Duration::from_secs(5), RetryPolicy::Safe);
const ACT: (Duration, RetryPolicy) = (Duration::from_secs(5), RetryPolicy::IfUnsent);

pub fn routes(api: Api) -> Router {
    Router::new()
        .route("/internal/v1/entries", post(open))
        .route("/internal/v1/entries/reconcile", post(reconcile))
        .route("/internal/v1/entries/read", post(entries))
        .route("/internal/v1/own-log", post(own_log))
        .route("/internal/v1/choice-steps", post(choice_steps))
        .route("/internal/v1/claim-steps", post(claim_steps))
        .route("/internal/v1/adoption", post(adoption))
        .route("/internal/v1/log-state", post(log_state))
        .route("/internal/v1/incidents", post(incidents))
        .route("/internal/v1/incidents/read", post(incident))
        .route("/internal/v1/incidents/open", post(open_incident))
        .route("/internal/v1/incidents/share", post(share_incident))
        .route("/internal/v1/incidents/end-share", post(end_incident_share))
        .route("/internal/v1/incidents/close", post(close_incident))
        .route("/internal/v1/incidents/entries", post(incident_entries))
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
    JsonBody(ask): JsonBody<CallBody<TreeHead, Vec<EntryFingerprint>>>,
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
    JsonBody(ask): JsonBody<CallBody<Option<Uuid>>>,
) -> Answer<PatientLog> {
    Ok(Json(api.patient_log(&from, ask.about).await?))
}

async fn adoption(
    State(api): State<Api>,
    ServiceCaller(from): ServiceCaller,
    JsonBody(ask): JsonBody<CallBody<OdsCode, Timestamp>>,
) -> Answer<ViewAdoption> {
    Ok(Json(api.adoption(&from, &ask.about, ask.with).await?))
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
        self.0.call(None, "entries/reconcile", &CallBody { about: seen, with: kept }, READ).await
    }

    async fn entries(&self, caller: &Caller, query: EntryQuery) -> Result<Vec<Entry>, Failure> {
        self.0.call(Some(caller), "entries/read", &query, READ).await
    }

    async fn patient_log(&self, caller: &Caller, before: Option<Uuid>) -> Result<PatientLog, Failure> {
        self.0.call(Some(caller), "own-log", &CallBody { about: before, with: () }, READ).await
    }

    async fn choice_steps(&self, after: Uuid) -> Result<Vec<OpenEntry>, Failure> {
        self.0.call(None, "choice-steps", &after, READ).await
    }

    async fn claim_steps(&self, after: Uuid) -> Result<Vec<OpenEntry>, Failure> {
        self.0.call(None, "claim-steps", &after, READ).await
    }

    async fn adoption(&self, caller: &Caller, ods: &OdsCode, since: Timestamp) -> Result<ViewAdoption, Failure> {
        self.0.call(Some(caller), "adoption", &CallBody { about: ods, with: since }, READ).await
    }

    async fn log_state(&self) -> Result<LogState, Failure> {
        self.0.call(None, "log-state", &(), READ).await
    }

    async fn incidents(&self, caller: &Caller) -> Result<IncidentList, Failure> {
        self.0.call(Some(caller), "incidents", &(), READ).await
    }

    async fn incident(&self, caller: &Caller, id: Uuid) -> Result<Incident, Failure> {
        self.0.call(Some(caller), "incidents/read", &id, READ).await
    }

    async fn open_incident(&self, caller: &Caller, new: NewIncident) -> Result<Incident, Failure> {
        self.0.call(Some(caller), "incidents/open", &new, ACT).await
    }

    async fn share_incident(&self, caller: &Caller, id: Uuid, with: OdsCode) -> Result<(), Failure> {
        self.0.call(Some(caller), "incidents/share", &CallBody { about: id, with }, ACT).await
    }

    async fn end_incident_share(&self, caller: &Caller, id: Uuid, with: OdsCode) -> Result<(), Failure> {
        self.0.call(Some(caller), "incidents/end-share", &CallBody { about: id, with }, ACT).await
    }

    async fn close_incident(&self, caller: &Caller, id: Uuid) -> Result<(), Failure> {
        self.0.call(Some(caller), "incidents/close", &id, ACT).await
    }

    async fn incident_entries(&self, caller: &Caller, id: Uuid, page: IncidentPage) -> Result<Vec<Entry>, Failure> {
        self.0.call(Some(caller), "incidents/entries", &CallBody { about: id, with: page }, READ).await
    }
}
