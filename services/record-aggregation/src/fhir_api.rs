//! The FHIR R4 API: read-only, by patient, under the same decisions as the page. Ids and references are rewritten to ours. Every
//! answer must name the sources that did not answer.

mod capability;
mod parameters;
pub(crate) mod patients;
pub(crate) mod rewrite;
mod sanitise;
pub(crate) mod search;

use axum::{
    Form, Router,
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use lcr_contracts::{Failure, FailureKind};
use lcr_fhir::outcome::outcome;
use lcr_web::{Authenticator, UserCaller, api::FailureForm, problem};
use serde_json::Value;

use crate::{domain::resource_type::ResourceType, service::SharedService};
use parameters::{ignored_parameters, refuse_repeated, self_link};

/// Query or form pairs, in order.
pub type Pairs = Vec<(String, String)>;

/// How a client of this API is refused before its request reaches it.
pub const FAILURES: &[FailureForm] = &[FailureForm { prefix: "/fhir/", answer: |failure| failure_response(&failure) }];

pub fn router(service: SharedService) -> Router {
    Router::new()
        .route("/fhir/R4", get(type_required).fallback(refuse_write))
        .route("/fhir/R4/", get(type_required).fallback(refuse_write))
        .route("/fhir/R4/metadata", get(metadata).fallback(refuse_write))
        .route("/fhir/R4/{kind}", get(search_by_query).fallback(refuse_write))
        .route("/fhir/R4/{kind}/_search", post(search_by_form).fallback(refuse_write))
        .route("/fhir/R4/{kind}/{id}", get(read_by_id).fallback(refuse_write))
        .with_state(service)
}

/// A response in FHIR's media type.
fn fhir_response(status: StatusCode, body: &Value) -> Response {
    (status, [(header::CONTENT_TYPE, "application/fhir+json; fhirVersion=4.0")], body.to_string()).into_response()
}

/// A failure as an `OperationOutcome`.
fn failure_response(failure: &Failure) -> Response {
    let code = match failure.kind {
        FailureKind::BadRequest => "invalid",
        FailureKind::Unauthenticated => "login",
        FailureKind::Forbidden | FailureKind::NoRelationship | FailureKind::Objected => "forbidden",
        FailureKind::NotFound => "not-found",
        FailureKind::Timeout => "timeout",
        FailureKind::TooManyRequests => "throttled",
        FailureKind::MethodNotAllowed => "not-supported",
        FailureKind::Unavailable | FailureKind::CannotRecord | FailureKind::CatchingUp => "transient",
        _ => "exception",
    };
    if failure.kind == FailureKind::Internal {
        tracing::warn!(cause = failure.inward(), "a FHIR request failed");
    }
    let mut response = fhir_response(problem::status(failure.kind), &outcome("error", code, failure.outward()));
    if failure.kind == FailureKind::Unauthenticated {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, header::HeaderValue::from_static("Bearer"));
    }
    if failure.kind == FailureKind::TooManyRequests {
        response.headers_mut().insert(header::RETRY_AFTER, header::HeaderValue::from_static("10"));
    }
    response
}

async fn type_required() -> Response {
    failure_response(&Failure::new(FailureKind::NotFound, "Name a type, or ask for metadata."))
}

async fn refuse_write() -> Response {
    let text = "This record is read-only: change it where it was written.";
    fhir_response(StatusCode::METHOD_NOT_ALLOWED, &outcome("error", "not-supported", text))
}

/// Refuses a format other than JSON.
fn check_format(headers: &HeaderMap, pairs: &Pairs) -> Result<(), Response> {
    let parameter = pairs.iter().find(|(name, _)| name == "_format").map(|(_, value)| value.as_str());
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    let format = parameter.or(accept).unwrap_or("*/*");
    let is_json =
        ["json", "*/*", "application/*", "text/html"].iter().any(|known| format.contains(known)) || format.is_empty();
    if is_json {
        return Ok(());
    }
    Err(fhir_response(StatusCode::NOT_ACCEPTABLE, &outcome("error", "not-supported", "Only JSON is offered.")))
}

/// The caller of a FHIR request: a user with a session, or a client with the scope `fhir.read`.
fn authenticate(authenticator: &Authenticator, headers: &HeaderMap) -> Result<UserCaller, Response> {
    let reader = authenticator.user_caller(headers).map_err(|problem| failure_response(&problem.0))?;
    let can_read = reader.scope.split(' ').any(|scope| matches!(scope, "session" | "fhir.read"));
    if can_read { Ok(reader) } else { Err(failure_response(&Failure::forbidden("This client may not read FHIR."))) }
}

async fn metadata(State(service): State<SharedService>, headers: HeaderMap, Query(pairs): Query<Pairs>) -> Response {
    match check_format(&headers, &pairs) {
        Ok(()) => fhir_response(StatusCode::OK, &capability::capability_statement(service.clock.now())),
        Err(response) => response,
    }
}

async fn search_by_query(
    State(service): State<SharedService>,
    axum::Extension(authenticator): axum::Extension<Authenticator>,
    Path(kind): Path<String>,
    headers: HeaderMap,
    Query(pairs): Query<Pairs>,
) -> Response {
    answer_search(&service, &authenticator, &kind, &headers, &pairs).await.unwrap_or_else(|response| response)
}

async fn search_by_form(
    State(service): State<SharedService>,
    axum::Extension(authenticator): axum::Extension<Authenticator>,
    Path(kind): Path<String>,
    headers: HeaderMap,
    Form(pairs): Form<Pairs>,
) -> Response {
    answer_search(&service, &authenticator, &kind, &headers, &pairs).await.unwrap_or_else(|response| response)
}

async fn answer_search(
    service: &SharedService,
    authenticator: &Authenticator,
    kind: &str,
    headers: &HeaderMap,
    pairs: &Pairs,
) -> Result<Response, Response> {
    check_format(headers, pairs)?;
    let reader = authenticate(authenticator, headers)?;
    let kind = resource_type(kind)?;
    refuse_repeated(kind, pairs).map_err(|failure| failure_response(&failure))?;
    let ignored_note = ignored_parameters(kind, headers, pairs).map_err(|failure| failure_response(&failure))?;
    let found = match kind {
        ResourceType::Patient => patients::search(service, &reader.caller, pairs).await,
        other => search::search_by_patient(service, &reader.caller, other, pairs).await,
    };
    let with_self = |mut bundle: Value| {
        if let Some(note) = &ignored_note {
            search::add_note(&mut bundle, note);
        }
        bundle["link"] = serde_json::json!([{ "relation": "self", "url": self_link(kind, pairs) }]);
        fhir_response(StatusCode::OK, &bundle)
    };
    found.map(with_self).map_err(|failure| failure_response(&failure))
}

async fn read_by_id(
    State(service): State<SharedService>,
    axum::Extension(authenticator): axum::Extension<Authenticator>,
    Path((kind, id)): Path<(String, String)>,
    headers: HeaderMap,
    Query(pairs): Query<Pairs>,
) -> Response {
    let read = async {
        check_format(&headers, &pairs)?;
        let reader = authenticate(&authenticator, &headers)?;
        if resource_type(&kind)? != ResourceType::Patient {
            return Err(failure_response(&Failure::new(
                FailureKind::NotFound,
                "Read this type by patient, with a search.",
            )));
        }
        let found = patients::read(&service, &reader.caller, &id).await;
        found.map(|patient| fhir_response(StatusCode::OK, &patient)).map_err(|failure| failure_response(&failure))
    };
    read.await.unwrap_or_else(|response| response)
}

fn resource_type(kind: &str) -> Result<ResourceType, Response> {
    ResourceType::parse(kind)
        .ok_or_else(|| failure_response(&Failure::new(FailureKind::NotFound, "This type is not offered.")))
}
