//! Which items are omitted and which are marked, for every type, status and form of denial.

use lcr_contracts::record::{Mark, Omission};
use serde_json::{Value, json};

use super::*;

#[test]
fn an_item_entered_in_error_is_never_listed() {
    for resource_type in
        ResourceType::ALL.iter().filter(|resource_type| **resource_type != ResourceType::DocumentReference)
    {
        assert_eq!(
            omission_reason(*resource_type, &json!({ "status": "entered-in-error" })),
            Some(Omission::EnteredInError)
        );
    }
    let coded = json!({ "verificationStatus": { "coding": [{ "code": "X" }, { "code": "entered-in-error" }] } });
    assert_eq!(omission_reason(ResourceType::AllergyIntolerance, &coded), Some(Omission::EnteredInError));
    let as_text = json!({ "verificationStatus": { "text": "Entered in error" } });
    assert_eq!(omission_reason(ResourceType::Condition, &as_text), Some(Omission::EnteredInError));
    let document = json!({ "status": "current", "docStatus": "entered-in-error" });
    assert_eq!(omission_reason(ResourceType::DocumentReference, &document), Some(Omission::Withdrawn));
}

#[test]
fn an_unknown_modifier_anywhere_omits_the_item() {
    let modifier = json!([{ "url": "http://example.org/negated", "valueBoolean": true }]);
    for item in [
        json!({ "modifierExtension": modifier }),
        json!({ "dosageInstruction": [{ "modifierExtension": modifier }] }),
        json!({ "reaction": [{ "substance": { "text": "x" }, "modifierExtension": modifier }] }),
        json!({ "contained": [{ "resourceType": "Medication", "modifierExtension": modifier }] }),
        json!({ "implicitRules": "http://example.org/rules" }),
    ] {
        for resource_type in ResourceType::ALL {
            assert_eq!(
                omission_reason(*resource_type, &item),
                Some(Omission::UnknownModifier),
                "{resource_type:?} {item}"
            );
        }
    }
    for item in [
        json!({ "extension": modifier }),
        json!({ "modifierExtension": [] }),
        json!({ "contained": [{ "resourceType": "Observation", "modifierExtension": modifier }] }),
    ] {
        assert_eq!(omission_reason(ResourceType::DiagnosticReport, &item), None, "{item}");
    }
}

#[test]
fn denied_and_replaced_items_are_omitted() {
    for (resource_type, item, why) in [
        (
            ResourceType::Condition,
            json!({ "verificationStatus": { "coding": [{ "code": "refuted" }] } }),
            Omission::RuledOut,
        ),
        (
            ResourceType::Condition,
            json!({ "category": [{ "coding": [{ "code": "family-history" }] }] }),
            Omission::FamilyHistory,
        ),
        (ResourceType::DocumentReference, json!({ "status": "superseded" }), Omission::Replaced),
        (ResourceType::Encounter, json!({ "status": "cancelled" }), Omission::Cancelled),
        (ResourceType::Procedure, json!({ "status": "not-done" }), Omission::NotDone),
        (ResourceType::Procedure, json!({ "status": "completed", "notDone": true }), Omission::NotDone),
        (ResourceType::RelatedPerson, json!({ "active": false }), Omission::Inactive),
        (ResourceType::Patient, json!({ "active": false }), Omission::Inactive),
    ] {
        assert_eq!(omission_reason(resource_type, &item), Some(why), "{resource_type:?} {item}");
    }
    let refuted = json!({ "verificationStatus": { "coding": [{ "code": "refuted" }] } });
    assert_eq!(omission_reason(ResourceType::AllergyIntolerance, &refuted), None, "it is compared with other sources");
}

#[test]
fn a_status_is_found_in_any_coding() {
    let local_first = |system: &str, code: &str| json!({ "coding": [{ "system": "urn:local", "code": "X1" }, { "system": system, "code": code }] });
    let value = json!({
        "verificationStatus": local_first("http://terminology.hl7.org/CodeSystem/condition-ver-status", "provisional"),
        "clinicalStatus": local_first("http://terminology.hl7.org/CodeSystem/condition-clinical", "remission") });
    assert_eq!((verification_status(&value), clinical_status(&value)), (Some("provisional"), Some("remission")));
}

#[test]
fn prohibitions_and_things_not_done_are_marked() {
    for resource_type in [ResourceType::MedicationRequest, ResourceType::ServiceRequest] {
        assert_eq!(marks(resource_type, &json!({ "doNotPerform": true })), [Mark::DoNotPerform]);
        assert_eq!(marks(resource_type, &json!({ "doNotPerform": false })), []);
    }
    for (item, mark) in [
        (json!({ "status": "not-done" }), Mark::NotDone),
        (json!({ "status": "completed", "notGiven": true }), Mark::NotDone),
        (json!({ "status": "completed", "isSubpotent": true }), Mark::LessThanFullDose),
    ] {
        assert_eq!(marks(ResourceType::Immunization, &item), [mark], "{item}");
    }
}

#[test]
fn a_medication_not_taken_is_recognised_in_every_fhir_version() {
    for item in [json!({ "status": "not-taken" }), json!({ "wasNotTaken": true }), json!({ "taken": "n" })] {
        assert!(is_not_taken(&item), "{item}");
    }
    assert!(!is_not_taken(&json!({ "status": "active", "taken": "y", "wasNotTaken": false })));
}

#[test]
fn privacy_labels_become_marks() {
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
        assert_eq!(marks(ResourceType::Condition, &labelled(code)), mark.into_iter().collect::<Vec<_>>(), "{code}");
    }
    let on_document: Value = json!({ "securityLabel": [{ "coding": [{ "code": "V" }] }] });
    assert_eq!(marks(ResourceType::DocumentReference, &on_document), [Mark::VeryRestricted]);
    assert_eq!(marks(ResourceType::Patient, &labelled("R")), []);
}
