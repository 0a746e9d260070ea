//! No free text in a restricted person's items reaches the reader, except public codes and the person's own name
//!

#![allow(clippy::unwrap_used, reason = "tests")]

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::{
    domain::marker_items::{item_with_markers, marker_paths},
    testing::{LOCAL_ID, Scene},
};

/// Whether the element at the path may be shown: codings, names of substances, and the person's name.
fn may_be_shown(path: &str) -> bool {
    let of_coding = [".coding.code", ".coding.display"].iter().any(|end| path.ends_with(end));
    let of_person = ["family", "given", "text", "prefix", "suffix"].map(|part| format!("Patient.name.{part}"));
    let of_substance = [
        "medicationCodeableConcept.text",
        "route.text",
        "AllergyIntolerance.code.text",
        "reaction.substance.text",
        "reaction.manifestation.text",
    ];
    of_coding || of_person.contains(&path.to_owned()) || of_substance.iter().any(|end| path.ends_with(end))
}

fn check(what: &str, text: &str) {
    let leaked: Vec<String> = marker_paths(text).into_iter().filter(|path| !may_be_shown(path)).collect();
    assert!(leaked.is_empty(), "{what} reveals {leaked:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_free_text_of_an_item_is_shown(seed in any::<u64>(), which in 0..ResourceType::ALL.len()) {
        let resource_type = ResourceType::ALL[which];
        let item = item_with_markers(resource_type, "planted", LOCAL_ID, seed);
        prop_assert!(marker_paths(&item.to_string()).len() > 20, "there is something to redact");
        if let Some(redacted) = redact_resource(resource_type, &item, "opaque") {
            check(resource_type.as_str(), &redacted.to_string());
            prop_assert!(Item::read(with_subject(redacted)).is_ok(), "{} is still what it says", resource_type.as_str());
        }
    }
}

/// The resource as the FHIR API returns it, with the status that redaction removed if it was free text.
fn with_subject(mut redacted: Value) -> Value {
    for field in ["status", "intent"] {
        if redacted.get(field).is_none() {
            redacted[field] = json!("active");
        }
    }
    let resource_type = ResourceType::parse(redacted["resourceType"].as_str().unwrap()).unwrap();
    crate::fhir_api::rewrite::add_person(redacted, resource_type, lcr_model::PersonId::new())
}

#[test]
fn types_that_reveal_the_location_are_not_shown() {
    for resource_type in [
        ResourceType::DocumentReference,
        ResourceType::ServiceRequest,
        ResourceType::Appointment,
        ResourceType::Encounter,
        ResourceType::RelatedPerson,
    ] {
        assert_eq!(
            redact_resource(resource_type, &item_with_markers(resource_type, "1", LOCAL_ID, 1), "opaque"),
            None,
            "{}",
            resource_type.as_str()
        );
    }
    for category in ["inpatient", "discharge"] {
        let given = json!({ "category": [{ "coding": [{ "code": category }] }] });
        assert_eq!(redact_resource(ResourceType::MedicationRequest, &given, "opaque"), None, "{category}");
    }
}

#[test]
fn clinical_content_is_shown_and_free_text_is_replaced() {
    let allergy = json!({ "resourceType": "AllergyIntolerance", "id": "1", "criticality": "high", "recordedDate": "2026-03",
        "code": { "coding": [{ "system": "http://snomed.info/sct", "code": "91936005", "display": "Allergy to penicillin" },
            { "system": "urn:st-hildas:wards", "code": "J27" }], "text": "Penicillin, seen on J27" } });
    let redacted = redact_resource(ResourceType::AllergyIntolerance, &allergy, "opaque").unwrap();
    assert_eq!(
        redacted["code"],
        json!({ "coding": [{ "system": "http://snomed.info/sct", "code": "91936005",
        "display": "Allergy to penicillin" }] })
    );
    assert_eq!((&redacted["criticality"], &redacted["recordedDate"]), (&json!("high"), &json!("2026-03")));
    let result = json!({ "resourceType": "Observation", "id": "1", "code": { "text": "eGFR by ward J27" },
        "valueString": "41, taken on J27", "issued": "J27", "interpretation": [{ "text": "J27" }] });
    let redacted = redact_resource(ResourceType::Observation, &result, "opaque").unwrap();
    assert_eq!((&redacted["code"]["text"], &redacted["valueString"]), (&json!(HIDDEN), &json!(HIDDEN)));
    assert!(redacted.get("issued").is_none(), "free text instead of a date is removed");
    let medicine = json!({ "resourceType": "MedicationRequest", "id": "1", "medicationReference": { "display": "J27" },
        "dosageInstruction": [{ "text": "one daily, J27", "doseAndRate": [{ "doseQuantity": { "value": 5, "unit": "mg" } }] }] });
    let redacted = redact_resource(ResourceType::MedicationRequest, &medicine, "opaque").unwrap();
    assert_eq!(redacted["medicationCodeableConcept"]["text"], HIDDEN);
    assert_eq!(redacted["dosageInstruction"][0]["text"], HIDDEN);
    assert_eq!(redacted["dosageInstruction"][0]["doseAndRate"][0]["doseQuantity"], json!({ "value": 5, "unit": "mg" }));
}

/// Marked items of every type at two sources, one of them the authority, in every output.
#[tokio::test]
async fn no_free_text_and_no_source_name_is_in_any_output() {
    for seed in [0, 1, 5, 23, 71] {
        let items = || -> Vec<Value> {
            let of = |resource_type: &ResourceType| {
                let id = if *resource_type == ResourceType::Patient { LOCAL_ID } else { "Planted-Ward" };
                item_with_markers(*resource_type, id, LOCAL_ID, seed)
            };
            ResourceType::ALL.iter().map(of).collect()
        };
        let holdings = vec![("st-marker", "hospital", items()), ("pds-marker", "authority", items())];
        let scene = Scene::with_sources(holdings).await;
        let before = scene.all_outputs().await;
        assert!(before.iter().any(|(_, text)| text.contains("Planted-Ward")), "there is something to redact");
        scene.fakes.restrict();
        for (output, text) in scene.all_outputs().await {
            check(&output, &text);
            for source in ["st-marker", "pds-marker", "Planted-Ward", "Z9M01", "127.0.0.1"] {
                assert!(!text.contains(source), "{output} names {source}: {text}");
            }
            assert!(!output.starts_with("record") || text.contains("Some systems"), "{output}: {text}");
        }
    }
}

#[test]
fn all_sources_become_one_report_with_the_worst_state_and_no_count() {
    let report = |source: &str, state| SourceReport {
        source: SourceId::new(source),
        name: source.to_owned(),
        organisation: OdsCode::new("A1"),
        kind: "hospital".into(),
        datasets: vec![DatasetReport { count: 5, ..DatasetReport::new(Dataset::Allergies, state) }],
        warnings: vec!["From J27".to_owned()],
        shares_anything: Some(true),
        knows_person: Some(true),
        organisation_name: None,
    };
    let all = [report("a", SourceState::HasData), report("b", SourceState::TimedOut)];
    let asked = [Dataset::Allergies, Dataset::Alerts, Dataset::Encounters];
    let one = combined_report(&all, &asked, Timestamp::UNIX_EPOCH);
    assert_eq!((one.name.as_str(), one.warnings.len()), ("Some systems", 0));
    assert_eq!((one.shares_anything, one.knows_person), (None, None));
    assert_eq!(
        one.datasets.iter().map(|one| (one.state, one.count)).collect::<Vec<_>>(),
        [(SourceState::TimedOut, 0), (SourceState::NotConnected, 0), (SourceState::Withheld, 0)]
    );
}
