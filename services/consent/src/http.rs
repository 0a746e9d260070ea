//! Consent over HTTP. Only `/internal` returns permits. The public call explains a decision and must never grant one.

mod choices;
mod claims;

use std::sync::Arc;

use axum::{Json, Router, extract::State};
use lcr_contracts::{Consent, consent::Explanation};
use lcr_model::PersonId;
use lcr_web::{Authenticator, Problem, UserCaller, api::serve_api, openapi, problem::JsonBody, remote};
use serde::Deserialize;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

type Api = Arc<dyn Consent>;

pub fn router(api: Api, authenticator: Authenticator) -> Router {
    let documented = OpenApiRouter::new()
        .routes(routes!(explain))
        .merge(choices::routes())
        .merge(claims::routes())
        .with_state(api.clone());
    let public = openapi::with_document(documented, "Leeds Care Record: consent");
    let internal = remote::consent::routes(api);
    let router = public.merge(internal);
    serve_api(router, authenticator)
}

/// The person.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct About {
    person: Uuid,
}

/// Whether you may open a person's record, and why. Grants nothing.
#[utoipa::path(post, path = "/v1/decisions", request_body = About,
    responses((status = 200, description = "the decision that would be made", body = Explanation)))]
async fn explain(
    State(api): State<Api>,
    reader: UserCaller,
    JsonBody(about): JsonBody<About>,
) -> Result<Json<Explanation>, Problem> {
    Ok(Json(api.explain(&reader.caller, PersonId(about.person)).await?))
}
