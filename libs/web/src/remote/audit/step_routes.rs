//! The routes of audit by which consent reads its own acts again. No rule may live here.

use axum::{Json, extract::State};
use lcr_contracts::{Failure, audit::OpenEntry};
use lcr_model::ServiceName;
use uuid::Uuid;

use super::{Answer, Api};
use crate::{auth::ServiceOnly, problem::JsonBody};

pub(super) async fn choice_steps(
    State(api): State<Api>,
    ServiceOnly(from): ServiceOnly,
    JsonBody(after): JsonBody<Uuid>,
) -> Answer<Vec<OpenEntry>> {
    if from != ServiceName::Consent {
        return Err(Failure::forbidden("Only consent compares choices.").into());
    }
    Ok(Json(api.choice_steps(after).await?))
}

pub(super) async fn claim_steps(
    State(api): State<Api>,
    ServiceOnly(from): ServiceOnly,
    JsonBody(after): JsonBody<Uuid>,
) -> Answer<Vec<OpenEntry>> {
    if from != ServiceName::Consent {
        return Err(Failure::forbidden("Only consent compares claims.").into());
    }
    Ok(Json(api.claim_steps(after).await?))
}
