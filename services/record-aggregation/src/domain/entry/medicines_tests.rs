//! Which list a medicine stands on, by status, intent and what its source forbids; what it is called and aligned by.

#![allow(clippy::needless_pass_by_value, reason = "what a source gives is written where it is given")]

use lcr_contracts::record::Entry;
use serde_json::json;

use super::*;
use crate::domain::merge::medications::current;

fn request(fields: Value) -> Said {
    let mut request = json!({ "status": "active", "intent": "order", "medicationCodeableConcept": { "text": "Ibuprofen 400 mg tablets" } });
    for (name, value) in fields.as_object().unwrap() {
        request[name] = value.clone();
    }
    medicine(Kind::MedicationRequest, &request, "gp")
}

fn is_current(said: &Said) -> bool {
    current(&Entry { status: said.status.clone(), detail: said.detail.clone(), ..Entry::default() })
}

#[test]
fn only_an_active_order_is_a_current_medicine() {
    for (fields, is) in [
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
        assert_eq!(is_current(&request(fields.clone())), is, "{fields}");
    }
}

#[test]
fn what_must_not_be_given_says_so_in_its_name_and_stands_apart() {
    let said = request(json!({ "doNotPerform": true, "reasonCode": [{ "text": "Bleeding ulcer" }] }));
    assert_eq!(said.title, "Do not give: Ibuprofen 400 mg tablets");
    let Detail::Medication { aligned_by, list, reason, .. } = &said.detail else { panic!("a medicine") };
    assert_eq!((list.as_str(), reason.as_deref()), ("do not give", Some("Bleeding ulcer")));
    assert!(
        aligned_by.starts_with("do not give ibuprofen"),
        "never in one row with a medicine that is given"
    );
}

#[test]
fn a_medicine_is_named_wherever_its_name_stands() {
    let named = |fields: Value| {
        let mut statement = json!({ "status": "active" });
        for (name, value) in fields.as_object().unwrap() {
            statement[name] = value.clone();
        }
        medicine(Kind::MedicationStatement, &statement, "gp").title
    };
    let contained = json!([{ "resourceType": "Medication", "id": "m1", "code": { "coding": [{ "display": "Furosemide 40 mg tablets" }] } }]);
    for (fields, title) in [
        (json!({ "medicationCodeableConcept": { "text": "Warfarin" } }), "Warfarin"),
        (
            json!({ "medicationCodeableConcept": { "coding": [{ "code": "1", "display": "Warfarin" }] } }),
            "Warfarin",
        ),
        (
            json!({ "contained": contained, "medicationReference": { "reference": "#m1" } }),
            "Furosemide 40 mg tablets",
        ),
        (json!({ "medicationReference": { "reference": "Medication/1", "display": "Digoxin" } }), "Digoxin"),
        (json!({ "medicationReference": { "reference": "Medication/1" } }), super::NAMED_ELSEWHERE),
        (json!({}), "Not named by the source"),
    ] {
        assert_eq!(named(fields.clone()), title, "{fields}");
    }
}

#[test]
fn medicines_align_by_ingredient_and_route() {
    assert_eq!(aligned_by("Bisoprolol 2.5 mg tablets", Some("Oral route")), "bisoprolol oral");
    assert_eq!(aligned_by("Bisoprolol 5 mg tablets", Some("Oral")), "bisoprolol oral");
    assert_eq!(aligned_by("Insulin glargine 100 units/ml", None), "insulin glargine route not given");
    assert_eq!(aligned_by("322236009 (dm+d)", None), "322236009 (dm+d) route not given");
    assert_eq!(
        aligned_by("Paracetamol 500 mg in 1 + Codeine 30 mg in 1", Some("Oral")),
        "paracetamol + codeine oral"
    );
}

#[test]
fn two_medicines_without_a_name_are_never_one_row() {
    let of = |id: &str| {
        let value =
            json!({ "id": id, "status": "active", "medicationReference": { "reference": "Medication/1" } });
        match medicine(Kind::MedicationStatement, &value, "gp").detail {
            Detail::Medication { aligned_by, .. } => aligned_by,
            _ => String::new(),
        }
    };
    assert_ne!(of("1"), of("2"));
}

#[test]
fn dangerous_abbreviations_are_written_in_full() {
    assert_eq!(in_full("100 mcg daily"), "100 micrograms daily");
    assert_eq!(in_full("10 IU at night"), "10 units at night");
    assert_eq!(in_full("100mcg, and 10U"), "100 micrograms, and 10 units");
}
