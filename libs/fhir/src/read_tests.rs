//! Tests of `read.rs`.

use serde_json::json;

use super::*;

#[test]
fn a_path_picks_fields_and_list_positions() {
    let value = json!({ "a": [{ "b": "x" }], "c": { "coding": [{ "code": "1", "display": "One" }] } });
    assert_eq!(str_at(&value, "a.0.b"), Some("x"));
    assert_eq!(at(&value, "a.1.b"), None);
    assert_eq!(concept_at(&value, "c").as_deref(), Some("One"));
    assert!(has_code(&value, "c", "1"));
}

#[test]
fn a_status_is_found_in_any_coding_and_in_text() {
    let known = ["confirmed", "refuted"];
    let second = json!({ "v": { "coding": [{ "system": "urn:own", "code": "X1" },
        { "system": "http://terminology.hl7.org/CodeSystem/condition-ver-status", "code": "refuted" }] } });
    assert_eq!(known_code(&second, "v", &known), Some("refuted"));
    let both = json!({ "v": { "coding": [{ "system": "urn:own", "code": "confirmed" },
        { "system": "http://terminology.hl7.org/CodeSystem/condition-ver-status", "code": "refuted" }] } });
    assert_eq!(known_code(&both, "v", &known), Some("refuted"), "HL7's own system goes first");
    assert_eq!(known_code(&json!({ "v": { "text": "Refuted" } }), "v", &known), Some("refuted"));
    assert_eq!(known_code(&json!({ "v": { "text": "unsure" } }), "v", &known), None);
    assert_eq!(known_code(&json!({}), "v", &known), None);
}
