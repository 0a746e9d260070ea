//! SCIM 2.0 over HTTP, for the directories of organisations. A client sees and changes only the people of the
//! organisation that its token belongs to.

mod answer;
mod client;

use std::{num::NonZeroU32, sync::Arc};

use axum::{
    Router,
    extract::{DefaultBodyLimit, Path, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use lcr_model::OdsCode;
use lcr_web::{api::FailureForm, rate_limit::RateLimits};
use serde_json::Value;

use super::SharedService;
use crate::people::scim::{ScimError, groups, project, schemas, to_list, users};
use answer::{Problem, conditional, created, json_answer, resource};
use client::{Body, Client, Query};

/// The largest body.
const MAX_BODY_BYTES: usize = 1 << 20;
/// The requests of one organisation in a minute.
const PER_MINUTE: NonZeroU32 = NonZeroU32::MIN.saturating_add(1199);

/// What the handlers share.
#[derive(Clone)]
struct Scim {
    service: SharedService,
    limits: Arc<RateLimits<OdsCode>>,
}

type Answer = Result<Response, Problem>;

/// How a client is refused before its request reaches these routes.
pub const FAILURES: &[FailureForm] =
    &[FailureForm { prefix: "/scim/", answer: |failure| Problem(failure.into()).into_response() }];

pub fn routes(service: SharedService) -> Router {
    let limits = Arc::new(RateLimits::a_minute(PER_MINUTE, PER_MINUTE));
    Router::new()
        .route("/scim/v2/ServiceProviderConfig", get(configuration))
        .route("/scim/v2/ResourceTypes", get(resource_types))
        .route("/scim/v2/ResourceTypes/{id}", get(resource_type))
        .route("/scim/v2/Schemas", get(schema_list))
        .route("/scim/v2/Schemas/{id}", get(schema))
        .route("/scim/v2/Users", get(list_users).post(create_user))
        .route("/scim/v2/Users/{id}", get(get_user).put(replace_user).patch(change_user).delete(delete_user))
        .route("/scim/v2/Groups", get(list_groups).post(create_group))
        .route("/scim/v2/Groups/{id}", get(get_group).put(replace_group).patch(change_group).delete(delete_group))
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .with_state(Scim { service, limits })
}

fn if_match(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::IF_MATCH).and_then(|value| value.to_str().ok())
}

fn listed(resources: Vec<Value>) -> Response {
    let total = u64::try_from(resources.len()).unwrap_or(u64::MAX);
    json_answer(StatusCode::OK, &to_list(resources, total, 0))
}

fn with_id(resources: Vec<Value>, id: &str) -> Answer {
    let found = resources.into_iter().find(|one| one.get("id").and_then(Value::as_str) == Some(id));
    Ok(json_answer(StatusCode::OK, &found.ok_or_else(ScimError::not_found)?))
}

async fn configuration(State(scim): State<Scim>, _: Client) -> Response {
    json_answer(StatusCode::OK, &schemas::service_provider_config(&scim.service.public_origin))
}

async fn resource_types(State(scim): State<Scim>, _: Client) -> Response {
    listed(schemas::resource_types(&scim.service.public_origin))
}

async fn resource_type(State(scim): State<Scim>, _: Client, Path(id): Path<String>) -> Answer {
    with_id(schemas::resource_types(&scim.service.public_origin), &id)
}

async fn schema_list(State(scim): State<Scim>, _: Client) -> Response {
    listed(schemas::schemas(&scim.service.public_origin))
}

async fn schema(State(scim): State<Scim>, _: Client, Path(id): Path<String>) -> Answer {
    with_id(schemas::schemas(&scim.service.public_origin), &id)
}

/// Projects each resource of a list's answer.
fn projected(mut list: Value, query: &Query) -> Response {
    for one in list.get_mut("Resources").and_then(Value::as_array_mut).into_iter().flatten() {
        project(one, query.attributes.as_deref(), query.excluded_attributes.as_deref());
    }
    json_answer(StatusCode::OK, &list)
}

async fn list_users(State(scim): State<Scim>, client: Client, query: Query) -> Answer {
    Ok(projected(users::list(&scim.service, &client.org, &query.list()).await?, &query))
}

async fn create_user(State(scim): State<Scim>, client: Client, Body(body): Body) -> Answer {
    Ok(created(users::create(&scim.service, &client.org, &body).await?))
}

async fn get_user(
    State(scim): State<Scim>,
    client: Client,
    Path(id): Path<String>,
    query: Query,
    headers: HeaderMap,
) -> Answer {
    Ok(conditional(&headers, users::get(&scim.service, &client.org, &id).await?, &query))
}

async fn replace_user(
    State(scim): State<Scim>,
    client: Client,
    Path(id): Path<String>,
    headers: HeaderMap,
    Body(body): Body,
) -> Answer {
    let answer = users::replace(&scim.service, (&client.org, &id), &body, if_match(&headers)).await?;
    Ok(resource(StatusCode::OK, answer))
}

async fn change_user(
    State(scim): State<Scim>,
    client: Client,
    Path(id): Path<String>,
    headers: HeaderMap,
    Body(body): Body,
) -> Answer {
    let answer = users::change(&scim.service, (&client.org, &id), &body, if_match(&headers)).await?;
    Ok(resource(StatusCode::OK, answer))
}

async fn delete_user(State(scim): State<Scim>, client: Client, Path(id): Path<String>, headers: HeaderMap) -> Answer {
    users::delete(&scim.service, (&client.org, &id), if_match(&headers)).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

async fn list_groups(State(scim): State<Scim>, client: Client, query: Query) -> Answer {
    let list = groups::list(&scim.service, &client.org, &query.list(), query.wants("members")).await?;
    Ok(projected(list, &query))
}

async fn create_group(State(scim): State<Scim>, client: Client, Body(body): Body) -> Answer {
    Ok(created(groups::create(&scim.service, &client.org, &body).await?))
}

async fn get_group(
    State(scim): State<Scim>,
    client: Client,
    Path(id): Path<String>,
    query: Query,
    headers: HeaderMap,
) -> Answer {
    Ok(conditional(&headers, groups::get(&scim.service, &client.org, &id).await?, &query))
}

async fn replace_group(
    State(scim): State<Scim>,
    client: Client,
    Path(id): Path<String>,
    headers: HeaderMap,
    Body(body): Body,
) -> Answer {
    let answer = groups::replace(&scim.service, (&client.org, &id), &body, if_match(&headers)).await?;
    Ok(resource(StatusCode::OK, answer))
}

async fn change_group(
    State(scim): State<Scim>,
    client: Client,
    Path(id): Path<String>,
    headers: HeaderMap,
    Body(body): Body,
) -> Answer {
    let answer = groups::change(&scim.service, (&client.org, &id), &body, if_match(&headers)).await?;
    Ok(resource(StatusCode::OK, answer))
}

async fn delete_group(State(scim): State<Scim>, client: Client, Path(id): Path<String>, headers: HeaderMap) -> Answer {
    groups::delete(&scim.service, (&client.org, &id), if_match(&headers)).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
