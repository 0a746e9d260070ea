//! The list, the name and the alignment of a medication, by status, intent and prohibition.

#![allow(clippy::needless_pass_by_value, reason = "each case is written where it is used")]

use lcr_contracts::record::Entry;
use serde_json::json;

use super::*;
use crate::domain::compare::medications;

fn request(fields: Value) -> EntryContent {
    let mut request = json!({ "status": "active", "intent": "order", "medicationCodeableConcept": { "text": "Ibuprofen 400 mg tablets" } });
    for (name, value) in fields.as_object().unwrap() {
        request[name] = value.clone();
    }
    read_medication(ResourceType::MedicationRequest, &request, &SystemKind::Gp)
}

fn is_current(content: &EntryContent) -> bool {
    medications::is_current(&Entry {
        status: content.status.clone(),
        detail: content.detail.clone(),
        ..Entry::default()
    })
}

#[test]
fn only_an_active_order_is_a_current_medication() {
    for (fields, expected) in [
        (json!({}), true),
        (json!({ "intent": "original-order" }), true),
        (json!({ "intent": "reflex-order" }), true),
        (json!({ "intent": "filler-order" }), true),
        (json!({ "intent": "instance-order" }), true),
        (json!({ "intent": "proposal" }), false),
        (json!({ "intent": "plan" }), false),
        (json!({ "intent": "option" }), false),
        (json!({ "doNotPerform": true }), false),
        (json!({ "status": "draft" }), false),
        (json!({ "status": "on-hold" }), false),
        (json!({ "status": "cancelled" }), false),
        (json!({ "status": "stopped" }), false),
        (json!({ "status": "completed" }), false),
        (json!({ "status": "unknown" }), false),
        (json!({ "status": "not-taken" }), false),
        (json!({ "status": "intended" }), false),
        (json!({ "wasNotTaken": true }), false),
    ] {
        assert_eq!(is_current(&request(fields.clone())), expected, "{fields}");
    }
}

#[test]
fn a_medication_not_to_be_given_says_so_in_its_title_and_is_listed_separately() {
    let content = request(json!({ "doNotPerform": true, "reasonCode": [{ "text": "Bleeding ulcer" }] }));
    assert_eq!(content.title, "Do not give: Ibuprofen 400 mg tablets");
    let Detail::Medication { aligned_by, list, reason, .. } = &content.detail else { panic!("a medication") };
    assert_eq!((list.as_str(), reason.as_deref()), ("do not give", Some("Bleeding ulcer")));
    assert!(aligned_by.starts_with("do not give ibuprofen"), "never aligned with a medication that is given");
}

#[test]
fn the_name_is_found_wherever_it_is_sent() {
    let named = |fields: Value| {
        let mut statement = json!({ "status": "active" });
        for (name, value) in fields.as_object().unwrap() {
            statement[name] = value.clone();
        }
        read_medication(ResourceType::MedicationStatement, &statement, &SystemKind::Gp).title
    };
    let contained = json!([{ "resourceType": "Medication", "id": "m1", "code": { "coding": [{ "display": "Furosemide 40 mg tablets" }] } }]);
    for (fields, title) in [
        (json!({ "medicationCodeableConcept": { "text": "Warfarin" } }), "Warfarin"),
        (json!({ "medicationCodeableConcept": { "coding": [{ "code": "1", "display": "Warfarin" }] } }), "Warfarin"),
        (json!({ "contained": contained, "medicationReference": { "reference": "#m1" } }), "Furosemide 40 mg tablets"),
        (json!({ "medicationReference": { "reference": "Medication/1", "display": "Digoxin" } }), "Digoxin"),
        (json!({ "medicationReference": { "reference": "Medication/1" } }), super::NAME_NOT_READABLE),
        (json!({}), "Not named by the source"),
    ] {
        assert_eq!(named(fields.clone()), title, "{fields}");
    }
}

#[test]
fn medications_align_by_ingredient_and_route() {
    assert_eq!(alignment_key("Bisoprolol 2.5 mg tablets", Some("Oral route")), "bisoprolol oral");
    assert_eq!(alignment_key("Bisoprolol 5 mg tablets", Some("Oral")), "bisoprolol oral");
    assert_eq!(alignment_key("Insulin glargine 100 units/ml", None), "insulin glargine route not given");
    assert_eq!(alignment_key("322236009 (dm+d)", None), "322236009 (dm+d) route not given");
    assert_eq!(
        alignment_key("Paracetamol 500 mg in 1 + Codeine 30 mg in 1", Some("Oral")),
        "paracetamol + codeine oral"
    );
}

#[test]
fn two_medications_without_a_name_are_never_aligned() {
    let of = |id: &str| {
        let value = json!({ "id": id, "status": "active", "medicationReference": { "reference": "Medication/1" } });
        match read_medication(ResourceType::MedicationStatement, &value, &SystemKind::Gp).detail {
            Detail::Medication { aligned_by, .. } => aligned_by,
            _ => String::new(),
        }
    };
    assert_ne!(of("1"), of("2"));
}

#[test]
fn dangerous_abbreviations_are_written_in_full() {
    assert_eq!(expand_units("100 mcg daily"), "100 micrograms daily");
    assert_eq!(expand_units("10 IU at night"), "10 units at night");
    assert_eq!(expand_units("100mcg, and 10U"), "100 micrograms, and 10 units");
}
