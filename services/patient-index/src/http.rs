//! Patient-index over HTTP. Search is a POST, because search text must never be in a URL. Only record-aggregation may
//! resolve.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Query, State},
    http::StatusCode,
};
use lcr_contracts::{
    PatientIndex,
    patient_index::{DecideReview, Identifier, PatientSummary, ReviewPage, SearchAnswer, SearchQuery},
};
use lcr_model::{PersonId, ViewId};
use lcr_web::{Authenticator, Problem, UserCaller, api::serve_api, extract::Id, openapi, problem::JsonBody, remote};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

type Api = Arc<dyn PatientIndex>;

pub fn router(api: Api, authenticator: Authenticator) -> Router {
    let documented = OpenApiRouter::new()
        .routes(routes!(search))
        .routes(routes!(search_by_get))
        .routes(routes!(own))
        .routes(routes!(person))
        .routes(routes!(identifiers))
        .routes(routes!(reviews))
        .routes(routes!(decide_review))
        .with_state(api.clone());
    let public = openapi::with_document(documented, "Leeds Care Record: patient-index");
    let internal = remote::patient_index::routes(api);
    let router = public.merge(internal);
    serve_api(router, authenticator)
}

/// Find people: `nhs_number`; `family`, `given`, `birth_date`; `postcode`; or all in one box `q`.
#[utoipa::path(post, path = "/v1/people/search", request_body = SearchQuery,
    responses((status = 200, description = "people found, at most 20", body = SearchAnswer)))]
async fn search(
    State(api): State<Api>,
    reader: UserCaller,
    JsonBody(query): JsonBody<SearchQuery>,
) -> Result<Json<SearchAnswer>, Problem> {
    Ok(Json(api.search(&reader.caller, query).await?))
}

/// Search by query string, for clients that cannot POST. Prefer POST, because URLs end up in logs.
#[utoipa::path(get, path = "/v1/people", params(SearchQuery),
    responses((status = 200, description = "people found, at most 20", body = SearchAnswer)))]
async fn search_by_get(
    State(api): State<Api>,
    reader: UserCaller,
    query: Result<Query<SearchQuery>, axum::extract::rejection::QueryRejection>,
) -> Result<Json<SearchAnswer>, Problem> {
    let Query(query) =
        query.map_err(|_| lcr_contracts::Failure::bad_request("The query has a name this call does not take."))?;
    Ok(Json(api.search(&reader.caller, query).await?))
}

#[derive(Serialize, ToSchema)]
struct OwnPerson {
    id: Option<PersonId>,
}

/// The person a signed-in patient is; `null` until their sign-in is linked.
#[utoipa::path(get, path = "/v1/people/own", responses((status = 200, description = "the person's id", body = OwnPerson)))]
async fn own(State(api): State<Api>, reader: UserCaller) -> Result<Json<OwnPerson>, Problem> {
    Ok(Json(OwnPerson { id: api.own(&reader.caller).await? }))
}

/// One person's summary: name, birth date, sex and NHS number.
#[utoipa::path(get, path = "/v1/people/{id}", params(("id" = Uuid, Path)),
    responses((status = 200, description = "the summary", body = PatientSummary)))]
async fn person(State(api): State<Api>, reader: UserCaller, Id(id): Id) -> Result<Json<PatientSummary>, Problem> {
    Ok(Json(api.summary(&reader.caller, PersonId(id), ViewId::new()).await?))
}

#[derive(Serialize, ToSchema)]
struct Identifiers {
    identifiers: Vec<Identifier>,
}

/// The sources that know a person, and why they are linked. For data stewards.
#[utoipa::path(get, path = "/v1/people/{id}/identifiers", params(("id" = Uuid, Path)),
    responses((status = 200, description = "identities", body = Identifiers)))]
async fn identifiers(State(api): State<Api>, reader: UserCaller, Id(id): Id) -> Result<Json<Identifiers>, Problem> {
    Ok(Json(Identifiers { identifiers: api.identifiers(&reader.caller, PersonId(id)).await? }))
}

/// The position of a page of reviews.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Page {
    /// The previous page's last review.
    after: Option<Uuid>,
}

/// Reviews of records that share an NHS number and may belong to two people, oldest first. For data stewards.
#[utoipa::path(get, path = "/v1/reviews", params(Page),
    responses((status = 200, description = "open reviews", body = ReviewPage)))]
async fn reviews(
    State(api): State<Api>,
    reader: UserCaller,
    query: Result<Query<Page>, axum::extract::rejection::QueryRejection>,
) -> Result<Json<ReviewPage>, Problem> {
    let Query(page) = query.map_err(|_| lcr_contracts::Failure::bad_request("That page of reviews is not known."))?;
    Ok(Json(api.reviews(&reader.caller, page.after).await?))
}

/// Decides whether the two records belong to one person: `decision` is `link` or `separate`, with a `reason`.
#[utoipa::path(post, path = "/v1/reviews/{id}", params(("id" = Uuid, Path)), request_body = DecideReview,
    responses((status = 204, description = "decided")))]
async fn decide_review(
    State(api): State<Api>,
    reader: UserCaller,
    Id(id): Id,
    JsonBody(decision): JsonBody<DecideReview>,
) -> Result<StatusCode, Problem> {
    api.decide_review(&reader.caller, id, decision).await?;
    Ok(StatusCode::NO_CONTENT)
}
