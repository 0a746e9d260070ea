//! What is refused and what is accepted, rule by rule.

use serde_json::{Value, json};

use super::is_valid;

fn result() -> Value {
    json!({ "resourceType": "Observation", "id": "1", "status": "final", "code": { "text": "eGFR" },
        "subject": { "reference": "Patient/7" }, "valueQuantity": { "value": 41.0, "unit": "mL/min" } })
}

/// The result with one field added or replaced.
fn with(name: &str, value: Value) -> Value {
    let mut one = result();
    one[name] = value;
    one
}

fn without(name: &str) -> Value {
    let mut one = result();
    one.as_object_mut().unwrap().remove(name);
    one
}

#[test]
fn a_wrong_json_type_is_refused() {
    assert!(is_valid(&result()));
    for (name, wrong) in [
        ("status", json!(5)),
        ("code", json!("eGFR")),
        ("code", json!([{ "text": "eGFR" }])),
        ("category", json!({ "text": "laboratory" })),
        ("note", json!(["well"])),
        ("effectivePeriod", json!({ "start": 2024 })),
    ] {
        assert!(!is_valid(&with(name, wrong)), "{name}");
    }
    assert!(!is_valid(&json!("Observation")));
}

#[test]
fn a_missing_required_element_is_refused() {
    assert!(!is_valid(&without("status")));
    assert!(!is_valid(&without("code")));
    assert!(!is_valid(&with("status", Value::Null)));
    assert!(!is_valid(&with("component", json!([{ "valueString": "of nothing" }]))));
    assert!(is_valid(&without("valueQuantity")));
}

#[test]
fn a_missing_required_choice_is_refused() {
    let request = json!({ "resourceType": "MedicationRequest", "id": "1", "status": "active", "intent": "order",
        "subject": { "reference": "Patient/7" } });
    assert!(!is_valid(&request));
    let mut chosen = request.clone();
    chosen["medicationCodeableConcept"] = json!({ "text": "Apixaban 5 mg tablets" });
    assert!(is_valid(&chosen));
}

#[test]
fn a_malformed_choice_is_refused() {
    assert!(!is_valid(&with("valueQuantity", json!({ "value": "forty-one" }))));
    assert!(!is_valid(&with("valueQuantity", Value::Null)));
    assert!(!is_valid(&with("effectiveDateTime", json!("last week"))));
}

#[test]
fn two_values_of_one_choice_are_refused() {
    assert!(!is_valid(&with("valueString", json!("forty-one"))));
}

#[test]
fn a_choice_with_a_type_it_may_not_have_is_refused() {
    assert!(!is_valid(&with("valueBogus", json!("forty-one"))));
    assert!(!is_valid(&with("valueMoney", json!({ "value": 41 }))));
    assert!(is_valid(&with("valued", json!("a word that only begins alike"))));
}

#[test]
fn a_choice_in_a_wrong_place_is_refused() {
    let dosed = |dosage: Value| {
        json!({ "resourceType": "MedicationRequest", "id": "1", "status": "active", "intent": "order",
            "subject": { "reference": "Patient/7" }, "medicationCodeableConcept": { "text": "Apixaban" },
            "dosageInstruction": [dosage] })
    };
    let (dose, rate) = (json!({ "value": 10, "unit": "mg" }), json!({ "value": 1, "unit": "mL/h" }));
    assert!(is_valid(&dosed(json!({ "doseAndRate": [{ "doseQuantity": dose }] }))));
    assert!(!is_valid(&dosed(json!({ "doseAndRate": [{ "doseQuantity": { "value": "ten" } }] }))));
    assert!(!is_valid(&dosed(json!({ "doseQuantity": dose }))), "as STU3 has it");
    assert!(!is_valid(&dosed(json!({ "rateQuantity": rate }))), "as STU3 has it");
    let done = json!({ "resourceType": "Procedure", "id": "1", "status": "completed",
        "subject": { "reference": "Patient/7" }, "occurrenceDateTime": "2024-02-29" });
    assert!(!is_valid(&done), "as R5 has it");
}

#[test]
fn an_unread_choice_may_be_malformed() {
    for twin in [json!("2"), Value::Null] {
        let person = json!({ "resourceType": "Patient", "id": "7", "multipleBirthInteger": twin });
        assert!(is_valid(&person));
    }
    let note = json!([{ "text": "well", "authorString": "A", "authorReference": { "display": "A" } }]);
    assert!(is_valid(&with("note", note)));
}

#[test]
fn an_unknown_element_is_accepted() {
    assert!(is_valid(&with("mood", json!(5))));
    assert!(is_valid(&with("_mood", json!(5))));
    assert!(is_valid(&with("code", json!({ "text": "eGFR", "colour": ["blue"] }))));
}

#[test]
fn a_code_must_be_in_its_set_only_if_the_set_is_closed() {
    assert!(!is_valid(&with("status", json!("finished"))));
    assert!(is_valid(&with("language", json!("en-Leeds"))));
    assert!(is_valid(&with("category", json!([{ "coding": [{ "code": "unheard-of" }] }]))));
}

#[test]
fn null_is_accepted_for_an_optional_element_and_as_a_placeholder_in_a_list() {
    assert!(is_valid(&with("issued", Value::Null)));
    assert!(is_valid(&with("_valueQuantity", Value::Null)));
    let person = json!({ "resourceType": "Patient", "id": "7", "name": [{ "given": ["Ann", null] }] });
    assert!(is_valid(&person));
    assert!(!is_valid(&with("category", Value::Null)), "null is not a list");
}

#[test]
fn extensions_do_not_replace_a_required_primitive() {
    let absent = json!({ "extension": [{ "url": "http://example.org/reason", "valueCode": "unknown" }] });
    assert!(is_valid(&with("_status", absent.clone())));
    let mut instead = without("status");
    instead["_status"] = absent;
    assert!(!is_valid(&instead));
    assert!(!is_valid(&with("_status", json!("unknown"))));
    assert!(!is_valid(&with("_issued", json!({ "extension": [{ "valueCode": "of no url" }] }))));
}

#[test]
fn the_content_of_an_extension_is_not_checked() {
    let two = json!([{ "url": "http://example.org/episode", "valueCode": "new",
        "valueCodeableConcept": { "text": "New" } }, { "url": "x", "valueDateTime": "soon" }]);
    assert!(is_valid(&with("extension", two)));
    assert!(!is_valid(&with("extension", json!([{ "valueCode": "new" }]))), "an extension has a url");
}

#[test]
fn a_contained_resource_is_checked_only_if_we_read_its_type() {
    let medicine = json!([{ "resourceType": "Medication", "status": "active" }]);
    assert!(is_valid(&with("contained", medicine)));
    assert!(!is_valid(&with("contained", json!([{ "resourceType": "Medication", "status": 1 }]))));
    assert!(is_valid(&with("contained", json!([{ "resourceType": "Device", "status": 1 }]))));
    assert!(!is_valid(&with("contained", json!([{ "status": "of no type" }]))));
}

#[test]
fn a_type_we_do_not_read_is_refused() {
    for name in ["Location", "Period", "Observation.component", "observation", "Vessel", ""] {
        assert!(!is_valid(&json!({ "resourceType": name, "id": "1" })), "{name}");
    }
    assert!(!is_valid(&json!({ "id": "1" })));
}
