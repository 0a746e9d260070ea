//! The HTTP API of feeds: clients send messages, and authorised users list and replay them. An answer must never contain
//! content of a message.

mod fhir_schema;
mod token;
mod upload;

use std::sync::Arc;

use axum::{
    Extension, Json, Router,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use lcr_hl7::{AckCode, Condition};
use lcr_web::{
    Authenticator, Problem,
    api::serve_api,
    extract::{Id, Params},
    openapi, remote,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use crate::{
    domain::Sender,
    service::{Message, Service, Transport},
    store::message::Query,
};
use fhir_schema::{Bundle, OperationOutcome};
use token::BrowseAccess;
use upload::{LargeBodies, Upload};

pub fn router(service: Service, authenticator: Authenticator) -> Router {
    let documented = OpenApiRouter::new()
        .routes(routes!(hl7v2))
        .routes(routes!(fhir))
        .routes(routes!(messages))
        .routes(routes!(message))
        .routes(routes!(dead_letters))
        .routes(routes!(replay))
        .with_state(service.clone());
    let public = openapi::with_document(documented, "Leeds Care Record: feeds");
    let internal = remote::messages::routes(Arc::new(service));
    let router = public.merge(internal);
    let router = router.layer(Extension(Arc::new(LargeBodies::default())));
    serve_api(router, authenticator)
}

/// Filters of the list, all optional.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Filter {
    /// `accepted`, `dead-letter`, `duplicate`, `refused`, `rejected` or `unreadable`.
    status: Option<String>,
    source: Option<String>,
    control_id: Option<String>,
    /// The id of the previous page's last message.
    before: Option<Uuid>,
    /// 1 to 200; default 50.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u16>,
}

impl From<Filter> for Query {
    fn from(filter: Filter) -> Self {
        let Filter { status, source, control_id, before, limit } = filter;
        Self { status, source, control_id, before, limit }
    }
}

/// One HL7 v2 message, or a batch. The answer holds one acknowledgement per message; the status is the worst of them. The
/// content type is ignored: a body that is not HL7 v2 is rejected.
#[utoipa::path(post, path = "/v1/hl7v2", request_body(content = String, content_type = "application/hl7-v2"),
    responses((status = 200, description = "AA: committed", body = String, content_type = "application/hl7-v2"),
        (status = 422, description = "AE: the sender must correct it",
            body = String, content_type = "application/hl7-v2"),
        (status = 400, description = "AR: not HL7 v2, or a version that is not accepted",
            body = String, content_type = "application/hl7-v2"),
        (status = 403, description = "AR: unknown or suspended sender, or not live yet",
            body = String, content_type = "application/hl7-v2"),
        (status = 503, description = "AR: not stored, send it again",
            body = String, content_type = "application/hl7-v2")))]
async fn hl7v2(State(service): State<Service>, Upload { caller, body, .. }: Upload) -> Result<Response, Problem> {
    let reply = service.ingest_body(&body, Transport::Http, &Sender::from(&caller)).await;
    let status = match (reply.code, reply.condition) {
        (AckCode::Aa, _) => StatusCode::OK,
        (AckCode::Ae, _) => StatusCode::UNPROCESSABLE_ENTITY,
        (AckCode::Ar, Some(Condition::UnknownKey)) => StatusCode::FORBIDDEN,
        (AckCode::Ar, Some(Condition::Internal)) => StatusCode::SERVICE_UNAVAILABLE,
        (AckCode::Ar, _) => StatusCode::BAD_REQUEST,
    };
    Ok((status, [(header::CONTENT_TYPE, "application/hl7-v2")], reply.bytes).into_response())
}

/// A FHIR R4 Bundle. The header `x-lcr-source` names the source; without it the Bundle does.
#[utoipa::path(post, path = "/v1/fhir", request_body(content = Bundle, content_type = "application/fhir+json"),
    params(("x-lcr-source" = Option<String>, Header, description = "the source's id in the registry")),
    responses((status = 200, description = "an OperationOutcome with the message's id",
        body = OperationOutcome, content_type = "application/fhir+json")))]
async fn fhir(
    State(service): State<Service>,
    headers: HeaderMap,
    Upload { caller, body, .. }: Upload,
) -> Result<Response, Problem> {
    let source = headers.get("x-lcr-source").and_then(|value| value.to_str().ok()).map(str::to_owned);
    let outcome = service.ingest_bundle(&body, source, &Sender::from(&caller)).await?;
    Ok(([(header::CONTENT_TYPE, "application/fhir+json")], outcome.to_string()).into_response())
}

#[derive(Serialize, ToSchema)]
struct Messages {
    messages: Vec<Message>,
}

/// Received messages, newest first, without their content.
#[utoipa::path(get, path = "/v1/messages", params(Filter),
    responses((status = 200, description = "messages", body = Messages)))]
async fn messages(
    State(service): State<Service>,
    BrowseAccess(browser): BrowseAccess,
    Params(filter): Params<Filter>,
) -> Result<Json<Messages>, Problem> {
    Ok(Json(Messages { messages: service.messages(&browser, &filter.into()).await? }))
}

/// One message: its outcome, and where it failed.
#[utoipa::path(get, path = "/v1/messages/{id}", params(("id" = Uuid, Path)),
    responses((status = 200, description = "the message", body = Message)))]
async fn message(
    State(service): State<Service>,
    BrowseAccess(browser): BrowseAccess,
    Id(id): Id,
) -> Result<Json<Message>, Problem> {
    Ok(Json(service.message(&browser, id).await?))
}

#[derive(Serialize, ToSchema)]
struct DeadLetters {
    dead_letters: Vec<Message>,
}

/// Accepted messages that could not be processed yet.
#[utoipa::path(get, path = "/v1/dead-letters", params(Filter),
    responses((status = 200, description = "dead letters", body = DeadLetters)))]
async fn dead_letters(
    State(service): State<Service>,
    BrowseAccess(browser): BrowseAccess,
    Params(filter): Params<Filter>,
) -> Result<Json<DeadLetters>, Problem> {
    let query = Query { status: Some("dead-letter".to_owned()), ..filter.into() };
    Ok(Json(DeadLetters { dead_letters: service.messages(&browser, &query).await? }))
}

/// Processes a waiting message again, with the current rules and registry.
#[utoipa::path(post, path = "/v1/dead-letters/{id}/replay", params(("id" = Uuid, Path)),
    responses((status = 200, description = "the message after the replay", body = Message),
        (status = 409, description = "the message is not waiting")))]
async fn replay(
    State(service): State<Service>,
    BrowseAccess(browser): BrowseAccess,
    Id(id): Id,
) -> Result<Json<Message>, Problem> {
    Ok(Json(service.replay(&browser, id).await?))
}
