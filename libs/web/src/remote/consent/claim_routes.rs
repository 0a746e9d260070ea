//! The routes of consent about claims and overrides. No rule may live here.

use axum::{Json, extract::State};
use jiff::Timestamp;
use lcr_contracts::claims::{ClaimCount, ClaimList, ClaimReceipt, ClaimReview, NewClaim, NewOverride};
use lcr_model::PersonId;
use uuid::Uuid;

use super::{Answer, Api};
use crate::{ServiceCaller, problem::JsonBody, remote::CallBody};

pub(super) async fn claim(
    State(api): State<Api>,
    ServiceCaller(from): ServiceCaller,
    JsonBody(ask): JsonBody<CallBody<PersonId, NewClaim>>,
) -> Answer<ClaimReceipt> {
    Ok(Json(api.claim(&from, ask.about, ask.with).await?))
}

pub(super) async fn override_refusal(
    State(api): State<Api>,
    ServiceCaller(from): ServiceCaller,
    JsonBody(ask): JsonBody<CallBody<PersonId, (NewOverride, Option<Timestamp>)>>,
) -> Answer<ClaimReceipt> {
    let (new, signed_in_at) = ask.with;
    Ok(Json(api.override_refusal(&from, ask.about, new, signed_in_at).await?))
}

pub(super) async fn end_override(
    State(api): State<Api>,
    ServiceCaller(from): ServiceCaller,
    JsonBody(ask): JsonBody<CallBody<PersonId, Uuid>>,
) -> Answer<()> {
    api.end_override(&from, ask.about, ask.with).await?;
    Ok(Json(()))
}

pub(super) async fn record_launch(
    State(api): State<Api>,
    ServiceCaller(from): ServiceCaller,
    JsonBody(ask): JsonBody<CallBody<PersonId>>,
) -> Answer<ClaimReceipt> {
    Ok(Json(api.record_launch(&from, ask.about).await?))
}

pub(super) async fn claims(State(api): State<Api>, ServiceCaller(from): ServiceCaller) -> Answer<ClaimList> {
    Ok(Json(api.claims(&from).await?))
}

pub(super) async fn count_claims(State(api): State<Api>, ServiceCaller(from): ServiceCaller) -> Answer<ClaimCount> {
    Ok(Json(api.count_claims(&from).await?))
}

pub(super) async fn review_claim(
    State(api): State<Api>,
    ServiceCaller(from): ServiceCaller,
    JsonBody(ask): JsonBody<CallBody<Uuid, ClaimReview>>,
) -> Answer<()> {
    api.review_claim(&from, ask.about, ask.with).await?;
    Ok(Json(()))
}
