//! The routes of audit about incidents. No rule may live here.

use axum::{Json, extract::State};
use lcr_contracts::{
    audit::{Entry, IncidentPage},
    incidents::{Incident, IncidentList, NewIncident},
};
use lcr_model::OdsCode;
use uuid::Uuid;

use super::{Answer, Api};
use crate::{ServiceCaller, problem::JsonBody, remote::CallBody};

pub(super) async fn incidents(State(api): State<Api>, ServiceCaller(from): ServiceCaller) -> Answer<IncidentList> {
    Ok(Json(api.incidents(&from).await?))
}

pub(super) async fn incident(
    State(api): State<Api>,
    ServiceCaller(from): ServiceCaller,
    JsonBody(id): JsonBody<Uuid>,
) -> Answer<Incident> {
    Ok(Json(api.incident(&from, id).await?))
}

pub(super) async fn open_incident(
    State(api): State<Api>,
    ServiceCaller(from): ServiceCaller,
    JsonBody(new): JsonBody<NewIncident>,
) -> Answer<Incident> {
    Ok(Json(api.open_incident(&from, new).await?))
}

pub(super) async fn share_incident(
    State(api): State<Api>,
    ServiceCaller(from): ServiceCaller,
    JsonBody(ask): JsonBody<CallBody<Uuid, OdsCode>>,
) -> Answer<()> {
    api.share_incident(&from, ask.about, ask.with).await?;
    Ok(Json(()))
}

pub(super) async fn end_incident_share(
    State(api): State<Api>,
    ServiceCaller(from): ServiceCaller,
    JsonBody(ask): JsonBody<CallBody<Uuid, OdsCode>>,
) -> Answer<()> {
    api.end_incident_share(&from, ask.about, ask.with).await?;
    Ok(Json(()))
}

pub(super) async fn close_incident(
    State(api): State<Api>,
    ServiceCaller(from): ServiceCaller,
    JsonBody(id): JsonBody<Uuid>,
) -> Answer<()> {
    api.close_incident(&from, id).await?;
    Ok(Json(()))
}

pub(super) async fn incident_entries(
    State(api): State<Api>,
    ServiceCaller(from): ServiceCaller,
    JsonBody(ask): JsonBody<CallBody<Uuid, IncidentPage>>,
) -> Answer<Vec<Entry>> {
    Ok(Json(api.incident_entries(&from, ask.about, ask.with).await?))
}
