//! Responses in the FHIR media type, and `OperationOutcome`s.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

const FHIR_JSON: &str = "application/fhir+json; fhirVersion=4.0; charset=utf-8";

pub(super) fn fhir(status: StatusCode, body: &Value) -> Response {
    (status, [(header::CONTENT_TYPE, FHIR_JSON)], body.to_string()).into_response()
}

pub(super) fn outcome(status: StatusCode, code: &str, words: &str) -> Response {
    let issue = json!([{"severity": "error", "code": code, "details": {"text": words}}]);
    fhir(status, &json!({"resourceType": "OperationOutcome", "issue": issue}))
}
