//! What is refused and what is let be, rule by rule.

use serde_json::{Value, json};

use super::is_what_it_says;

fn result() -> Value {
    json!({ "resourceType": "Observation", "id": "1", "status": "final", "code": { "text": "eGFR" },
        "subject": { "reference": "Patient/7" }, "valueQuantity": { "value": 41.0, "unit": "mL/min" } })
}

/// The result with one field more, or another.
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
fn a_wrong_kind_is_refused() {
    assert!(is_what_it_says(&result()));
    for (name, wrong) in [
        ("status", json!(5)),
        ("code", json!("eGFR")),
        ("code", json!([{ "text": "eGFR" }])),
        ("category", json!({ "text": "laboratory" })),
        ("note", json!(["well"])),
        ("effectivePeriod", json!({ "start": 2024 })),
    ] {
        assert!(!is_what_it_says(&with(name, wrong)), "{name}");
    }
    assert!(!is_what_it_says(&json!("Observation")));
}

#[test]
fn what_a_type_must_have_is_not_left_out() {
    assert!(!is_what_it_says(&without("status")));
    assert!(!is_what_it_says(&without("code")));
    assert!(!is_what_it_says(&with("status", Value::Null)));
    assert!(!is_what_it_says(&with("component", json!([{ "valueString": "of nothing" }]))));
    assert!(is_what_it_says(&without("valueQuantity")));
}

#[test]
fn a_choice_that_must_be_made_is_not_left_out() {
    let request = json!({ "resourceType": "MedicationRequest", "id": "1", "status": "active", "intent": "order",
        "subject": { "reference": "Patient/7" } });
    assert!(!is_what_it_says(&request));
    let mut chosen = request.clone();
    chosen["medicationCodeableConcept"] = json!({ "text": "Apixaban 5 mg tablets" });
    assert!(is_what_it_says(&chosen));
}

#[test]
fn a_malformed_choice_is_refused() {
    assert!(!is_what_it_says(&with("valueQuantity", json!({ "value": "forty-one" }))));
    assert!(!is_what_it_says(&with("valueQuantity", Value::Null)));
    assert!(!is_what_it_says(&with("effectiveDateTime", json!("last week"))));
}

#[test]
fn two_values_of_one_choice_are_refused() {
    assert!(!is_what_it_says(&with("valueString", json!("forty-one"))));
}

#[test]
fn a_choice_of_a_type_it_may_not_have_is_refused() {
    assert!(!is_what_it_says(&with("valueBogus", json!("forty-one"))));
    assert!(!is_what_it_says(&with("valueMoney", json!({ "value": 41 }))));
    assert!(is_what_it_says(&with("valued", json!("a word that only begins alike"))));
}

#[test]
fn a_choice_where_its_type_has_none_is_refused_since_it_would_be_read_as_absent() {
    let dosed = |dosage: Value| {
        json!({ "resourceType": "MedicationRequest", "id": "1", "status": "active", "intent": "order",
            "subject": { "reference": "Patient/7" }, "medicationCodeableConcept": { "text": "Apixaban" },
            "dosageInstruction": [dosage] })
    };
    let (dose, rate) = (json!({ "value": 10, "unit": "mg" }), json!({ "value": 1, "unit": "mL/h" }));
    assert!(is_what_it_says(&dosed(json!({ "doseAndRate": [{ "doseQuantity": dose }] }))));
    assert!(!is_what_it_says(&dosed(json!({ "doseAndRate": [{ "doseQuantity": { "value": "ten" } }] }))));
    assert!(!is_what_it_says(&dosed(json!({ "doseQuantity": dose }))), "as STU3 has it");
    assert!(!is_what_it_says(&dosed(json!({ "rateQuantity": rate }))), "as STU3 has it");
    let done = json!({ "resourceType": "Procedure", "id": "1", "status": "completed",
        "subject": { "reference": "Patient/7" }, "occurrenceDateTime": "2024-02-29" });
    assert!(!is_what_it_says(&done), "as R5 has it");
}

#[test]
fn a_choice_that_nobody_here_reads_does_not_cost_the_resource() {
    for twin in [json!("2"), Value::Null] {
        let person = json!({ "resourceType": "Patient", "id": "7", "multipleBirthInteger": twin });
        assert!(is_what_it_says(&person));
    }
    let note = json!([{ "text": "well", "authorString": "A", "authorReference": { "display": "A" } }]);
    assert!(is_what_it_says(&with("note", note)));
}

#[test]
fn what_hl7_does_not_name_is_let_be() {
    assert!(is_what_it_says(&with("mood", json!(5))));
    assert!(is_what_it_says(&with("_mood", json!(5))));
    assert!(is_what_it_says(&with("code", json!({ "text": "eGFR", "colour": ["blue"] }))));
}

#[test]
fn a_code_is_one_of_a_closed_set_and_any_of_an_open_one() {
    assert!(!is_what_it_says(&with("status", json!("finished"))));
    assert!(is_what_it_says(&with("language", json!("en-Leeds"))));
    assert!(is_what_it_says(&with("category", json!([{ "coding": [{ "code": "unheard-of" }] }]))));
}

#[test]
fn what_is_not_told_may_be_null_and_keeps_its_place_in_a_list() {
    assert!(is_what_it_says(&with("issued", Value::Null)));
    assert!(is_what_it_says(&with("_valueQuantity", Value::Null)));
    let person = json!({ "resourceType": "Patient", "id": "7", "name": [{ "given": ["Ann", null] }] });
    assert!(is_what_it_says(&person));
    assert!(!is_what_it_says(&with("category", Value::Null)), "null is no list");
}

#[test]
fn extensions_stand_beside_a_primitive_and_not_in_its_stead() {
    let absent = json!({ "extension": [{ "url": "http://example.org/reason", "valueCode": "unknown" }] });
    assert!(is_what_it_says(&with("_status", absent.clone())));
    let mut instead = without("status");
    instead["_status"] = absent;
    assert!(!is_what_it_says(&instead));
    assert!(!is_what_it_says(&with("_status", json!("unknown"))));
    assert!(!is_what_it_says(&with("_issued", json!({ "extension": [{ "valueCode": "of no url" }] }))));
}

#[test]
fn what_an_extension_says_is_not_judged() {
    let two = json!([{ "url": "http://example.org/episode", "valueCode": "new",
        "valueCodeableConcept": { "text": "New" } }, { "url": "x", "valueDateTime": "soon" }]);
    assert!(is_what_it_says(&with("extension", two)));
    assert!(!is_what_it_says(&with("extension", json!([{ "valueCode": "new" }]))), "an extension has a url");
}

#[test]
fn what_is_contained_is_checked_if_we_read_its_type_and_let_be_if_not() {
    let medicine = json!([{ "resourceType": "Medication", "status": "active" }]);
    assert!(is_what_it_says(&with("contained", medicine)));
    assert!(!is_what_it_says(&with("contained", json!([{ "resourceType": "Medication", "status": 1 }]))));
    assert!(is_what_it_says(&with("contained", json!([{ "resourceType": "Device", "status": 1 }]))));
    assert!(!is_what_it_says(&with("contained", json!([{ "status": "of no type" }]))));
}

#[test]
fn a_type_we_do_not_read_is_refused() {
    for name in ["Location", "Period", "Observation.component", "observation", "Vessel", ""] {
        assert!(!is_what_it_says(&json!({ "resourceType": name, "id": "1" })), "{name}");
    }
    assert!(!is_what_it_says(&json!({ "id": "1" })));
}
