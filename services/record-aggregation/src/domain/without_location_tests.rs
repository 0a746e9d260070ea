//! Whatever words a source plants in an item of a restricted person, none leaves but those of public codes and the
//! person's own name (Q-31; standards.md section 5.4).

#![allow(clippy::unwrap_used, reason = "tests")]

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::{
    domain::planted::{markers, planted},
    testing::{LOCAL_ID, Scene},
};

/// Where words may stand that leave: the code and the name of a coding, the name of a substance, the person's name. A coding's place is at the end of
/// the path, wherever its concept stands.
fn may_leave(path: &str) -> bool {
    let of_coding = [".coding.code", ".coding.display"].iter().any(|end| path.ends_with(end));
    let of_person =
        ["family", "given", "text", "prefix", "suffix"].map(|part| format!("Patient.name.{part}"));
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
    let leaves: Vec<String> = markers(text).into_iter().filter(|path| !may_leave(path)).collect();
    assert!(leaves.is_empty(), "{what} gives {leaves:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_planted_words_leave_an_item(seed in any::<u64>(), which in 0..Kind::ALL.len()) {
        let kind = Kind::ALL[which];
        let item = planted(kind, "planted", LOCAL_ID, seed);
        prop_assert!(markers(&item.to_string()).len() > 20, "there is something to keep back");
        if let Some(kept) = resource(kind, &item, "opaque") {
            check(kind.fhir(), &kept.to_string());
            prop_assert!(Item::read(with_subject(kept)).is_ok(), "{} is still what it says", kind.fhir());
        }
    }
}

/// As a door gives it. A status in words is not a status: nothing stands for it.
fn with_subject(mut kept: Value) -> Value {
    for field in ["status", "intent"] {
        if kept.get(field).is_none() {
            kept[field] = json!("active");
        }
    }
    let kind = Kind::named(kept["resourceType"].as_str().unwrap()).unwrap();
    crate::facade::rewrite::of_person(kept, kind, lcr_model::PersonId::new())
}

#[test]
fn types_that_tell_where_by_themselves_give_nothing() {
    for kind in [
        Kind::DocumentReference,
        Kind::ServiceRequest,
        Kind::Appointment,
        Kind::Encounter,
        Kind::RelatedPerson,
    ] {
        assert_eq!(resource(kind, &planted(kind, "1", LOCAL_ID, 1), "opaque"), None, "{}", kind.fhir());
    }
    for category in ["inpatient", "discharge"] {
        let given = json!({ "category": [{ "coding": [{ "code": category }] }] });
        assert_eq!(resource(Kind::MedicationRequest, &given, "opaque"), None, "{category}");
    }
}

#[test]
fn what_is_clinical_stays_and_words_are_said_to_be_hidden() {
    let allergy = json!({ "resourceType": "AllergyIntolerance", "id": "1", "criticality": "high", "recordedDate": "2026-03",
        "code": { "coding": [{ "system": "http://snomed.info/sct", "code": "91936005", "display": "Allergy to penicillin" },
            { "system": "urn:st-hildas:wards", "code": "J27" }], "text": "Penicillin, seen on J27" } });
    let kept = resource(Kind::AllergyIntolerance, &allergy, "opaque").unwrap();
    assert_eq!(
        kept["code"],
        json!({ "coding": [{ "system": "http://snomed.info/sct", "code": "91936005",
        "display": "Allergy to penicillin" }] })
    );
    assert_eq!((&kept["criticality"], &kept["recordedDate"]), (&json!("high"), &json!("2026-03")));
    let result = json!({ "resourceType": "Observation", "id": "1", "code": { "text": "eGFR by ward J27" },
        "valueString": "41, taken on J27", "issued": "J27", "interpretation": [{ "text": "J27" }] });
    let kept = resource(Kind::Observation, &result, "opaque").unwrap();
    assert_eq!((&kept["code"]["text"], &kept["valueString"]), (&json!(HIDDEN), &json!(HIDDEN)));
    assert!(kept.get("issued").is_none(), "a date that is none is words");
    let medicine = json!({ "resourceType": "MedicationRequest", "id": "1", "medicationReference": { "display": "J27" },
        "dosageInstruction": [{ "text": "one daily, J27", "doseAndRate": [{ "doseQuantity": { "value": 5, "unit": "mg" } }] }] });
    let kept = resource(Kind::MedicationRequest, &medicine, "opaque").unwrap();
    assert_eq!(kept["medicationCodeableConcept"]["text"], HIDDEN);
    assert_eq!(kept["dosageInstruction"][0]["text"], HIDDEN);
    assert_eq!(
        kept["dosageInstruction"][0]["doseAndRate"][0]["doseQuantity"],
        json!({ "value": 5, "unit": "mg" })
    );
}

/// The property at the doors: planted items of every type, at two sources, one of them the authority.
#[tokio::test]
async fn no_planted_words_and_no_source_leave_by_any_door() {
    for seed in [0, 1, 5, 23, 71] {
        let items = || -> Vec<Value> {
            let of = |kind: &Kind| {
                let id = if *kind == Kind::Patient { LOCAL_ID } else { "Planted-Ward" };
                planted(*kind, id, LOCAL_ID, seed)
            };
            Kind::ALL.iter().map(of).collect()
        };
        let holdings = vec![("st-marker", "hospital", items()), ("pds-marker", "authority", items())];
        let scene = Scene::of(holdings).await;
        let before = scene.everything().await;
        assert!(
            before.iter().any(|(_, text)| text.contains("Planted-Ward")),
            "there is something to keep back"
        );
        scene.world.restrict();
        for (door, text) in scene.everything().await {
            check(&door, &text);
            for source in ["st-marker", "pds-marker", "Planted-Ward", "Z9M01", "127.0.0.1"] {
                assert!(!text.contains(source), "{door} names {source}: {text}");
            }
            assert!(!door.starts_with("record") || text.contains("Some systems"), "{door}: {text}");
        }
    }
}

#[test]
fn the_sources_are_one_report_with_the_worst_state_and_no_count() {
    let report = |source: &str, state| SourceReport {
        source: SourceId::new(source),
        name: source.to_owned(),
        organisation: OdsCode::new("A1"),
        kind: "hospital".to_owned(),
        datasets: vec![DatasetReport { count: 5, ..DatasetReport::new(Dataset::Allergies, state) }],
        warnings: vec!["From J27".to_owned()],
    };
    let all = [report("a", SourceState::HasData), report("b", SourceState::TimedOut)];
    let asked = [Dataset::Allergies, Dataset::Alerts, Dataset::Encounters];
    let one = sources(&all, &asked, Timestamp::UNIX_EPOCH);
    assert_eq!((one.name.as_str(), one.warnings.len()), ("Some systems", 0));
    assert_eq!(
        one.datasets.iter().map(|one| (one.state, one.count)).collect::<Vec<_>>(),
        [(SourceState::TimedOut, 0), (SourceState::NotConnected, 0), (SourceState::Withheld, 0)]
    );
}
