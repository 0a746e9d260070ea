//! The routes of consent about decisions. No rule may live here.

use axum::{Json, extract::State};
use lcr_contracts::consent::{Confirm, CountableStay, Decision, DecisionRequest, Explanation};
use lcr_model::PersonId;

use super::{super::CallBody, Answer, Api};
use crate::{ServiceCaller, problem::JsonBody};

pub(super) async fn decide(
    State(api): State<Api>,
    ServiceCaller(from): ServiceCaller,
    JsonBody(ask): JsonBody<DecisionRequest>,
) -> Answer<Decision> {
    Ok(Json(api.decide(&from, ask).await?))
}

pub(super) async fn countable(
    State(api): State<Api>,
    ServiceCaller(from): ServiceCaller,
    JsonBody(ask): JsonBody<DecisionRequest>,
) -> Answer<Vec<CountableStay>> {
    Ok(Json(api.countable(&from, ask).await?))
}

pub(super) async fn confirm(
    State(api): State<Api>,
    ServiceCaller(from): ServiceCaller,
    JsonBody(ask): JsonBody<Confirm>,
) -> Answer<bool> {
    Ok(Json(api.confirm(&from, ask).await?))
}

pub(super) async fn explain(
    State(api): State<Api>,
    ServiceCaller(from): ServiceCaller,
    JsonBody(ask): JsonBody<CallBody<PersonId>>,
) -> Answer<Explanation> {
    Ok(Json(api.explain(&from, ask.about).await?))
}
