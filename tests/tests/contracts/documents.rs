//! Checks that the agreed `OpenAPI` documents describe every body with its type. It reads the golden files, which another
//! test compares with the services, and starts nothing.

use std::fs;

use serde_json::Value;

/// The only operations that change something and take no body.
const WITHOUT_BODY: [&str; 7] = [
    "post /v1/dead-letters/{id}/replay",
    "post /v1/incidents/{id}/close",
    "post /v1/incidents/{id}/shares/{ods}/end",
    "post /v1/organisations/{ods}/scim-token",
    "post /v1/organisations/{ods}/systems/{system}/checks",
    "post /v1/people/{id}/overrides/{claim}/end",
    "post /v1/sessions/{session}/end",
];

/// The name and the document of each service.
fn documents() -> Vec<(String, Value)> {
    let folder = lcr_testkit::root().join("tests/golden/openapi");
    let files = lcr_testkit::data::files(&folder).unwrap();
    let read = |path: &std::path::PathBuf| {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        (name, serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap())
    };
    files.iter().map(read).collect()
}

/// Each operation of a document: its method and path, and its description.
fn operations(document: &Value) -> Vec<(String, &Value)> {
    let paths = document["paths"].as_object().unwrap().iter();
    let methods = paths.flat_map(|(path, item)| item.as_object().unwrap().iter().map(move |one| (path, one)));
    methods.map(|(path, (method, operation))| (format!("{method} {path}"), operation)).collect()
}

/// Whether a schema says more than "some JSON".
fn is_typed(document: &Value, schema: &Value) -> bool {
    if let Some(reference) = schema["$ref"].as_str() {
        return document.pointer(reference.trim_start_matches('#')).is_some_and(|found| is_typed(document, found));
    }
    let composed = ["oneOf", "allOf", "anyOf"].iter().find_map(|name| schema[*name].as_array());
    if let Some(parts) = composed {
        return !parts.is_empty() && parts.iter().all(|part| part["type"] == "null" || is_typed(document, part));
    }
    match schema["type"].as_str() {
        Some("object") => ["properties", "additionalProperties"].iter().any(|name| schema[*name].is_object()),
        Some("array") => is_typed(document, &schema["items"]),
        other => other.is_some() || schema["type"].is_array(),
    }
}

/// Whether a request or answer has content, all of it typed.
fn has_typed_content(document: &Value, body: &Value) -> bool {
    let content = body["content"].as_object();
    content.is_some_and(|all| !all.is_empty() && all.values().all(|one| is_typed(document, &one["schema"])))
}

#[test]
fn every_public_operation_describes_its_answer_of_success() {
    for (service, document) in documents() {
        for (operation, description) in operations(&document) {
            let answers = description["responses"].as_object().unwrap();
            let successes: Vec<_> = answers.iter().filter(|(status, _)| status.starts_with('2')).collect();
            assert!(!successes.is_empty(), "{service}: {operation} names no status of success");
            for (status, answer) in successes {
                let described = status == "204" || has_typed_content(&document, answer);
                assert!(described, "{service}: {operation} does not describe the body of {status}");
            }
        }
    }
}

#[test]
fn every_public_operation_that_takes_a_body_describes_it() {
    for (service, document) in documents() {
        for (operation, description) in operations(&document) {
            let takes_body = operation.starts_with("post ") || operation.starts_with("put ");
            let described = match &description["requestBody"] {
                Value::Null => !takes_body || WITHOUT_BODY.contains(&operation.as_str()),
                body => has_typed_content(&document, body),
            };
            assert!(described, "{service}: {operation} does not describe its request");
        }
    }
}

#[test]
fn every_public_operation_describes_its_refusals_and_no_answer_is_left_open() {
    for (service, document) in documents() {
        for (operation, description) in operations(&document) {
            let answers = &description["responses"];
            for status in ["4XX", "5XX"] {
                let schema = &answers[status]["content"]["application/problem+json"]["schema"];
                assert!(is_typed(&document, schema), "{service}: {operation} does not describe {status}");
            }
            assert!(answers["default"].is_null(), "{service}: {operation} allows every status");
        }
    }
}

#[test]
fn every_reference_of_a_document_leads_to_a_schema() {
    for (service, document) in documents() {
        for reference in references(&document) {
            let found = document.pointer(reference.trim_start_matches('#'));
            assert!(found.is_some(), "{service}: {reference} leads nowhere");
        }
    }
}

fn references(value: &Value) -> Vec<&str> {
    match value {
        Value::Object(fields) => {
            let own = fields.get("$ref").and_then(Value::as_str);
            own.into_iter().chain(fields.values().flat_map(references)).collect()
        }
        Value::Array(items) => items.iter().flat_map(references).collect(),
        _ => Vec::new(),
    }
}
