//! Claims over HTTP: make one, override a refusal, list and review them, and read the rules. It must never answer before the
//! claim is in force.

use axum::{Json, extract::State, http::StatusCode};
use lcr_contracts::{
    claims::{AccessRules, ClaimList, ClaimReceipt, ClaimReview, NewClaim, NewOverride},
    consent::Explanation,
};
use lcr_model::PersonId;
use lcr_web::{Problem, UserCaller, extract::Id, problem::JsonBody};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    Api,
    choices::{ChoicePath, parse_ids},
};

pub fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(relationships, claim))
        .routes(routes!(override_refusal))
        .routes(routes!(end_override))
        .routes(routes!(list))
        .routes(routes!(review))
        .routes(routes!(rules))
}

/// The caller's relationships with the person, and what they would allow. Grants nothing.
#[utoipa::path(get, path = "/v1/people/{id}/relationships", params(("id" = Uuid, Path)),
    responses((status = 200, description = "the caller's relationships", body = Explanation)))]
async fn relationships(State(api): State<Api>, reader: UserCaller, Id(id): Id) -> Result<Json<Explanation>, Problem> {
    Ok(Json(api.explain(&reader.caller, PersonId(id)).await?))
}

/// Say why you are involved with a person, if no recorded link opens their record. It ends after 24 hours, and your
/// privacy officer reviews it.
#[utoipa::path(post, path = "/v1/people/{id}/relationships", params(("id" = Uuid, Path)), request_body = NewClaim,
    responses((status = 201, description = "the claim is in force", body = ClaimReceipt)))]
async fn claim(
    State(api): State<Api>,
    reader: UserCaller,
    Id(id): Id,
    JsonBody(new): JsonBody<NewClaim>,
) -> Result<(StatusCode, Json<ClaimReceipt>), Problem> {
    Ok((StatusCode::CREATED, Json(api.claim(&reader.caller, PersonId(id), new).await?)))
}

/// Override a refusal in an emergency, for 30 minutes, if the deployment allows it. It needs a sign-in in the portal just
/// before: a bearer token alone is refused.
#[utoipa::path(post, path = "/v1/people/{id}/overrides", params(("id" = Uuid, Path)), request_body = NewOverride,
    responses((status = 201, description = "the override is in force", body = ClaimReceipt)))]
async fn override_refusal(
    State(api): State<Api>,
    reader: UserCaller,
    Id(id): Id,
    JsonBody(new): JsonBody<NewOverride>,
) -> Result<(StatusCode, Json<ClaimReceipt>), Problem> {
    let receipt = api.override_refusal(&reader.caller, PersonId(id), new, None).await?;
    Ok((StatusCode::CREATED, Json(receipt)))
}

/// End your own override before its 30 minutes are over.
#[utoipa::path(post, path = "/v1/people/{id}/overrides/{claim}/end",
    params(("id" = Uuid, Path), ("claim" = Uuid, Path)),
    responses((status = 204, description = "the override has ended")))]
async fn end_override(State(api): State<Api>, reader: UserCaller, ids: ChoicePath) -> Result<StatusCode, Problem> {
    let (person, claim) = parse_ids(ids)?;
    api.end_override(&reader.caller, person, claim).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The claims and overrides by staff of your organisation. For privacy officers and the Caldicott guardian.
#[utoipa::path(get, path = "/v1/claims",
    responses((status = 200, description = "those that wait, then those reviewed", body = ClaimList)))]
async fn list(State(api): State<Api>, reader: UserCaller) -> Result<Json<ClaimList>, Problem> {
    Ok(Json(api.claims(&reader.caller).await?))
}

/// Judge a claim. One that was not justified ends at once. For privacy officers and the Caldicott guardian.
#[utoipa::path(post, path = "/v1/claims/{id}/review", params(("id" = Uuid, Path)), request_body = ClaimReview,
    responses((status = 204, description = "the review is in force")))]
async fn review(
    State(api): State<Api>,
    reader: UserCaller,
    Id(id): Id,
    JsonBody(review): JsonBody<ClaimReview>,
) -> Result<StatusCode, Problem> {
    api.review_claim(&reader.caller, id, review).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The access rules in force: what each role sees, and which relationships open a record to it.
#[utoipa::path(get, path = "/v1/rules", responses((status = 200, description = "the rules", body = AccessRules)))]
async fn rules(State(api): State<Api>, _: UserCaller) -> Result<Json<AccessRules>, Problem> {
    Ok(Json(api.rules().await?))
}
