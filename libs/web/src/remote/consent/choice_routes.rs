//! The routes of consent about choices. No rule may live here.

use axum::{Json, extract::State};
use lcr_contracts::choices::{Choices, NewChoice, Receipt, Review, WaitingCount, WaitingList};
use lcr_model::PersonId;
use uuid::Uuid;

use super::{Answer, Api};
use crate::{ServiceCaller, problem::JsonBody, remote::CallBody};

pub(super) async fn choices(
    State(api): State<Api>,
    ServiceCaller(from): ServiceCaller,
    JsonBody(ask): JsonBody<CallBody<PersonId>>,
) -> Answer<Choices> {
    Ok(Json(api.choices(&from, ask.about).await?))
}

pub(super) async fn object(
    State(api): State<Api>,
    ServiceCaller(from): ServiceCaller,
    JsonBody(ask): JsonBody<CallBody<PersonId, NewChoice>>,
) -> Answer<Receipt> {
    Ok(Json(api.object(&from, ask.about, ask.with).await?))
}

pub(super) async fn withdraw(
    State(api): State<Api>,
    ServiceCaller(from): ServiceCaller,
    JsonBody(ask): JsonBody<CallBody<(PersonId, Uuid), Option<String>>>,
) -> Answer<Receipt> {
    Ok(Json(api.withdraw_because(&from, ask.about.0, ask.about.1, ask.with).await?))
}

pub(super) async fn review(
    State(api): State<Api>,
    ServiceCaller(from): ServiceCaller,
    JsonBody(ask): JsonBody<CallBody<(PersonId, Uuid), Review>>,
) -> Answer<Receipt> {
    Ok(Json(api.review(&from, ask.about.0, ask.about.1, ask.with).await?))
}

pub(super) async fn waiting_objections(
    State(api): State<Api>,
    ServiceCaller(from): ServiceCaller,
) -> Answer<WaitingList> {
    Ok(Json(api.waiting_objections(&from).await?))
}

pub(super) async fn count_waiting_objections(
    State(api): State<Api>,
    ServiceCaller(from): ServiceCaller,
) -> Answer<WaitingCount> {
    Ok(Json(api.count_waiting_objections(&from).await?))
}
