//! Tests of item versions: fields that a later version omits stay, and withdrawn ones go.

use serde_json::json;

use super::*;
use crate::domain::testing::{PID, items, mapped};

/// The item after these versions, each given by its segments.
fn after(kind: &str, versions: &[&[&str]]) -> PushedItem {
    let mut known = None;
    for segments in versions {
        let all: Vec<&str> = std::iter::once(PID).chain(segments.iter().copied()).collect();
        let item = items(mapped(kind, &all)).remove(0);
        known = Some(apply_change(&item.change, known, item.pushed));
    }
    known.unwrap()
}

const OBR: &str = "OBR|1||F1|T^Test^L|||20261120080000||||||||||||||||||F";
const POTASSIUM: &str = "OBX|1|NM|k^Potassium^L||6.9|mmol/L|||||F";
const SODIUM: &str = "OBX|2|NM|na^Sodium^L||139|mmol/L|||||P";

/// Value and status of each observation.
fn values(item: &PushedItem) -> Vec<(String, String)> {
    let text = |value: &serde_json::Value| value.to_string().trim_matches('"').to_owned();
    let ones = item.resources[1..].iter();
    ones.map(|one| (text(&one["valueQuantity"]["value"]), text(&one["status"]))).collect()
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(value, status)| ((*value).to_owned(), (*status).to_owned())).collect()
}

/// The segments after OBR, and the expected observations.
type Case<'c> = (&'c [&'c str], &'c [(&'c str, &'c str)]);

#[test]
fn a_correction_of_one_result_leaves_the_others() {
    let first: &[&str] = &[OBR, POTASSIUM, SODIUM];
    let cases: [Case<'_>; 5] = [
        (&["OBX|1|NM|k^Potassium^L||4.1|mmol/L|||||C"], &[("4.1", "corrected"), ("139", "preliminary")]),
        (&["OBX|1|NM|k^Potassium^L||||||||D"], &[("6.9", "entered-in-error"), ("139", "preliminary")]),
        (&["OBX|1|NM|na^Sodium^L||||||||U"], &[("6.9", "final"), ("139", "final")]),
        (&["OBX|1|NM|cl^Chloride^L||99||||||C"], &[("6.9", "final"), ("139", "preliminary"), ("99", "corrected")]),
        (&["OBX|1|NM|cl^Chloride^L||99||||||F"], &[("99", "final")]),
    ];
    for (next, expected) in cases {
        let second: Vec<&str> = std::iter::once(OBR).chain(next.iter().copied()).collect();
        let now = after("ORU^R01", &[first, &second]);
        assert_eq!(values(&now), pairs(expected), "{next:?}");
        let references = now.resources[0]["result"].as_array().unwrap();
        let ids: Vec<_> = now.resources[1..].iter().map(|one| one["id"].as_str().unwrap()).collect();
        let named: Vec<_> = references.iter().filter_map(|one| one["reference"].as_str()?.split('/').nth(1)).collect();
        assert_eq!(named, ids);
    }
}

#[test]
fn a_comment_on_a_new_status_is_added_to_the_old_ones() {
    let first: &[&str] = &[OBR, POTASSIUM, "NTE|1||Haemolysed"];
    let second: &[&str] = &[OBR, "OBX|1|NM|k^Potassium^L||||||||W", "NTE|1||Of another patient"];
    let now = after("ORU^R01", &[first, second]);
    let notes: Vec<_> = now.resources[1]["note"].as_array().unwrap().iter().map(|one| one["text"].clone()).collect();
    assert_eq!(notes, [json!("Haemolysed"), json!("Of another patient")]);
}

const PDF: &str = "OBX|1|ED|PDF^Report^L||^AP^PDF^Base64^JVBERi0xLjQ=||||||F";
const BEFORE: &str = "From before the correction of 20-Nov-2026: Report";
const WITHDRAWN: &str = "The sender has withdrawn this file";

/// The title of each file of a report, and whether it has data.
fn forms(item: &PushedItem) -> Vec<(&str, bool)> {
    let forms = item.resources[0]["presentedForm"].as_array().map_or(&[][..], Vec::as_slice).iter();
    forms.map(|one| (one["title"].as_str().unwrap(), one.get("data").is_some())).collect()
}

#[test]
fn a_correction_marks_or_removes_the_old_files() {
    let with = |status: &str| PDF.replace("|F", &format!("|{status}"));
    let corrected = "OBX|2|NM|k^Potassium^L||4.1|mmol/L|||||C";
    let cases: [(&str, &[(&str, bool)]); 10] = [
        (corrected, &[(BEFORE, true)]),
        ("OBX|2|NM|k^Potassium^L||||||||W", &[(BEFORE, true)]),
        ("OBX|2|NM|k^Potassium^L||||||||U", &[("Report", true)]),
        (&with("C"), &[("Report", true)]),
        (&with("D"), &[(WITHDRAWN, false)]),
        ("OBX|1|ED|PDF^Report^L||||||||D", &[(WITHDRAWN, false)]),
        ("OBX|1||PDF^Report^L||||||||W", &[(WITHDRAWN, false)]),
        ("OBX|1|ED|PDF^Report^L||||||||X", &[(WITHDRAWN, false)]),
        ("OBX|1|ED|PDF^Report^L||||||||U", &[("Report", true)]),
        ("OBX|1||PDF^Report^L||||||||U", &[("Report", true)]),
    ];
    for (next, expected) in cases {
        let now = after("ORU^R01", &[&[OBR, PDF, POTASSIUM], &[OBR, next]]);
        assert_eq!(forms(&now), expected, "{next}");
        assert_eq!(now.resources.len(), 2, "{next}");
        assert_eq!(now.resources[0]["result"].as_array().unwrap().len(), 1, "{next}");
    }
    let twice = after("ORU^R01", &[&[OBR, PDF, POTASSIUM], &[OBR, corrected], &[OBR, corrected]]);
    assert_eq!(forms(&twice), [(BEFORE, true)]);
    let whole = after("ORU^R01", &[&[OBR, PDF, POTASSIUM], &[&OBR.replace("|F", "|C"), POTASSIUM]]);
    assert_eq!(forms(&whole), []);
}

#[test]
fn a_correction_marks_the_old_conclusion() {
    let first: &[&str] = &[OBR, "NTE|1||Severe hyperkalaemia", POTASSIUM];
    let corrected = "OBX|1|NM|k^Potassium^L||4.1|mmol/L|||||C";
    let cases: [(&[&str], &str); 5] = [
        (&[OBR, corrected], "Before the correction: Severe hyperkalaemia"),
        (&[OBR, "NTE|1||Normal", corrected], "Normal\nBefore the correction: Severe hyperkalaemia"),
        (&[OBR, "NTE|1||Severe hyperkalaemia", corrected], "Severe hyperkalaemia"),
        (&[OBR, "OBX|1|NM|k^Potassium^L||||||||U"], "Severe hyperkalaemia"),
        (&[OBR, "NTE|1||Normal", POTASSIUM], "Normal"),
    ];
    for (second, expected) in cases {
        let now = after("ORU^R01", &[first, second]);
        assert_eq!(now.resources[0]["conclusion"], expected, "{second:?}");
        // Repeating it changes nothing.
        let again = after("ORU^R01", &[first, second, second]);
        assert_eq!(again.resources[0]["conclusion"], expected, "{second:?}");
    }
}

#[test]
fn a_correction_lifts_no_access_restriction() {
    let first: &[&str] = &[OBR, &format!("{PDF}||NOPAT"), POTASSIUM];
    let second = "OBX|1|ED|PDF^Report^L||^AP^PDF^Base64^JVBERi0xLjU=||||||C||STAFF";
    let now = after("ORU^R01", &[first, &[OBR, second]]);
    let labels = now.resources[0]["meta"]["security"].as_array().unwrap();
    let codes: Vec<_> = labels.iter().map(|one| one["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["STAFF", "NOPAT"]);
}

#[test]
fn an_edit_without_content_marks_the_old_content() {
    let known = after("MDM^T02", &[&[&txa("D1", "AU", "AV"), TEXT]]);
    let edit = items(mapped("MDM^T07", &[PID, &txa("D1", "AU", "AV")])).remove(0);
    let now = apply_change(&edit.change, Some(known), edit.pushed);
    let attachment = &now.resources[0]["content"][0]["attachment"];
    assert_eq!(attachment["title"], "From before the correction of 20-Nov-2026: Discharge summary");
    assert!(attachment.get("data").is_some() && now.resources[0]["docStatus"] == "amended");
}

const TEXT: &str = "OBX|1|TX|t^Letter^L||Dear colleague||||||F";

fn txa(number: &str, completion: &str, availability: &str) -> String {
    format!("TXA|1|{}||||20261120090000||||||{number}|||||{completion}||{availability}", "DS^Discharge summary^L")
}

#[test]
fn a_change_of_status_keeps_the_document() {
    let draft = txa("D1", "DI", "UN");
    let known = after("MDM^T02", &[&[&draft, TEXT]]);
    assert!(known.resources[0]["content"][0]["attachment"].get("data").is_some());
    let shown = withhold_unreleased(known.clone());
    assert_eq!(
        shown.resources[0]["content"][0]["attachment"]["title"],
        "The sender has not released this document for patient care"
    );
    assert!(shown.resources[0]["content"][0]["attachment"].get("data").is_none());
    // Only the status, without content or type.
    let signed = "TXA|1|||||||||||D1|||||AU||AV";
    let now = items(mapped("MDM^T03", &[PID, signed])).remove(0);
    let now = withhold_unreleased(apply_change(&now.change, Some(known), now.pushed));
    let one = &now.resources[0];
    assert_eq!(
        (&one["docStatus"], &one["type"]["text"], now.name.as_str()),
        (&json!("final"), &json!("Discharge summary"), "Discharge summary")
    );
    assert!(one["content"][0]["attachment"].get("data").is_some() && now.discharge_letter);
}

#[test]
fn a_withdrawn_or_replaced_document_is_no_discharge_letter() {
    let known = after("MDM^T02", &[&[&txa("D1", "AU", "AV"), TEXT]]);
    assert!(known.discharge_letter);
    let cancel = items(mapped("MDM^T11", &[PID, "TXA|1|||||||||||D1"])).remove(0);
    let gone = apply_change(&cancel.change, Some(known.clone()), cancel.pushed);
    assert_eq!((&gone.resources[0]["status"], gone.name.as_str()), (&json!("entered-in-error"), "Discharge summary"));
    assert!(!gone.discharge_letter && gone.resources[0]["content"][0]["attachment"].get("data").is_none());
    let header = format!("{}|D1||||AU", "TXA|1|DS^Discharge summary^L||||||||||D2");
    let replaced = items(mapped("MDM^T10", &[PID, &header, TEXT])).remove(1);
    let old = apply_change(&replaced.change, Some(known), replaced.pushed);
    assert_eq!(old.resources[0]["status"], "superseded");
    assert!(!old.discharge_letter && old.resources[0]["content"][0]["attachment"].get("data").is_some());
    // A withdrawn document stays withdrawn.
    let replaced = items(mapped("MDM^T10", &[PID, &header, TEXT])).remove(1);
    assert_eq!(apply_change(&replaced.change, Some(gone), replaced.pushed).resources[0]["status"], "entered-in-error");
}
