//! Tests of results: every status, corrections, and comments in every place.

use serde_json::json;

use crate::domain::testing::{PID, items, mapped, report};

#[test]
fn every_result_status_is_converted() {
    let cases = [
        ("F", "final", None),
        ("U", "final", None),
        ("C", "corrected", None),
        ("A", "amended", None),
        ("P", "preliminary", None),
        ("R", "preliminary", None),
        ("S", "preliminary", None),
        ("D", "entered-in-error", None),
        ("W", "entered-in-error", None),
        ("I", "registered", None),
        ("X", "cancelled", Some("Results cannot be obtained for this observation: 6.9 mmol/L")),
        ("Q", "unknown", None),
        ("", "final", None),
    ];
    for (code, status, reason) in cases {
        let (_, found) = report(&[&format!("OBX|1|NM|k^Potassium^L||6.9|mmol/L|||||{code}")]);
        assert_eq!(found[0]["status"], status, "{code}");
        assert_eq!(found[0]["dataAbsentReason"]["text"].as_str(), reason, "{code}");
        assert_eq!(found[0].get("valueQuantity").is_none(), reason.is_some(), "{code}");
    }
}

#[test]
fn a_result_without_a_value_says_why() {
    let cases = [
        ("", "F", "No value was sent"),
        ("\"\"", "F", "The sender deleted the value"),
        ("", "P", "No value was sent yet"),
        ("", "I", "The specimen is in the laboratory, the result is awaited"),
        ("", "N", "Not asked for"),
        ("", "O", "Details of the order only, no result"),
        ("", "X", "Results cannot be obtained for this observation"),
        ("", "U", "The value was sent before and has not changed"),
    ];
    for (value, status, words) in cases {
        let (_, found) = report(&[&format!("OBX|1|NM|k^Potassium^L||{value}||||||{status}")]);
        assert_eq!(found[0]["dataAbsentReason"]["text"], words, "{value} {status}");
    }
}

#[test]
fn a_correction_replaces_its_original() {
    let potassium = |value: &str, status: &str| format!("OBX|1|NM|k^Potassium^L||{value}|mmol/L|||||{status}");
    let sodium = "OBX|2|NM|na^Sodium^L||139|mmol/L|||||F";
    let (_, found) = report(&[&potassium("6.9", "F"), sodium, &potassium("4.1", "C")]);
    let values: Vec<_> = found.iter().map(|one| one["valueQuantity"]["value"].to_string()).collect();
    assert_eq!(values, ["4.1", "139"]);
    let (_, found) = report(&[&potassium("6.9", "F"), sodium, &potassium("", "D")]);
    assert_eq!((found.len(), &found[0]["status"]), (2, &json!("entered-in-error")));
    assert_eq!(found[0]["valueQuantity"]["value"].to_string(), "6.9");
}

#[test]
fn lines_of_one_text_stay_together() {
    type Lines<'l> = &'l [(&'l str, &'l str)];
    let gone = "[The sender withdrew this line.]";
    let cases: [(Lines<'_>, String, &str); 12] = [
        (&[("one", "F"), ("two", "F"), ("three", "C")], "one\ntwo\nthree".into(), "corrected"),
        (&[("one", "C"), ("two", "F"), ("three", "F")], "one\ntwo\nthree".into(), "corrected"),
        (&[("one", "F"), ("two", "C"), ("three", "F")], "one\ntwo\nthree".into(), "corrected"),
        (&[("one", "C"), ("two", "C")], "one\ntwo".into(), "corrected"),
        (&[("one", "F"), ("two", "A")], "one\ntwo".into(), "amended"),
        (&[("one", "F"), ("two", "U")], "one\ntwo".into(), "final"),
        (&[("one", "P"), ("two", "C")], "one\ntwo".into(), "corrected"),
        (&[("one", ""), ("two", "C")], "one\ntwo".into(), "corrected"),
        (&[("one", "F"), ("two", "D"), ("three", "F")], format!("one\n{gone}\nthree"), "final"),
        (&[("one", "F"), ("two", "W"), ("three", "C")], format!("one\n{gone}\nthree"), "corrected"),
        (&[("one", "D"), ("two", "F")], format!("{gone}\ntwo"), "final"),
        (&[("one", "D"), ("two", "D")], "one\ntwo".into(), "entered-in-error"),
    ];
    for kind in ["TX", "FT", "ST"] {
        for (lines, text, status) in &cases {
            let line = |(text, status): &(&str, &str)| format!("OBX|1|{kind}|t^Text^L|1|{text}||||||{status}");
            let lines: Vec<String> = lines.iter().map(line).collect();
            let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
            let (_, found) = report(&lines);
            assert_eq!((found.len(), &found[0]["valueString"]), (1, &json!(text)), "{lines:?}");
            assert_eq!(found[0]["status"], *status, "{lines:?}");
        }
    }
}

#[test]
fn a_correction_after_a_comment_replaces_no_line() {
    let (_, found) = report(&["OBX|1|TX|t||one||||||F", "NTE|1||Note", "OBX|2|TX|t||two||||||C"]);
    assert_eq!((found.len(), &found[0]["valueString"]), (1, &json!("one\ntwo")));
    assert_eq!(found[0]["note"][0]["text"], "Note");
}

#[test]
fn a_corrected_number_replaces_the_first_one_of_its_message() {
    for kind in ["NM", "SN", "ST"] {
        let result = |value: &str, status: &str| format!("OBX|1|{kind}|k^Potassium^L||{value}|mmol/L|||||{status}");
        let (_, found) = report(&[&result("6.9", "F"), &result("4.1", "C")]);
        assert_eq!((found.len(), &found[0]["status"]), (1, &json!("corrected")), "{kind}");
        assert!(found[0].to_string().contains("4.1") && !found[0].to_string().contains("6.9"), "{kind}");
    }
}

#[test]
fn comments_stay_with_their_subject() {
    let obr = |number: &str| format!("OBR|1||{number}|T^Test^L|||20261120080000||||||||||||||||||F");
    let segments = [
        PID,
        "NTE|1||Interpreter needed",
        "PV1|1|I",
        "ORC|RE|P1",
        "NTE|1||Urgent",
        &obr("F1"),
        "NTE|1||First line",
        "NTE|2",
        "NTE|3||  third line~fourth line",
        "OBX|1|NM|k^Potassium^L||6.9|mmol/L|3.5-5.3|HH|||F",
        "NTE|1||Grossly haemolysed",
        "NTE|2||Repeat|RE",
        "NTE|3||Drink water|PI^Patient instructions^HL70364",
        "SPM|1|||SER^Serum^L",
        "NTE|1||Short sample",
        "OBX|2|NM|na^Sodium^L||139|mmol/L|133-146|N|||F",
        "ORC|RE|P2",
        "NTE|1||Routine",
        &obr("F2"),
        "OBX|1|NM|k^Potassium^L||4.9",
    ];
    let all = items(mapped("ORU^R01", &segments));
    let (first, second) = (&all[0].pushed.resources, &all[1].pushed.resources);
    assert_eq!(
        first[0]["conclusion"],
        "Urgent\nFirst line\n\n  third line\nfourth line\nShort sample\nAbout the patient: Interpreter needed"
    );
    assert_eq!(second[0]["conclusion"], "Routine\nAbout the patient: Interpreter needed");
    let notes: Vec<_> =
        first[1]["note"].as_array().unwrap().iter().map(|note| note["text"].as_str().unwrap()).collect();
    assert_eq!(notes, ["Grossly haemolysed\nRepeat", "Patient instructions: Drink water"]);
    assert!(first[2].get("note").is_none() && second[1].get("note").is_none());
    assert_eq!(
        (&first[0]["specimen"][0]["display"], &first[1]["specimen"]["display"]),
        (&json!("Serum"), &json!("Serum"))
    );
}

#[test]
fn reference_range_method_and_performer_are_shown() {
    let obx = "OBX|1|NM|inr^INR^L||3.1||0.8-1.2~2.0-3.0|H~A|99|A~S|F||NOPAT^Not for the patient|20261120070000|LAB^Leeds laboratory|C1^Darwin^Samuel^^^Dr|M1^Coagulometry^L|EI7^ACL|20261120074500";
    let (_, found) = report(&[obx]);
    let one = &found[0];
    let ranges: Vec<_> =
        one["referenceRange"].as_array().unwrap().iter().map(|range| range["text"].as_str().unwrap()).collect();
    assert_eq!(ranges, ["0.8-1.2", "2.0-3.0"]);
    assert_eq!(one["referenceRange"][0]["appliesTo"][1]["text"], "people of this sex");
    assert_eq!(one["interpretation"].as_array().unwrap().len(), 2);
    assert_eq!(one["meta"]["security"][0], json!({ "code": "NOPAT", "display": "Not for the patient" }));
    assert_eq!(
        (&one["performer"][0]["display"], &one["performer"][1]["display"]),
        (&json!("Dr Samuel Darwin"), &json!("Leeds laboratory"))
    );
    assert_eq!((&one["method"]["text"], &one["device"]["display"]), (&json!("Coagulometry"), &json!("EI7 ACL")));
    assert_eq!(
        (&one["effectiveDateTime"], &one["issued"]),
        (&json!("2026-11-20T07:00:00Z"), &json!("2026-11-20T07:45:00Z"))
    );
}

#[test]
fn an_observation_before_the_order_is_not_lost() {
    let obr = "OBR|1||F1|T^Test^L|||20261120080000";
    let all = items(mapped("ORU^R01", &[PID, "OBX|1|NM|w^Weight^L||71.50|kg", "NTE|1||In shoes", obr]));
    let one = &all[0].pushed.resources[1];
    assert_eq!(
        (one["valueQuantity"]["value"].to_string(), &one["note"][0]["text"]),
        ("71.50".to_owned(), &json!("In shoes"))
    );
}
