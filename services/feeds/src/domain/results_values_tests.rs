//! Tests of the values of results: every type, every notation, and repetitions.

use serde_json::{Value, json};

use crate::domain::testing::report;

/// The value fields of an observation with this type, value and unit.
fn value(kind: &str, value: &str, unit: &str) -> Value {
    let (_, found) = report(&[&format!("OBX|1|{kind}|c^Test^L||{value}|{unit}|||||F")]);
    let fields = found[0].as_object().unwrap().iter();
    fields.filter(|(name, _)| name.starts_with("value")).map(|(name, value)| (name.clone(), value.clone())).collect()
}

fn original(text: &str) -> Value {
    json!({ "extension": [{ "url": "http://hl7.org/fhir/StructureDefinition/originalText", "valueString": text }] })
}

/// The same JSON, digit by digit.
fn same(found: &Value, expected: &str, case: &str) {
    let expected: Value = serde_json::from_str(expected).unwrap();
    assert_eq!(found.to_string(), expected.to_string(), "{case}");
}

/// Type, value and units of an OBX segment, and the value in FHIR.
const VALUES: [(&str, &str, &str, &str); 50] = [
    ("NM", "4.0", "mmol/L", r#"{"valueQuantity":{"value":4.0,"unit":"mmol/L"}}"#),
    ("NM", "7.40", "", r#"{"valueQuantity":{"value":7.40}}"#),
    (
        "NM",
        "0.010",
        "g/L^gram per litre^UCUM",
        r#"{"valueQuantity":{"value":0.010,"unit":"g/L","system":"http://unitsofmeasure.org","code":"g/L"}}"#,
    ),
    ("NM", "<5", "mg/L", r#"{"valueQuantity":{"value":5,"comparator":"<","unit":"mg/L"}}"#),
    ("NM", "haemolysed", "", r#"{"valueString":"haemolysed"}"#),
    ("nm", "5", "", r#"{"valueQuantity":{"value":5}}"#),
    ("SN", "^182", "mg/dL", r#"{"valueQuantity":{"value":182,"unit":"mg/dL"}}"#),
    ("SN", "=^182", "", r#"{"valueQuantity":{"value":182}}"#),
    ("SN", ">=^0.50", "g", r#"{"valueQuantity":{"value":0.50,"comparator":">=","unit":"g"}}"#),
    (
        "SN",
        "^10^-^20",
        "/HPF",
        r#"{"valueRange":{"low":{"value":10,"unit":"/HPF"},"high":{"value":20,"unit":"/HPF"}}}"#,
    ),
    ("SN", "^1^:^128", "", r#"{"valueRatio":{"numerator":{"value":1},"denominator":{"value":128}}}"#),
    ("SN", "^1^/^128", "", r#"{"valueRatio":{"numerator":{"value":1},"denominator":{"value":128}}}"#),
    ("SN", "^2^+", "", r#"{"valueString":"2+"}"#),
    ("SN", "<>^5", "", r#"{"valueString":"<>5"}"#),
    ("SN", ">^10^-^20", "", r#"{"valueString":">10-20"}"#),
    ("SN", "5.5", "g", r#"{"valueQuantity":{"value":5.5,"unit":"g"}}"#),
    (
        "NR",
        "3.50^5.30",
        "mmol/L",
        r#"{"valueRange":{"low":{"value":3.50,"unit":"mmol/L"},"high":{"value":5.30,"unit":"mmol/L"}}}"#,
    ),
    ("CQ", "500^mL", "", r#"{"valueQuantity":{"value":500,"unit":"mL"}}"#),
    (
        "CE",
        "POS^Positive^L",
        "",
        r#"{"valueCodeableConcept":{"coding":[{"code":"POS","display":"Positive"}],"text":"Positive"}}"#,
    ),
    ("CWE", "ECOLI^^99LAB", "", r#"{"valueCodeableConcept":{"coding":[{"code":"ECOLI"}],"text":"ECOLI (99LAB)"}}"#),
    ("CWE", "^Gram negative rods", "", r#"{"valueCodeableConcept":{"text":"Gram negative rods"}}"#),
    (
        "CWE^^HL70125",
        "^^^112283007^Escherichia coli^SCT",
        "",
        r#"{"valueCodeableConcept":{"coding":[{"system":"http://snomed.info/sct","code":"112283007","display":"Escherichia coli"}],"text":"Escherichia coli"}}"#,
    ),
    ("ST", "Not seen", "", r#"{"valueString":"Not seen"}"#),
    ("ST", "4.50", "mmol/L", r#"{"valueQuantity":{"value":4.50,"unit":"mmol/L"}}"#),
    ("ST", "2^3 & 4", "", r#"{"valueString":"2^3 & 4"}"#),
    ("TX", "one~~  three", "", r#"{"valueString":"one\n\n  three"}"#),
    ("FT", r"one\.br\two", "", r#"{"valueString":"one\ntwo"}"#),
    ("DT", "20261119", "", r#"{"valueDateTime":"2026-11-19"}"#),
    ("DT", "202611", "", r#"{"valueDateTime":"2026-11"}"#),
    ("DT", "2026", "", r#"{"valueDateTime":"2026"}"#),
    ("TS", "20261119101500", "", r#"{"valueDateTime":"2026-11-19T10:15:00Z"}"#),
    ("DTM", "202611191015+0000", "", r#"{"valueDateTime":"2026-11-19T10:15:00Z"}"#),
    ("DT", "last week", "", r#"{"valueString":"last week"}"#),
    ("TM", "0930", "", r#"{"valueTime":"09:30:00"}"#),
    ("TM", "093015.5", "", r#"{"valueTime":"09:30:15.5"}"#),
    ("TM", "0930+0100", "", r#"{"valueString":"0930+0100"}"#),
    ("TM", "2530", "", r#"{"valueString":"2530"}"#),
    ("DR", "20261101^20261119", "", r#"{"valuePeriod":{"start":"2026-11-01","end":"2026-11-19"}}"#),
    ("MO", "25.00^GBP", "", r#"{"valueString":"25.00 GBP"}"#),
    ("CX", "4711^^^Z9H01^MR", "", r#"{"valueString":"4711 (Z9H01)"}"#),
    ("XCN", "C1^Darwin^Samuel^^^Dr", "", r#"{"valueString":"Dr Samuel Darwin"}"#),
    ("XPN", "Ashdown^Ottilie^^^Mrs", "", r#"{"valueString":"Mrs Ottilie Ashdown"}"#),
    ("XAD", "12 Millrace Lane^^Leeds^^LS1 4ZZ", "", r#"{"valueString":"12 Millrace Lane, Leeds, LS1 4ZZ"}"#),
    ("NA", "1^2^3", "", r#"{"valueString":"1, 2, 3"}"#),
    ("SI", "3", "", r#"{"valueString":"3"}"#),
    ("ID", "Y", "", r#"{"valueString":"Y"}"#),
    ("IS", "AMB", "", r#"{"valueString":"AMB"}"#),
    ("CD", "1^LEAD&X", "", r#"{"valueString":"1 LEAD&X"}"#),
    ("", "4.1", "mmol/L", r#"{"valueQuantity":{"value":4.1,"unit":"mmol/L"}}"#),
    ("", "A^Words^L", "", r#"{"valueString":"A Words L"}"#),
];

#[test]
fn every_value_type_is_converted() {
    for (kind, text, unit, expected) in VALUES {
        same(&value(kind, text, unit), expected, &format!("{kind} {text}"));
    }
}

#[test]
fn a_number_in_another_notation_keeps_its_original_text() {
    for (kind, text, number) in [("NM", "065.88", Some("65.88")), ("NM", "1,250", None), ("SN", "^1,250", None)] {
        let found = value(kind, text, "mmol/L");
        let quantity = &found["valueQuantity"];
        assert_eq!(quantity.get("value").map(Value::to_string).as_deref(), number, "{text}");
        assert_eq!(quantity["_value"], original(text.trim_start_matches('^')), "{text}");
        assert_eq!(quantity["unit"], "mmol/L");
    }
    let trace = value("ST", "Trace", "mg/dL");
    assert_eq!(trace["valueQuantity"], json!({ "unit": "mg/dL", "_value": original("Trace") }));
}

#[test]
fn each_repetition_of_a_value_is_a_component() {
    let obx = "OBX|1|CWE|ORG^Organisms^L||ECOLI^Escherichia coli^L~KLEB^Klebsiella pneumoniae^L||||||F";
    let (_, found) = report(&[obx]);
    let components = found[0]["component"].as_array().unwrap();
    let words: Vec<_> = components.iter().map(|one| one["valueCodeableConcept"]["text"].as_str().unwrap()).collect();
    assert_eq!(words, ["Escherichia coli", "Klebsiella pneumoniae"]);
    assert!(components.iter().all(|one| one["code"] == found[0]["code"]));
    assert_eq!(found[0].get("dataAbsentReason"), None);
    let (_, found) = report(&["OBX|1|NM|bp^Readings^L||5.10~<6|mmol/L|||||F"]);
    let values: Vec<_> =
        found[0]["component"].as_array().unwrap().iter().map(|one| one["valueQuantity"].clone()).collect();
    let right = [r#"{"unit":"mmol/L","value":5.10}"#, r#"{"comparator":"<","unit":"mmol/L","value":6}"#];
    // Compare as values, so that the order of fields does not matter.
    let right: Vec<serde_json::Value> = right.iter().map(|text| serde_json::from_str(text).unwrap()).collect();
    assert_eq!(values, right);
}

#[test]
fn very_many_repetitions_become_lines_of_one_text() {
    let many = vec!["a^Some words^L"; 5_000].join("~");
    let (_, found) = report(&[&format!("OBX|1|CWE|c^Test^L||{many}||||||F")]);
    assert_eq!(found[0]["valueString"].as_str().unwrap().lines().count(), 5_000);
}
