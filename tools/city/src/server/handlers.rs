//! The handlers of read and search. A search for an unknown patient returns an empty searchset, as FHIR requires. An error
//! must never repeat an identifier from the request.

use std::collections::HashMap;

use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::ServerState;
use super::fault::Fault;
use super::outcome::{fhir, outcome};

/// The page size of a patient list without `_count`.
const DEFAULT_PAGE_SIZE: usize = 100;
/// The largest page size of a patient list.
const MAX_PAGE_SIZE: usize = 1000;

type Parameters = Query<HashMap<String, String>>;

pub(super) async fn method_not_allowed() -> Response {
    let mut response = outcome(StatusCode::METHOD_NOT_ALLOWED, "not-supported", "this source is read-only");
    response.headers_mut().insert(header::ALLOW, header::HeaderValue::from_static("GET, HEAD"));
    response
}

pub(super) async fn not_found() -> Response {
    outcome(StatusCode::NOT_FOUND, "not-found", "no such address")
}

pub(super) async fn search(State(state): State<ServerState>, Path(kind): Path<String>, query: Parameters) -> Response {
    if kind == "Patient" {
        return patients(&state, &query);
    }
    if let Some(mut found) = state.source.listed(&kind) {
        // A list of a whole source, without a patient.
        let since: Option<Timestamp> = query.get("_lastUpdated").and_then(|text| text.strip_prefix("ge")?.parse().ok());
        found.retain(|one| since.is_none_or(|since| last_updated(one).is_some_and(|at| at >= since)));
        return page_of_results(&state, &kind, &query, found);
    }
    if !state.source.resource_types().contains(&kind) {
        return outcome(StatusCode::NOT_FOUND, "not-supported", "no such kind of resource here");
    }
    let requested = ["patient", "subject", "actor"].iter().find_map(|name| query.get(*name));
    let Some(requested) = requested else {
        return outcome(StatusCode::BAD_REQUEST, "required", "a search names its patient");
    };
    let mut patient = requested.rsplit('/').next().unwrap_or_default().to_owned();
    if state.fault_switch.now() == Some(Fault::OtherPatient) {
        patient = state.source.other_patient(&patient).unwrap_or(patient);
    }
    let mut found = state.source.resources_about(&kind, &patient);
    if let Some(category) = query.get("category") {
        found.retain(|one| has_category(one, category));
    }
    if let Some(status) = query.get("status") {
        found.retain(|one| one["status"] == status.as_str());
    }
    page_of_results(&state, &kind, &query, found)
}

fn last_updated(resource: &Value) -> Option<Timestamp> {
    resource["meta"]["lastUpdated"].as_str()?.parse().ok()
}

/// One page of search results, or all results without `_count`.
fn page_of_results(state: &ServerState, kind: &str, query: &Parameters, found: Vec<Value>) -> Response {
    let total = found.len();
    let count = query.get("_count").and_then(|text| text.parse().ok()).unwrap_or(usize::MAX);
    let from: usize = query.get("_cursor").and_then(|text| text.parse().ok()).unwrap_or(0);
    let end = from.saturating_add(count);
    let page: Vec<Value> = found.into_iter().skip(from).take(count).collect();
    let next = (count > 0 && end < total).then_some(end as u64);
    bundle(state, kind, query, page, next, Some(total))
}

fn patients(state: &ServerState, query: &Parameters) -> Response {
    if let Some(token) = query.get("identifier") {
        let (system, value) = token.split_once('|').unwrap_or(("", token));
        let found = state.source.find_by_identifier(system, value);
        let total = found.len();
        return bundle(state, "Patient", query, found, None, Some(total));
    }
    if let Some(id) = query.get("_id") {
        let found: Vec<Value> = state.source.read("Patient", id).into_iter().collect();
        let total = found.len();
        return bundle(state, "Patient", query, found, None, Some(total));
    }
    let count =
        query.get("_count").and_then(|text| text.parse().ok()).unwrap_or(DEFAULT_PAGE_SIZE).clamp(1, MAX_PAGE_SIZE);
    let from = query.get("_cursor").and_then(|text| text.parse().ok()).unwrap_or(0);
    let page = state.source.patient_page(from, count);
    bundle(state, "Patient", query, page.patients, page.next, None)
}

fn bundle(
    state: &ServerState,
    kind: &str,
    query: &Parameters,
    found: Vec<Value>,
    next: Option<u64>,
    total: Option<usize>,
) -> Response {
    let base = &state.base;
    let entries: Vec<Value> = found.into_iter().map(|one| entry(base, kind, one)).collect();
    let mut links = vec![json!({"relation": "self", "url": link(base, kind, query, None)})];
    if let Some(next) = next {
        links.push(json!({"relation": "next", "url": link(base, kind, query, Some(next))}));
    }
    let mut bundle = json!({"resourceType": "Bundle", "type": "searchset"});
    bundle["link"] = Value::Array(links);
    if let Some(total) = total {
        bundle["total"] = Value::from(total);
    }
    if !entries.is_empty() {
        bundle["entry"] = Value::Array(entries);
    }
    fhir(StatusCode::OK, &bundle)
}

/// A Bundle entry. It moves the resource, because `json!` would copy it.
fn entry(base: &str, kind: &str, one: Value) -> Value {
    let url = format!("{base}/{kind}/{}", one["id"].as_str().unwrap_or_default());
    let mut entry = json!({"fullUrl": url, "search": {"mode": "match"}});
    entry["resource"] = one;
    entry
}

/// The URL of the search, with the cursor of the next page if there is one.
fn link(base: &str, kind: &str, query: &Parameters, next: Option<u64>) -> String {
    let mut pairs: Vec<(&str, String)> = query
        .iter()
        .filter(|(name, _)| *name != "_cursor" || next.is_none())
        .map(|(name, value)| (name.as_str(), escape(value)))
        .collect();
    pairs.extend(next.map(|cursor| ("_cursor", cursor.to_string())));
    pairs.sort();
    let pairs: Vec<String> = pairs.iter().map(|(name, value)| format!("{}={value}", escape(name))).collect();
    let mark = if pairs.is_empty() { "" } else { "?" };
    format!("{base}/{kind}{mark}{}", pairs.join("&"))
}

fn escape(text: &str) -> String {
    let is_unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes()
        .map(|byte| if is_unreserved(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

fn has_category(resource: &Value, token: &str) -> bool {
    let (system, code) = token.split_once('|').map_or((None, token), |(system, code)| (Some(system), code));
    let listed = resource["category"].as_array().into_iter().flatten();
    let single = resource.get("category").filter(|one| one.is_object());
    listed
        .chain(single)
        .filter_map(|one| one["coding"].as_array())
        .flatten()
        .any(|coding| coding["code"] == code && system.is_none_or(|system| coding["system"] == system))
}

pub(super) async fn read(State(state): State<ServerState>, Path((kind, id)): Path<(String, String)>) -> Response {
    let id = match state.fault_switch.now() {
        Some(Fault::OtherPatient) => other_id(&state, &kind, &id).unwrap_or(id),
        _ => id,
    };
    match state.source.read(&kind, &id) {
        Some(found) => {
            let tag = format!("W/\"{}\"", found["meta"]["versionId"].as_str().unwrap_or("1"));
            ([(header::ETAG, tag)], fhir(StatusCode::OK, &found)).into_response()
        }
        None => outcome(StatusCode::NOT_FOUND, "not-found", "no such resource here"),
    }
}

/// The id of another patient, or of another patient's resource of the same type.
fn other_id(state: &ServerState, kind: &str, id: &str) -> Option<String> {
    if kind == "Patient" {
        return state.source.other_patient(id);
    }
    let patient = state.source.other_patient(id.split('-').next()?)?;
    state.source.resources_about(kind, &patient).first()?["id"].as_str().map(str::to_owned)
}

pub(super) async fn binary(State(state): State<ServerState>, Path(id): Path<String>, headers: HeaderMap) -> Response {
    let Some((kind, content)) = state.source.binary(&id) else {
        return outcome(StatusCode::NOT_FOUND, "not-found", "no such resource here");
    };
    let requested = headers.get(header::ACCEPT).and_then(|one| one.to_str().ok()).unwrap_or_default();
    if requested.contains("fhir+json") && !kind.contains("fhir+json") {
        let data = STANDARD.encode(&content);
        let resource = json!({"resourceType": "Binary", "id": id, "contentType": kind, "data": data});
        return fhir(StatusCode::OK, &resource);
    }
    ([(header::CONTENT_TYPE, kind)], content).into_response()
}
