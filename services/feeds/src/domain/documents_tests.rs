//! Tests of documents: sent, edited, replaced and withdrawn, in one or several files.

use serde_json::{Value, json};

use crate::domain::{
    Change, Item,
    testing::{PID, items, mapped, waiting_reason},
};

#[path = "documents_tests/files.rs"]
mod files;

/// A TXA with these fields, by number.
fn txa(fields: &[(usize, &str)]) -> String {
    let mut all = [""; 26].map(str::to_owned);
    for (number, value) in [(2, "CL^Clinic letter^L"), (12, "D1"), (17, "AU")].iter().chain(fields) {
        (*value).clone_into(&mut all[*number]);
    }
    format!("TXA{}", all.join("|"))
}

fn document(event: &str, fields: &[(usize, &str)], obx: &[&str]) -> Vec<Item> {
    let header = txa(fields);
    let segments: Vec<&str> = [PID, &header].into_iter().chain(obx.iter().copied()).collect();
    items(mapped(&format!("MDM^{event}"), &segments))
}

const TEXT: &str = "OBX|1|TX|t^Letter^L||Dear colleague||||||F";

fn resource(items: &[Item]) -> &Value {
    &items[0].pushed.resources[0]
}

#[test]
fn event_and_status_fields_give_the_document_status() {
    let cases: [(&str, &str, &str, &str, Option<&str>); 20] = [
        ("T01", "AU", "AV", "current", Some("final")),
        ("T02", "AU", "", "current", Some("final")),
        ("T02", "LA", "", "current", Some("final")),
        ("T02", "DO", "", "current", Some("final")),
        ("T02", "DI", "", "current", Some("preliminary")),
        ("T02", "IN", "", "current", Some("preliminary")),
        ("T02", "IP", "", "current", Some("preliminary")),
        ("T02", "PA", "", "current", Some("preliminary")),
        ("T02", "", "", "current", None),
        ("T02", "OB", "", "superseded", None),
        ("T02", "AU", "OB", "superseded", Some("final")),
        ("T03", "AU", "CA", "entered-in-error", Some("entered-in-error")),
        ("T04", "CA", "", "entered-in-error", Some("entered-in-error")),
        ("T06", "AU", "", "current", Some("final")),
        ("T07", "AU", "", "current", Some("amended")),
        ("T08", "AU", "", "current", Some("amended")),
        ("T08", "CA", "", "entered-in-error", Some("entered-in-error")),
        ("T10", "AU", "", "current", Some("final")),
        ("T11", "", "", "entered-in-error", Some("entered-in-error")),
        ("T11", "AU", "AV", "entered-in-error", Some("entered-in-error")),
    ];
    for (event, completion, availability, status, doc_status) in cases {
        let all = document(event, &[(17, completion), (19, availability)], &[TEXT]);
        let one = resource(&all);
        assert_eq!(one["status"], status, "{event} {completion} {availability}");
        assert_eq!(one.get("docStatus").and_then(Value::as_str), doc_status, "{event} {completion}");
        let withdrawn = status == "entered-in-error";
        assert_eq!(one["content"][0]["attachment"].get("data").is_none(), withdrawn, "{event} {completion}");
        assert_eq!(all[0].change == Change::Withdrawn, withdrawn, "{event}");
    }
}

#[test]
fn a_replacement_supersedes_the_named_document() {
    let all = document("T10", &[(12, "D2"), (13, "D1"), (2, "DS^Discharge summary^L")], &[TEXT]);
    let (new, old) = (&all[0], &all[1]);
    assert_eq!((new.key.as_str(), old.key.as_str()), ("D2", "D1"));
    assert_eq!((&new.change, &old.change), (&Change::Complete, &Change::Superseded));
    assert!(new.pushed.discharge_letter && !old.pushed.discharge_letter);
    let (new, old) = (&new.pushed.resources[0], &old.pushed.resources[0]);
    assert_eq!((&new["status"], &old["status"]), (&json!("current"), &json!("superseded")));
    let relation = &new["relatesTo"][0];
    assert_eq!((&relation["code"], &relation["target"]["identifier"]["value"]), (&json!("replaces"), &json!("D1")));
    let reference = format!("DocumentReference/{}", old["id"].as_str().unwrap());
    assert_eq!(relation["target"]["reference"], reference);
    assert_eq!(old["type"]["text"], "Discharge summary");
    // With its own number as parent it replaces nothing else.
    assert_eq!(document("T10", &[(13, "D1")], &[TEXT]).len(), 1);
    let unnamed = document("T10", &[], &[TEXT]);
    assert_eq!(unnamed.len(), 1);
    assert_eq!(resource(&unnamed)["description"], "Replaces an earlier document, which the sender did not name");
    // A withdrawn replacement supersedes nothing.
    assert_eq!(document("T10", &[(12, "D2"), (13, "D1"), (19, "CA")], &[TEXT]).len(), 1);
}

#[test]
fn an_addendum_is_added_to_its_document() {
    for event in ["T05", "T06"] {
        let all = document(event, &[(12, "D2"), (13, "D1")], &[TEXT]);
        assert_eq!((all.len(), &resource(&all)["relatesTo"][0]["code"]), (1, &json!("appends")), "{event}");
    }
}

#[test]
fn words_of_confidentiality_without_a_code_are_a_label() {
    let all = document("T02", &[(18, "^Only for the team")], &[TEXT]);
    let one = resource(&all);
    let label = json!([{ "display": "Only for the team" }]);
    assert_eq!((&one["meta"]["security"], &one["securityLabel"][0]["coding"]), (&label, &label));
}

#[test]
fn a_document_keeps_its_confidentiality() {
    let cases = [
        ("R^Restricted", "R", "Restricted"),
        ("V", "V", "very restricted"),
        ("U", "N", "normal"),
        ("X9^Only for the team", "X9", "Only for the team"),
    ];
    for (sent, code, words) in cases {
        let all = document("T02", &[(18, sent)], &[TEXT]);
        let one = resource(&all);
        assert_eq!(one["meta"]["security"][0]["code"], code, "{sent}");
        assert_eq!(
            (&one["securityLabel"][0]["coding"][0]["code"], &one["securityLabel"][0]["text"]),
            (&json!(code), &json!(words))
        );
    }
}

#[test]
fn a_document_with_several_patients_or_headers_is_a_dead_letter() {
    let header = txa(&[]);
    let two = waiting_reason(mapped("MDM^T02", &[PID, &header, "PID|2||4712"]));
    assert!(two.contains("several"), "{two}");
    let headers = waiting_reason(mapped("MDM^T02", &[PID, &header, TEXT, &header]));
    assert!(headers.contains("more than one"), "{headers}");
}
