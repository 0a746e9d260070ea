//! The FHIR R4 facade: read-only, by patient, under the same decisions, permits and entries as the page.
//! Ids are ours; a source's own references are rewritten to them. What did not answer is named in every answer.

mod capability;
mod clean;
pub(crate) mod patients;
pub(crate) mod rewrite;
pub(crate) mod search;

use std::collections::HashSet;

use axum::{
    Form, Router,
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use lcr_contracts::{Failure, Kind as FailureKind};
use lcr_fhir::outcome::outcome;
use lcr_web::{Gate, Reader, problem};
use serde_json::Value;

use crate::{domain::kind::Kind, service::Shared};

/// Query or form pairs, in order.
pub type Pairs = Vec<(String, String)>;

pub fn router(service: Shared) -> Router {
    Router::new()
        .route("/fhir/R4", get(no_such_type).fallback(refuse_writing))
        .route("/fhir/R4/", get(no_such_type).fallback(refuse_writing))
        .route("/fhir/R4/metadata", get(metadata).fallback(refuse_writing))
        .route("/fhir/R4/{kind}", get(by_query).fallback(refuse_writing))
        .route("/fhir/R4/{kind}/_search", post(by_form).fallback(refuse_writing))
        .route("/fhir/R4/{kind}/{id}", get(read_one).fallback(refuse_writing))
        .with_state(service)
}

/// An answer in FHIR's own media type.
fn fhir(status: StatusCode, body: &Value) -> Response {
    (status, [(header::CONTENT_TYPE, "application/fhir+json; fhirVersion=4.0")], body.to_string())
        .into_response()
}

/// A failure as an `OperationOutcome`.
fn failed(failure: &Failure) -> Response {
    let code = match failure.kind {
        FailureKind::BadRequest => "invalid",
        FailureKind::Unauthenticated => "login",
        FailureKind::Forbidden | FailureKind::NoRelationship | FailureKind::Objected => "forbidden",
        FailureKind::NotFound => "not-found",
        FailureKind::Timeout => "timeout",
        FailureKind::Unavailable | FailureKind::CannotRecord | FailureKind::CatchingUp => "transient",
        _ => "exception",
    };
    if failure.kind == FailureKind::Internal {
        tracing::warn!(cause = failure.inward(), "the facade failed");
    }
    let mut response = fhir(problem::status(failure.kind), &outcome("error", code, failure.outward()));
    if failure.kind == FailureKind::Unauthenticated {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, header::HeaderValue::from_static("Bearer"));
    }
    response
}

async fn no_such_type() -> Response {
    failed(&Failure::new(FailureKind::NotFound, "Name a type, or ask for metadata."))
}

async fn refuse_writing() -> Response {
    let words = "This record is read-only: change it where it was written.";
    fhir(StatusCode::METHOD_NOT_ALLOWED, &outcome("error", "not-supported", words))
}

/// Whether the asked format is one we speak.
fn acceptable(headers: &HeaderMap, pairs: &Pairs) -> Result<(), Response> {
    let asked = pairs.iter().find(|(name, _)| name == "_format").map(|(_, value)| value.as_str());
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    let asked = asked.or(accept).unwrap_or("*/*");
    let known = ["json", "*/*", "application/*", "text/html"].iter().any(|one| asked.contains(one))
        || asked.is_empty();
    if known {
        return Ok(());
    }
    Err(fhir(StatusCode::NOT_ACCEPTABLE, &outcome("error", "not-supported", "Only JSON is offered.")))
}

/// The reader of a FHIR call: a person's session, or a client that may read FHIR.
fn reader(gate: &Gate, headers: &HeaderMap) -> Result<Reader, Response> {
    let reader = gate.reader(headers).map_err(|problem| failed(&problem.0))?;
    let may = reader.scope.split(' ').any(|scope| matches!(scope, "session" | "fhir.read"));
    if may { Ok(reader) } else { Err(failed(&Failure::forbidden("This client may not read FHIR."))) }
}

async fn metadata(State(service): State<Shared>, headers: HeaderMap, Query(pairs): Query<Pairs>) -> Response {
    match acceptable(&headers, &pairs) {
        Ok(()) => fhir(StatusCode::OK, &capability::statement(service.clock.now())),
        Err(response) => response,
    }
}

async fn by_query(
    State(service): State<Shared>,
    axum::Extension(gate): axum::Extension<Gate>,
    Path(kind): Path<String>,
    headers: HeaderMap,
    Query(pairs): Query<Pairs>,
) -> Response {
    answer(&service, &gate, &kind, &headers, &pairs).await.unwrap_or_else(|response| response)
}

async fn by_form(
    State(service): State<Shared>,
    axum::Extension(gate): axum::Extension<Gate>,
    Path(kind): Path<String>,
    headers: HeaderMap,
    Form(pairs): Form<Pairs>,
) -> Response {
    answer(&service, &gate, &kind, &headers, &pairs).await.unwrap_or_else(|response| response)
}

async fn answer(
    service: &Shared,
    gate: &Gate,
    kind: &str,
    headers: &HeaderMap,
    pairs: &Pairs,
) -> Result<Response, Response> {
    acceptable(headers, pairs)?;
    let reader = reader(gate, headers)?;
    let kind = known(kind)?;
    one_of_each(kind, pairs).map_err(|failure| failed(&failure))?;
    let ignored = not_applied(kind, headers, pairs).map_err(|failure| failed(&failure))?;
    let found = match kind {
        Kind::Patient => patients::search(service, &reader.caller, pairs).await,
        other => search::by_patient(service, &reader.caller, other, pairs).await,
    };
    let with_self = |mut bundle: Value| {
        if let Some(words) = &ignored {
            search::note(&mut bundle, words);
        }
        bundle["link"] = serde_json::json!([{ "relation": "self", "url": self_link(kind, pairs) }]);
        fhir(StatusCode::OK, &bundle)
    };
    found.map(with_self).map_err(|failure| failed(&failure))
}

/// Whether a search parameter is one we apply; `_format` and `_count` ask for nothing we must do.
fn applies(kind: Kind, name: &str) -> bool {
    let name = name.split(':').next().unwrap_or_default();
    match kind {
        Kind::Patient => {
            matches!(name, "identifier" | "family" | "given" | "birthdate" | "address-postalcode" | "_id")
        }
        _ => matches!(name, "patient" | "subject"),
    }
}

/// The most parameters of one search.
const PARAMETERS: usize = 50;

/// A search parameter that we apply stands once: what two of them mean together we do not offer.
fn one_of_each(kind: Kind, pairs: &Pairs) -> Result<(), Failure> {
    if pairs.len() > PARAMETERS {
        return Err(Failure::bad_request(format!("A search has at most {PARAMETERS} parameters.")));
    }
    let mut seen = HashSet::new();
    let mut applied = pairs.iter().map(|(name, _)| name.as_str()).filter(|name| applies(kind, name));
    // `subject` and `patient` are one parameter under two names.
    let plain = |name: &str| match name.split(':').next().unwrap_or_default() {
        "subject" => "patient".to_owned(),
        name => name.to_owned(),
    };
    match applied.find(|name| !seen.insert(plain(name))) {
        Some(name) => Err(Failure::bad_request(format!("`{}` stands twice in this search.", plain(name)))),
        None => Ok(()),
    }
}

/// Parameters that were sent and are not applied: told in every answer, refused when the client is strict.
fn not_applied(kind: Kind, headers: &HeaderMap, pairs: &Pairs) -> Result<Option<String>, Failure> {
    let harmless = |name: &str| matches!(name, "_format" | "_count" | "_pretty");
    let ignored =
        pairs.iter().map(|(name, _)| name.as_str()).filter(|name| !applies(kind, name) && !harmless(name));
    // A name is at most a word of FHIR's; anything longer is not repeated.
    let named: Vec<&str> = ignored.map(|name| if name.len() <= 40 { name } else { "a parameter" }).collect();
    if named.is_empty() {
        return Ok(None);
    }
    let words = format!("Not applied, so the answer is not narrowed by: {}.", named.join(", "));
    let strict = headers.get("prefer").and_then(|value| value.to_str().ok());
    if strict.is_some_and(|prefer| prefer.contains("handling=strict")) {
        return Err(Failure::bad_request(words));
    }
    Ok(Some(words))
}

/// What was applied of a search. In the body alone: it may name a person.
fn self_link(kind: Kind, pairs: &Pairs) -> String {
    let applied = pairs.iter().filter(|(name, _)| applies(kind, name));
    let query: Vec<String> = applied.map(|(name, value)| format!("{name}={value}")).collect();
    format!("{}?{}", kind.fhir(), query.join("&"))
}

async fn read_one(
    State(service): State<Shared>,
    axum::Extension(gate): axum::Extension<Gate>,
    Path((kind, id)): Path<(String, String)>,
    headers: HeaderMap,
    Query(pairs): Query<Pairs>,
) -> Response {
    let read = async {
        acceptable(&headers, &pairs)?;
        let reader = reader(&gate, &headers)?;
        if known(&kind)? != Kind::Patient {
            return Err(failed(&Failure::new(
                FailureKind::NotFound,
                "Read this type by patient, with a search.",
            )));
        }
        let found = patients::read(&service, &reader.caller, &id).await;
        found.map(|patient| fhir(StatusCode::OK, &patient)).map_err(|failure| failed(&failure))
    };
    read.await.unwrap_or_else(|response| response)
}

fn known(kind: &str) -> Result<Kind, Response> {
    Kind::named(kind).ok_or_else(|| failed(&Failure::new(FailureKind::NotFound, "This type is not offered.")))
}
