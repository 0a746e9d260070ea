//! Labelled and barred items are in no output, and their removal is disclosed only if that is safe.

#![allow(clippy::unwrap_used, reason = "tests")]

use lcr_contracts::record::Omission;
use lcr_model::Clearance;
use serde_json::json;

use super::*;
use crate::testing::{Scene, item};

const CONFIDENTIALITY: &str = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality";
const ACT_CODE: &str = "http://terminology.hl7.org/CodeSystem/v3-ActCode";

fn labelled(code: &str) -> Value {
    let system = if code.len() == 1 { CONFIDENTIALITY } else { ACT_CODE };
    json!({ "meta": { "security": [{ "system": system, "code": code }] } })
}

fn coded(system: &str, code: &str) -> Value {
    json!({ "code": { "coding": [{ "system": system, "code": code }] } })
}

#[test]
fn every_label_and_every_barred_code_has_its_meaning() {
    let of = |value: &Value| labels_of(ResourceType::Condition, value).into_iter().collect::<Vec<_>>();
    for harmless in ["N", "U", "L", "M", "HTEST", "NOPAT"] {
        assert_eq!(of(&labelled(harmless)), [], "{harmless}");
    }
    for (code, label) in [
        ("R", Label::Restricted),
        ("V", Label::VeryRestricted),
        ("PSY", Label::MentalHealth),
        ("HIV", Label::SexualHealth),
        ("SEX", Label::SexualHealth),
        ("SDV", Label::Violence),
        ("ETH", Label::SubstanceMisuse),
        ("ETHUD", Label::SubstanceMisuse),
        ("SUD", Label::SubstanceMisuse),
        ("TABOO", Label::Unknown),
        ("a label of tomorrow", Label::Unknown),
        ("STD", Label::Barred),
    ] {
        assert_eq!(of(&labelled(code)), [label], "{code}");
    }
    for (system, code) in [
        ("http://snomed.info/sct", "63487001"),
        ("http://snomed.info/sct", "93461009"),
        ("http://snomed.info/sct", "240589008"),
        ("http://hl7.org/fhir/sid/icd-10", "A56.0"),
        ("http://hl7.org/fhir/sid/icd-10-uk", "F640"),
        ("http://hl7.org/fhir/sid/icd-10", "z31.1"),
        ("http://hl7.org/fhir/sid/icd-10", "Z311"),
        ("urn:oid:2.16.840.1.113883.6.3", "B20.9"),
    ] {
        assert_eq!(of(&coded(system, code)), [Label::Barred], "{code}");
    }
    assert_eq!(of(&coded("urn:own", "A56.0")), [], "codes of other systems are never guessed");
    assert!(labels_of(ResourceType::Patient, &labelled("R")).is_empty(), "a label on a Patient is no label of an item");
}

#[test]
fn a_label_counts_anywhere_in_an_item() {
    let of = |resource_type, value: &Value| labels_of(resource_type, value).into_iter().collect::<Vec<_>>();
    let inside =
        json!({ "contained": [{ "resourceType": "Observation", "meta": { "security": [{ "code": "HIV" }] } }] });
    assert_eq!(of(ResourceType::DiagnosticReport, &inside), [Label::SexualHealth]);
    let letter = json!({ "securityLabel": [{ "coding": [{ "code": "N" }] }, { "coding": [{ "code": "PSY" }] }] });
    assert_eq!(of(ResourceType::DocumentReference, &letter), [Label::MentalHealth]);
    let reason = json!({ "reasonCode": [coded("http://snomed.info/sct", "76272004")["code"]] });
    assert_eq!(of(ResourceType::ServiceRequest, &reason), [Label::Barred]);
    let both = json!({ "meta": { "security": [{ "code": "R" }, { "code": "STD" }] } });
    assert_eq!(of(ResourceType::Condition, &both), [Label::Restricted, Label::Barred]);
}

#[test]
fn a_label_that_cannot_be_read_is_unknown_and_never_absent() {
    let of = |value: &Value| labels_of(ResourceType::Condition, value).into_iter().collect::<Vec<_>>();
    let own = |label: Value| json!({ "meta": { "security": [label] } });
    for unreadable in [
        own(json!({ "system": ACT_CODE, "display": "psychiatry" })),
        own(json!({})),
        own(json!("PSY")),
        own(json!({ "system": "urn:own", "code": "N" })),
        own(json!({ "system": "http://snomed.info/sct", "code": "R" })),
        own(json!({ "system": "", "code": "N" })),
        json!({ "securityLabel": [{ "text": "Only for the team" }] }),
        json!({ "securityLabel": [{ "coding": [], "text": "Only for the team" }] }),
        json!({ "securityLabel": [{ "coding": [{ "display": "Only for the team" }] }] }),
        json!({ "securityLabel": { "text": "Only for the team" } }),
    ] {
        assert_eq!(of(&unreadable), [Label::Unknown], "{unreadable}");
    }
    for system in [CONFIDENTIALITY, "http://hl7.org/fhir/v3/Confidentiality", "urn:oid:2.16.840.1.113883.5.25"] {
        assert_eq!(of(&own(json!({ "system": system, "code": "R" }))), [Label::Restricted], "{system}");
        assert_eq!(of(&own(json!({ "system": system, "code": "N" }))), [], "{system}");
    }
    assert_eq!(of(&own(json!({ "code": "PSY" }))), [Label::MentalHealth], "a code without a system");
    let none = json!({ "meta": { "security": [], "lastUpdated": "2026-11-20" }, "securityLabel": null });
    assert_eq!(of(&none), []);
}

#[test]
fn an_item_is_kept_only_if_every_label_of_it_is_open_and_barred_ones_never_are() {
    let open = |labels: &[Label]| labels.iter().cloned().collect::<BTreeSet<_>>();
    let all = open(&Label::KNOWN);
    for label in Label::KNOWN {
        let one = open(std::slice::from_ref(&label));
        assert_eq!(withheld_for(one.clone(), |_| false), one);
        let never = matches!(label, Label::Barred | Label::Unknown);
        assert_eq!(withheld_for(one.clone(), |label| all.contains(label)).is_empty(), !never, "{label}");
        // One more label never opens an item.
        for more in Label::KNOWN {
            let two = open(&[label.clone(), more]);
            let is_open = |label: &Label| one.contains(label);
            assert!(withheld_for(two, is_open).len() >= withheld_for(one.clone(), is_open).len());
        }
    }
}

fn with(resource_type: &str, id: &str, more: Value, label: &str) -> Value {
    let mut value = item(resource_type, id, more);
    value.as_object_mut().unwrap().extend(labelled(label).as_object().unwrap().clone());
    value
}

/// One labelled item of most types, and an ordinary one of each.
fn items() -> Vec<Value> {
    let text = |words: &str| json!({ "code": { "text": words } });
    let result = |words: &str| json!({ "status": "final", "code": { "text": words }, "valueString": words });
    let letter = |words: &str| {
        let data = if words == "SECRET" { "U0VDUkVU" } else { "UGxhaW4=" };
        json!({ "status": "current", "type": { "text": "Clinic letter" }, "description": words,
            "content": [{ "attachment": { "contentType": "text/plain", "data": data } }] })
    };
    let referral = |words: &str| json!({ "status": "active", "intent": "order", "code": { "text": words } });
    let report =
        json!({ "status": "final", "code": { "text": "SECRET" }, "result": [{ "reference": "Observation/o3" }] });
    let medicine = json!({ "status": "active", "intent": "order", "medicationCodeableConcept": { "text": "SECRET" } });
    vec![
        item("Patient", "7", json!({ "name": [{ "family": "Test" }] })),
        with("Condition", "c1", text("SECRET"), "PSY"),
        item("Condition", "c2", coded("http://snomed.info/sct", "86406008")),
        item("Condition", "c3", text("Plain")),
        with("Observation", "o1", result("SECRET"), "HIV"),
        item("Observation", "o2", result("Plain")),
        item("Observation", "o3", result("SECRET")),
        with("DiagnosticReport", "r1", report, "SEX"),
        with("DocumentReference", "d1", letter("SECRET"), "V"),
        item("DocumentReference", "d2", letter("Plain")),
        with("ServiceRequest", "s1", referral("SECRET"), "SDV"),
        with("AllergyIntolerance", "a1", text("SECRET"), "ETH"),
        with("MedicationRequest", "m1", medicine, "HIV"),
    ]
}

#[tokio::test]
async fn no_labelled_item_is_in_any_output() {
    let scene = Scene::with(items()).await;
    let everything = scene.all_outputs().await;
    assert!(everything.iter().any(|(output, text)| output == "record" && text.contains("Plain")));
    for (output, text) in everything {
        assert!(
            !text.contains("SECRET") && !text.contains("U0VDUkVU") && !text.contains("86406008"),
            "{output}: {text}"
        );
    }
}

#[tokio::test]
async fn a_reader_whose_permit_opens_a_label_sees_those_items_and_no_others() {
    let label = |code: &str, words: &str| with("Condition", code, json!({ "code": { "text": words } }), code);
    let scene = Scene::with(vec![label("PSY", "Panic"), label("R", "Private"), label("STD", "SECRET")]).await;
    scene.fakes.change(|world| world.labels.lock().unwrap().extend([Label::MentalHealth, Label::Barred]));
    for (output, text) in scene.all_outputs().await {
        assert!(!text.contains("Private") && !text.contains("SECRET"), "{output}: {text}");
        if output == "record" {
            assert!(text.contains("Panic"), "{text}");
        }
    }
}

#[tokio::test]
async fn a_removal_is_disclosed_only_if_that_is_safe() {
    let scene = Scene::with(items()).await;
    let record = lcr_contracts::Records::whole(&*scene.service, &crate::testing::caller(), scene.ask()).await.unwrap();
    let disclosed: Vec<(Dataset, u32)> = record
        .not_shown
        .iter()
        .filter(|one| one.reason == Omission::Confidential)
        .map(|one| (one.dataset, one.count))
        .collect();
    let mut expected = [(Dataset::Allergies, 1), (Dataset::Medications, 1), (Dataset::Documents, 1)];
    expected.sort_unstable();
    let mut disclosed_in_order = disclosed.clone();
    disclosed_in_order.sort_unstable();
    assert_eq!(disclosed_in_order, expected);
    assert!(record.not_shown.iter().all(|one| one.items.is_empty()), "the ids are not disclosed");
    assert!(record.may_hold_more, "true for every record");
    let report = record.sources[0].datasets.iter();
    let counts: Vec<(Dataset, u32)> = report.filter(|one| one.count > 0).map(|one| (one.dataset, one.count)).collect();
    assert!(counts.contains(&(Dataset::Diagnoses, 1)), "undisclosed items are not counted: {counts:?}");
    assert!(!counts.iter().any(|(dataset, _)| *dataset == Dataset::Referrals), "{counts:?}");
}

/// A role that sees only titles of letters sees their kind, and not the writer's own title.
#[tokio::test]
async fn a_receptionist_sees_neither_the_title_of_a_letter_nor_of_a_referral() {
    let letter = json!({ "status": "current", "type": { "text": "Clinic letter" }, "description": "SECRET psychosis review",
        "content": [{ "attachment": { "title": "SECRET", "contentType": "text/plain", "data": "U0VDUkVU" } }] });
    let referral = json!({ "status": "active", "intent": "order", "code": { "text": "SECRET psychiatry" } });
    let scene =
        Scene::with(vec![item("DocumentReference", "d1", letter), item("ServiceRequest", "s1", referral)]).await;
    let titles = [Clearance::DocumentsTitles, Clearance::ReferralsTitles];
    scene.fakes.change(|world| world.clearances.lock().unwrap().extend(titles));
    let everything = scene.all_outputs().await;
    for (output, text) in &everything {
        assert!(!text.contains("SECRET") && !text.contains("U0VDUkVU"), "{output}: {text}");
    }
    assert!(everything[0].1.contains("Clinic letter") && everything[0].1.contains("Referral"), "{}", everything[0].1);
}
