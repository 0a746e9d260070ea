//! Each data type formatted, over the whole range of what a source may send.

use serde_json::{Value, from_str, json};

use super::*;

fn amount(text: &str) -> String {
    quantity(&from_str::<Value>(text).unwrap()).unwrap().with_unit()
}

#[test]
fn an_amount_keeps_every_digit_its_comparator_and_its_unit() {
    for (sent, words) in [
        (r#"{"value":4.0,"unit":"mmol/L"}"#, "4.0 mmol/L"),
        (r#"{"value":7.40}"#, "7.40"),
        (r#"{"value":0.010,"code":"ng/mL"}"#, "0.010 ng/mL"),
        (r#"{"value":1250,"unit":"mL"}"#, "1250 mL"),
        (r#"{"value":-3.5E-2}"#, "-3.5e-2"),
        (r#"{"value":5,"comparator":"<","unit":"mg/L"}"#, "less than 5 mg/L"),
        (r#"{"value":90,"comparator":">="}"#, "at least 90"),
        (r#"{"value":3.1,"unit":"1","code":"1"}"#, "3.1"),
    ] {
        assert_eq!(amount(sent), words);
    }
}

#[test]
fn the_sources_own_text_comes_before_the_parsed_number() {
    let beside = json!({ "extension": [{ "url": ORIGINAL_TEXT, "valueString": "065.88" }] });
    let read = quantity(&json!({ "value": 65.88, "unit": "kg", "_value": beside })).unwrap();
    assert_eq!((read.with_unit().as_str(), read.number.as_deref()), ("065.88 kg", Some("65.88")));
    let only_text =
        json!({ "unit": "kg", "_value": { "extension": [{ "url": ORIGINAL_TEXT, "valueString": "1,250" }] } });
    let read = quantity(&only_text).unwrap();
    assert_eq!((read.with_unit().as_str(), read.number), ("1,250 kg", None));
    assert_eq!(quantity(&json!({ "unit": "kg" })), None);
    let with_unit =
        json!({ "unit": "umol/L", "_value": { "extension": [{ "url": ORIGINAL_TEXT, "valueString": "98 umol/L" }] } });
    assert_eq!(quantity(&with_unit).unwrap().with_unit(), "98 µmol/L", "the unit is not there twice");
}

#[test]
fn a_quantity_with_a_comparator_has_no_number_for_a_chart() {
    assert_eq!(quantity(&json!({ "value": 5, "comparator": "<" })).unwrap().number, None);
}

#[test]
fn ranges_and_ratios_keep_their_units() {
    let end = |value: u8, unit: &str| json!({ "value": value, "unit": unit });
    assert_eq!(range(&json!({ "low": end(10, "/HPF"), "high": end(20, "/HPF") })).unwrap(), "10 to 20 /HPF");
    assert_eq!(range(&json!({ "low": end(9, "mg"), "high": end(1, "g") })).unwrap(), "9 mg to 1 g");
    assert_eq!(range(&json!({ "low": end(60, "mL") })).unwrap(), "60 mL or above");
    assert_eq!(range(&json!({ "high": { "value": 5 } })).unwrap(), "5 or below");
    assert_eq!(ratio(&json!({ "numerator": { "value": 1 }, "denominator": { "value": 128 } })).unwrap(), "1:128");
    let strength = json!({ "numerator": end(120, "mg"), "denominator": end(1, "d") });
    assert_eq!(ratio(&strength).unwrap(), "120 mg in 1 d");
}

#[test]
fn a_concept_is_shown_by_text_display_table_or_code_with_system() {
    let coded = |coding: Value| concept(Some(&json!({ "coding": [coding] })));
    assert_eq!(concept(Some(&json!({ "text": "Rash", "coding": [{ "display": "Eruption" }] }))).unwrap(), "Rash");
    assert_eq!(coded(json!({ "code": "x", "display": "Eruption" })).unwrap(), "Eruption");
    assert_eq!(coded(json!({ "system": "http://loinc.org", "code": "2823-3" })).unwrap(), "Potassium");
    assert_eq!(
        coded(json!({ "system": "http://snomed.info/sct", "code": "318135008" })).unwrap(),
        "318135008 (SNOMED CT)"
    );
    assert_eq!(coded(json!({ "system": "urn:lab", "code": "K" })).unwrap(), "K (urn:lab)");
    assert_eq!(coded(json!({ "code": "K" })).unwrap(), "K");
    let second = json!({ "coding": [{ "system": "urn:lab", "code": "K" }, { "code": "2823-3", "display": "Kalium" }] });
    assert_eq!(concept(Some(&second)).unwrap(), "Kalium", "any display comes before a bare code");
}

#[test]
fn a_code_of_another_system_does_not_get_our_name() {
    let coding = json!({ "system": "http://laboratory.example/codes", "code": "2823-3" });
    assert_eq!(super::coding(&coding).unwrap(), "2823-3 (http://laboratory.example/codes)");
}

#[test]
fn a_reference_is_named_by_display_contained_resource_or_identifier_never_by_id() {
    let root = json!({ "contained": [
        { "resourceType": "Practitioner", "id": "p1", "name": [{ "prefix": ["Dr"], "given": ["Ann"], "family": "Ward" }] },
        { "resourceType": "Medication", "id": "m1", "code": { "text": "Furosemide 40 mg" }, "form": { "text": "Tablet" } },
        { "resourceType": "Medication", "id": "m2", "ingredient": [{ "itemCodeableConcept": { "text": "Codeine" },
            "strength": { "numerator": { "value": 8, "unit": "mg" }, "denominator": { "value": 5, "unit": "mL" } } }] },
        { "resourceType": "Organization", "id": "o1", "name": "Airedale Clinic" }] });
    let named = |value: Value| reference(&root, &value);
    assert_eq!(named(json!({ "reference": "#p1" })).unwrap(), "Dr Ann Ward");
    assert_eq!(named(json!({ "reference": "#m1" })).unwrap(), "Furosemide 40 mg tablet");
    assert_eq!(named(json!({ "reference": "#m2" })).unwrap(), "Codeine 8 mg in 5 mL");
    assert_eq!(named(json!({ "reference": "#o1" })).unwrap(), "Airedale Clinic");
    assert_eq!(named(json!({ "reference": "#o1", "display": "Us" })).unwrap(), "Us");
    assert_eq!(named(json!({ "identifier": { "value": "RR8" } })).unwrap(), "RR8");
    assert_eq!(named(json!({ "reference": "Practitioner/81" })), None);
}

#[test]
fn any_value_is_recognised_by_its_fields() {
    let root = json!({});
    for (value, words) in [
        (json!(true), "Yes"),
        (json!("2026-03-05"), "05-Mar-2026"),
        (json!("23:40:00"), "23:40"),
        (json!({ "start": "2026-01-10", "end": "2026-01-12" }), "10-Jan-2026 to 12-Jan-2026"),
        (json!({ "value": 3, "unit": "days" }), "3 days"),
        (json!({ "coding": [{ "display": "Left arm" }] }), "Left arm"),
        (json!([{ "text": "Left" }, { "text": "Right" }]), "Left; Right"),
        (
            json!({ "text": "Seen again", "time": "2026-01-10", "authorString": "A Nurse" }),
            "Seen again (A Nurse, 10-Jan-2026)",
        ),
        (json!({ "system": "urn:x", "value": "A-17" }), "A-17"),
        (json!({ "display": "Ward J27", "reference": "Location/1" }), "Ward J27"),
        (
            json!({ "origin": { "value": 0 }, "period": 4, "dimensions": 1, "data": "1 2 3" }),
            "A recording of 3 readings, not drawn here",
        ),
        (json!({ "family": "Ward", "given": ["Ann"] }), "Ann Ward"),
        (json!({ "line": ["1 Hill"], "city": "Leeds" }), "1 Hill, Leeds"),
    ] {
        assert_eq!(any_value(&root, &value).as_deref(), Some(words), "{value}");
    }
    assert_eq!(any_value(&root, &json!({ "reference": "Device/1" })), None);
    assert_eq!(
        any_value(&root, &json!([{ "text": "Left" }, { "reference": "Device/1" }])),
        None,
        "a list is not shown in part"
    );
}

#[test]
fn a_medicine_that_contains_itself_does_not_loop() {
    let ingredient = |of: &str| json!({ "itemReference": { "reference": of } });
    let medicine =
        |id: &str, of: Vec<serde_json::Value>| json!({ "resourceType": "Medication", "id": id, "ingredient": of });
    let alone = json!({ "contained": [medicine("m1", vec![ingredient("#m1")])] });
    assert_eq!(reference(&alone, &json!({ "reference": "#m1" })), None);
    let many = || (0..2000).map(|at| ingredient(if at % 2 == 0 { "#m1" } else { "#m2" })).collect();
    let both = json!({ "contained": [medicine("m1", many()), medicine("m2", many())] });
    let started = std::time::Instant::now();
    assert_eq!(reference(&both, &json!({ "reference": "#m1" })), None);
    assert!(started.elapsed() < std::time::Duration::from_secs(2), "{:?}", started.elapsed());
}
