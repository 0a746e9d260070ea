//! Every type of value, absent reasons, components, flags and ranges.

#![allow(clippy::needless_pass_by_value, reason = "each case is written where it is used")]

use serde_json::{Value, from_str, json};

use super::*;

fn with_unit(value: Value) -> String {
    let sent = read_value(&Value::Null, &value);
    sent.unit.map_or(sent.words.clone(), |unit| format!("{} {unit}", sent.words))
}

#[test]
fn every_type_of_value_has_words() {
    let exact: Value = from_str(r#"{"valueQuantity":{"value":7.40,"unit":"mmol/L"}}"#).unwrap();
    assert_eq!(with_unit(exact), "7.40 mmol/L");
    for (value, words) in [
        (json!({ "valueQuantity": { "value": 5, "comparator": "<", "unit": "mg/L" } }), "less than 5 mg/L"),
        (json!({ "valueCodeableConcept": { "text": "Positive" } }), "Positive"),
        (json!({ "valueCodeableConcept": { "coding": [{ "system": "urn:lab", "code": "P" }] } }), "P (urn:lab)"),
        (json!({ "valueString": "See comment" }), "See comment"),
        (json!({ "valueBoolean": false }), "No"),
        (json!({ "valueInteger": 0 }), "0"),
        (
            json!({ "valueRange": { "low": { "value": 10, "unit": "/HPF" }, "high": { "value": 20, "unit": "/HPF" } } }),
            "10 to 20 /HPF",
        ),
        (json!({ "valueRatio": { "numerator": { "value": 1 }, "denominator": { "value": 128 } } }), "1:128"),
        (
            json!({ "valueSampledData": { "origin": { "value": 0 }, "period": 4, "dimensions": 1, "data": "1 2 3" } }),
            "A recording of 3 readings, not drawn here",
        ),
        (json!({ "valueTime": "23:40:00" }), "23:40"),
        (json!({ "valueDateTime": "2026-01-10" }), "10-Jan-2026"),
        (json!({ "valuePeriod": { "start": "2026-01-10", "end": "2026-01-12" } }), "10-Jan-2026 to 12-Jan-2026"),
    ] {
        assert_eq!(with_unit(value.clone()), words, "{value}");
    }
}

#[test]
fn a_value_without_words_is_reported_and_no_value_is_empty() {
    assert_eq!(with_unit(json!({ "valueQuantity": { "unit": "mmol/L" } })), NOT_SHOWN);
    assert_eq!(with_unit(json!({ "valueReference": { "reference": "Observation/1" } })), NOT_SHOWN);
    assert_eq!(with_unit(json!({ "valued": "something else" })), "");
    assert_eq!(with_unit(json!({})), "");
}

#[test]
fn a_missing_value_has_its_reason() {
    assert_eq!(absent_reason(&json!({ "dataAbsentReason": { "text": "Not heard" } })).unwrap(), "No value: not heard");
    let coded = json!({ "coding": [{ "system": "http://terminology.hl7.org/CodeSystem/data-absent-reason", "code": "not-performed" }] });
    assert_eq!(absent_reason(&json!({ "dataAbsentReason": coded })).unwrap(), "No value: not performed");
    let in_quantity = json!({ "valueQuantity": { "_value": { "extension": [
        { "url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "masked" }] } } });
    assert_eq!(with_unit(in_quantity), "No value: hidden by the source");
}

#[test]
fn components_show_values_reasons_flags_and_ranges() {
    let value = json!({ "component": [
        { "code": { "text": "Systolic" }, "valueQuantity": { "value": 142, "unit": "mmHg" },
          "interpretation": [{ "coding": [{ "code": "H" }] }], "referenceRange": [{ "high": { "value": 140, "unit": "mmHg" } }] },
        { "code": { "text": "Diastolic" }, "dataAbsentReason": { "text": "Not heard" } },
        { "code": { "text": "Mean" } }] });
    let lines: Vec<String> =
        components(&Value::Null, &value).into_iter().map(|(name, value)| format!("{name} {value}")).collect();
    assert_eq!(
        lines,
        ["Systolic 142 mmHg, high (140 or below)", "Diastolic No value: not heard", "Mean no value given"]
    );
}

#[test]
fn all_flags_are_shown() {
    let flags_of = |concepts: Value| flags_text(&json!({ "interpretation": concepts }));
    let code = |code: &str| json!({ "coding": [{ "code": code }] });
    assert_eq!(flags_of(json!([code("HH"), code("A")])).unwrap(), "very high, abnormal");
    assert_eq!(flags_of(json!([{ "text": "Borderline" }])).unwrap(), "Borderline");
    assert_eq!(flags_of(json!([{ "text": "L" }])).unwrap(), "low");
    assert_eq!(flags_of(json!([])), None);
}

#[test]
fn every_range_says_who_it_applies_to() {
    let end = |value: &str| from_str::<Value>(&format!("{{\"value\":{value}}}")).unwrap();
    let inr = json!({ "referenceRange": [
        { "type": { "text": "not on anticoagulants" }, "low": end("0.8"), "high": end("1.2") },
        { "type": { "coding": [{ "system": "http://terminology.hl7.org/CodeSystem/referencerange-meaning", "code": "therapeutic" }] },
          "low": end("2.50"), "high": end("3.50") },
        { "appliesTo": [{ "text": "Women" }], "age": { "low": { "value": 18, "unit": "years" } }, "low": end("115") },
        { "text": "negative" }] });
    assert_eq!(
        ranges_text(&inr).unwrap(),
        "0.8 to 1.2 not on anticoagulants; 2.50 to 3.50 therapeutic range; 115 or above Women, age 18 years or above; negative"
    );
    let usual = json!({ "referenceRange": [{ "type": { "coding": [{ "code": "normal" }] }, "low": end("3.5"), "high": end("5.3") }] });
    assert_eq!(ranges_text(&usual).unwrap(), "3.5 to 5.3");
}
