//! Every type, status and form of denial: what stands, what does not, what is marked.

use lcr_contracts::record::{Mark, Omission};
use serde_json::{Value, json};

use super::*;

#[test]
fn what_was_entered_in_error_stands_nowhere() {
    for kind in Kind::ALL.iter().filter(|kind| **kind != Kind::DocumentReference) {
        assert_eq!(omission(*kind, &json!({ "status": "entered-in-error" })), Some(Omission::EnteredInError));
    }
    let coded =
        json!({ "verificationStatus": { "coding": [{ "code": "X" }, { "code": "entered-in-error" }] } });
    assert_eq!(omission(Kind::AllergyIntolerance, &coded), Some(Omission::EnteredInError));
    let as_text = json!({ "verificationStatus": { "text": "Entered in error" } });
    assert_eq!(omission(Kind::Condition, &as_text), Some(Omission::EnteredInError));
    let document = json!({ "status": "current", "docStatus": "entered-in-error" });
    assert_eq!(omission(Kind::DocumentReference, &document), Some(Omission::Withdrawn));
}

#[test]
fn a_modifier_we_do_not_know_anywhere_takes_the_item_off_the_lists() {
    let modifier = json!([{ "url": "http://example.org/negated", "valueBoolean": true }]);
    for item in [
        json!({ "modifierExtension": modifier }),
        json!({ "dosageInstruction": [{ "modifierExtension": modifier }] }),
        json!({ "reaction": [{ "substance": { "text": "x" }, "modifierExtension": modifier }] }),
        json!({ "contained": [{ "resourceType": "Medication", "modifierExtension": modifier }] }),
        json!({ "implicitRules": "http://example.org/rules" }),
    ] {
        for kind in Kind::ALL {
            assert_eq!(omission(*kind, &item), Some(Omission::UnknownModifier), "{kind:?} {item}");
        }
    }
    for item in [
        json!({ "extension": modifier }),
        json!({ "modifierExtension": [] }),
        json!({ "contained": [{ "resourceType": "Observation", "modifierExtension": modifier }] }),
    ] {
        assert_eq!(omission(Kind::DiagnosticReport, &item), None, "{item}");
    }
}

#[test]
fn what_is_denied_or_over_is_not_listed_as_a_fact() {
    for (kind, item, why) in [
        (
            Kind::Condition,
            json!({ "verificationStatus": { "coding": [{ "code": "refuted" }] } }),
            Omission::RuledOut,
        ),
        (
            Kind::Condition,
            json!({ "category": [{ "coding": [{ "code": "family-history" }] }] }),
            Omission::FamilyHistory,
        ),
        (Kind::DocumentReference, json!({ "status": "superseded" }), Omission::Replaced),
        (Kind::Encounter, json!({ "status": "cancelled" }), Omission::Cancelled),
        (Kind::Procedure, json!({ "status": "not-done" }), Omission::NotDone),
        (Kind::Procedure, json!({ "status": "completed", "notDone": true }), Omission::NotDone),
        (Kind::RelatedPerson, json!({ "active": false }), Omission::Inactive),
        (Kind::Patient, json!({ "active": false }), Omission::Inactive),
    ] {
        assert_eq!(omission(kind, &item), Some(why), "{kind:?} {item}");
    }
    let refuted = json!({ "verificationStatus": { "coding": [{ "code": "refuted" }] } });
    assert_eq!(omission(Kind::AllergyIntolerance, &refuted), None, "it must be seen to contradict");
}

#[test]
fn a_status_counts_whichever_coding_has_it() {
    let local_first = |system: &str, code: &str| json!({ "coding": [{ "system": "urn:local", "code": "X1" }, { "system": system, "code": code }] });
    let value = json!({
        "verificationStatus": local_first("http://terminology.hl7.org/CodeSystem/condition-ver-status", "provisional"),
        "clinicalStatus": local_first("http://terminology.hl7.org/CodeSystem/condition-clinical", "remission") });
    assert_eq!((verification(&value), clinical(&value)), (Some("provisional"), Some("remission")));
}

#[test]
fn a_request_not_to_do_something_is_marked_whatever_its_type() {
    for kind in [Kind::MedicationRequest, Kind::ServiceRequest] {
        assert_eq!(marks(kind, &json!({ "doNotPerform": true })), [Mark::DoNotPerform]);
        assert_eq!(marks(kind, &json!({ "doNotPerform": false })), []);
    }
    for (item, mark) in [
        (json!({ "status": "not-done" }), Mark::NotDone),
        (json!({ "status": "completed", "notGiven": true }), Mark::NotDone),
        (json!({ "status": "completed", "isSubpotent": true }), Mark::LessThanFullDose),
    ] {
        assert_eq!(marks(Kind::Immunization, &item), [mark], "{item}");
    }
}

#[test]
fn a_medicine_that_was_not_taken_is_known_in_every_version() {
    for item in [json!({ "status": "not-taken" }), json!({ "wasNotTaken": true }), json!({ "taken": "n" })] {
        assert!(not_taken(&item), "{item}");
    }
    assert!(!not_taken(&json!({ "status": "active", "taken": "y", "wasNotTaken": false })));
}

#[test]
fn labels_of_privacy_become_marks() {
    let labelled = |code: &str| json!({ "meta": { "security": [{ "code": code }] } });
    for (code, mark) in [
        ("NOPAT", Some(Mark::NotForThePatient)),
        ("R", Some(Mark::Restricted)),
        ("V", Some(Mark::VeryRestricted)),
        ("HIV", Some(Mark::Sensitive)),
        ("LOCAL-7", Some(Mark::Sensitive)),
        ("N", None),
        ("U", None),
    ] {
        assert_eq!(marks(Kind::Condition, &labelled(code)), mark.into_iter().collect::<Vec<_>>(), "{code}");
    }
    let on_document: Value = json!({ "securityLabel": [{ "coding": [{ "code": "V" }] }] });
    assert_eq!(marks(Kind::DocumentReference, &on_document), [Mark::VeryRestricted]);
    assert_eq!(marks(Kind::Patient, &labelled("R")), []);
}
