//! Choices over HTTP: read, make, withdraw and review. It must never answer before the choice is in force.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use lcr_contracts::{
    Failure,
    choices::{ChoiceStatus, Choices, NewChoice, Receipt, Review, Withdrawal},
};
use lcr_model::PersonId;
use lcr_web::{Problem, UserCaller, extract::Id, problem::JsonBody};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::Api;

pub fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(read, object, withdraw_all))
        .routes(routes!(withdraw))
        .routes(routes!(withdraw_because))
        .routes(routes!(review))
}

/// A person's choices. For the person, their registered practice and reviewers.
#[utoipa::path(get, path = "/v1/people/{id}/opt-out", params(("id" = Uuid, Path)),
    responses((status = 200, description = "choices, newest first", body = Choices)))]
async fn read(State(api): State<Api>, reader: UserCaller, Id(id): Id) -> Result<Json<Choices>, Problem> {
    Ok(Json(api.choices(&reader.caller, PersonId(id)).await?))
}

/// Object to sharing: `direction` (`whole`, `out-of`, `into`), `organisation`, `reason`; all are optional.
#[utoipa::path(post, path = "/v1/people/{id}/opt-out", params(("id" = Uuid, Path)), request_body = NewChoice,
    responses((status = 201, description = "a receipt; the choice is in force", body = Receipt)))]
async fn object(
    State(api): State<Api>,
    reader: UserCaller,
    Id(id): Id,
    JsonBody(new): JsonBody<NewChoice>,
) -> Result<(StatusCode, Json<Receipt>), Problem> {
    Ok((StatusCode::CREATED, Json(api.object(&reader.caller, PersonId(id), new).await?)))
}

#[derive(Serialize, ToSchema)]
struct Receipts {
    receipts: Vec<Receipt>,
}

/// Withdraw every choice in force.
#[utoipa::path(delete, path = "/v1/people/{id}/opt-out", params(("id" = Uuid, Path)),
    responses((status = 200, description = "a receipt for each", body = Receipts)))]
async fn withdraw_all(State(api): State<Api>, reader: UserCaller, Id(id): Id) -> Result<Json<Receipts>, Problem> {
    let person = PersonId(id);
    let current = api.choices(&reader.caller, person).await?;
    if !current.may_change {
        let outward = "Choices are withdrawn by the person themself or their registered practice.";
        return Err(Failure::forbidden(outward).into());
    }
    let mut receipts = Vec::new();
    for choice in current.choices {
        if choice.status.in_force() || choice.status == ChoiceStatus::Requested {
            receipts.push(api.withdraw(&reader.caller, person, choice.id).await?);
        }
    }
    Ok(Json(Receipts { receipts }))
}

/// The ids of a person and a choice in a path. Text that is not an id is "not found".
pub(super) type ChoicePath = Result<Path<(Uuid, Uuid)>, axum::extract::rejection::PathRejection>;

pub(super) fn parse_ids(ids: ChoicePath) -> Result<(PersonId, Uuid), Problem> {
    let Path((person, choice)) = ids.map_err(|_| Failure::not_found())?;
    Ok((PersonId(person), choice))
}

/// Withdraw one choice.
#[utoipa::path(delete, path = "/v1/people/{id}/opt-out/{choice}", params(("id" = Uuid, Path), ("choice" = Uuid, Path)),
    responses((status = 200, description = "a receipt", body = Receipt)))]
async fn withdraw(State(api): State<Api>, reader: UserCaller, ids: ChoicePath) -> Result<Json<Receipt>, Problem> {
    let (person, choice) = parse_ids(ids)?;
    Ok(Json(api.withdraw(&reader.caller, person, choice).await?))
}

/// Withdraw a choice that you recorded for another person, with a `reason`, which the person can read.
#[utoipa::path(post, path = "/v1/people/{id}/opt-out/{choice}/withdraw",
    params(("id" = Uuid, Path), ("choice" = Uuid, Path)), request_body = Withdrawal,
    responses((status = 200, description = "a receipt", body = Receipt)))]
async fn withdraw_because(
    State(api): State<Api>,
    reader: UserCaller,
    ids: ChoicePath,
    JsonBody(withdrawal): JsonBody<Withdrawal>,
) -> Result<Json<Receipt>, Problem> {
    let (person, choice) = parse_ids(ids)?;
    Ok(Json(api.withdraw_because(&reader.caller, person, choice, withdrawal.reason).await?))
}

/// Uphold or refuse a choice, with reasons. For privacy officers and the Caldicott guardian.
#[utoipa::path(post, path = "/v1/people/{id}/opt-out/{choice}/review",
    params(("id" = Uuid, Path), ("choice" = Uuid, Path)), request_body = Review,
    responses((status = 200, description = "a receipt", body = Receipt)))]
async fn review(
    State(api): State<Api>,
    reader: UserCaller,
    ids: ChoicePath,
    JsonBody(review): JsonBody<Review>,
) -> Result<Json<Receipt>, Problem> {
    let (person, choice) = parse_ids(ids)?;
    Ok(Json(api.review(&reader.caller, person, choice, review).await?))
}
