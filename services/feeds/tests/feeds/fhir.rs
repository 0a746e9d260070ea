//! Bundles as `PROFILE.md` describes them.

use axum::body::Body;
use lcr_contracts::{
    events::PushedKind,
    spell::{PlanItemKind, PlanStatus, SnapshotState, SpellEvent},
};
use lcr_model::Role;
use serde_json::{Value, json};

use crate::scene::{PID, Scene, adt, hospital, sandbox, segment};

const OURS: &str = "https://fhir.leedscarerecord.example/StructureDefinition";

fn bundle() -> Value {
    let entry = |resource: Value| json!({ "resource": resource });
    json!({ "resourceType": "Bundle", "type": "collection", "id": "B1", "meta": { "source": "https://x/st-hildas" }, "entry": [
        entry(json!({ "resourceType": "Patient", "id": "p1", "birthDate": "1945-07-14", "gender": "female",
            "identifier": [{ "system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9990000018" }, { "value": "47110815" }],
            "name": [{ "family": "Ashdown", "given": ["Ottilie"] }] })),
        entry(json!({ "resourceType": "Encounter", "id": "e1", "status": "in-progress", "class": { "code": "IMP" },
            "meta": { "lastUpdated": "2026-11-20T09:30:00Z" }, "identifier": [{ "value": "V100" }],
            "subject": { "reference": "Patient/p1" }, "period": { "start": "2026-11-19T22:15:00+00:00" },
            "location": [{ "status": "active", "location": { "display": "Ward 12 / Bed 4" } }],
            "extension": [{ "url": format!("{OURS}/expected-discharge-date"), "valueDate": "2026-11-25" },
                { "url": format!("{OURS}/criteria-to-reside"), "extension": [{ "url": "meets", "valueBoolean": false }] }] })),
        entry(json!({ "resourceType": "CarePlan", "id": "c1", "status": "active", "intent": "plan",
            "subject": { "reference": "Patient/p1" }, "description": "Walks to the toilet",
            "extension": [{ "url": format!("{OURS}/discharge-pathway"), "valueCode": "P1" }] })),
        entry(json!({ "resourceType": "Task", "id": "t1", "status": "requested", "intent": "order",
            "description": "Package of care", "owner": { "display": "Adult social care" } })),
        entry(json!({ "resourceType": "DiagnosticReport", "id": "d1", "status": "partial", "code": { "text": "Full blood count" },
            "subject": { "reference": "Patient/p1" }, "result": [{ "reference": "Observation/o1" }] })),
        entry(json!({ "resourceType": "Observation", "id": "o1", "status": "final", "code": { "text": "Haemoglobin" },
            "subject": { "reference": "Patient/p1" }, "valueQuantity": { "value": 121, "unit": "g/L" } })),
    ] })
}

async fn post(scene: &Scene, body: &Value) -> (u16, Value) {
    let token = scene.token(Role::FeedsClient, "Z9H01");
    let (status, body, _) = scene.request(&token, "POST", "/v1/fhir", Body::from(body.to_string())).await;
    (status, serde_json::from_str(&body).unwrap())
}

#[tokio::test]
async fn a_bundle_is_a_snapshot_of_the_stay_and_its_items() {
    let scene = Scene::set(&[hospital()]).await;
    let (status, outcome) = post(&scene, &bundle()).await;
    assert_eq!((status, &outcome["resourceType"]), (200, &"OperationOutcome".into()), "{outcome}");
    let (event, stay) = scene.stays().await.remove(0);
    assert_eq!((stay.event, stay.snapshot), (SpellEvent::Snapshot, Some(SnapshotState::Present)));
    let place = stay.place.set().unwrap();
    assert_eq!((place.ward.as_deref(), place.bed.as_deref()), (Some("Ward 12"), Some("Bed 4")));
    assert_eq!(stay.plan.status.set(), Some(&PlanStatus::InProgress));
    assert!(!stay.plan.reside.set().unwrap().meets);
    assert_eq!(stay.plan.items.as_ref().unwrap()[0].kind, PlanItemKind::Waiting);
    assert_eq!(stay.patient.family, "Ashdown");
    let (item, pushed) = scene.items().await.remove(0);
    assert_eq!((item.kind, pushed.awaited, pushed.resources.len()), (PushedKind::Result, true, 2));
    assert_eq!(pushed.resources[1]["subject"]["reference"], "Patient/47110815");
    // HL7 v2 and FHIR name the same stay and person.
    scene.send(&adt("A08", "M1", "20261120103000", &[PID, &segment("PV1", &[(19, "V100")])])).await;
    let (again, _) = scene.stays().await.remove(1);
    assert_eq!((again.spell, again.identity), (event.spell, event.identity));
    assert_eq!(outcome["id"], scene.list("/v1/messages?control_id=B1").await[0]["id"]);
    assert_eq!(post(&scene, &bundle()).await.0, 200);
    assert_eq!(scene.stays().await.len(), 2, "the same Bundle again changes nothing");
}

#[tokio::test]
async fn an_inconsistent_bundle_is_refused_and_stored() {
    let scene = Scene::set(&[hospital(), sandbox()]).await;
    let mut about_another = bundle();
    about_another["entry"][1]["resource"]["subject"]["reference"] = json!("Patient/p2");
    let mut malformed = bundle();
    malformed["entry"][5]["resource"]["valueQuantity"]["value"] = json!("many");
    let mut no_patient = bundle();
    no_patient["entry"].as_array_mut().unwrap().remove(0);
    let mut unknown_source = bundle();
    unknown_source["meta"]["source"] = json!("who-is-this");
    let cases = [
        (about_another, 400, "another patient"),
        (malformed, 400, "FHIR R4"),
        (no_patient, 400, "no Patient"),
        (unknown_source, 403, "not known"),
        (json!({ "resourceType": "Patient" }), 400, "no FHIR R4 Bundle"),
        (json!([]), 400, "no FHIR R4 Bundle"),
    ];
    for (body, expected, words) in cases {
        let (status, problem) = post(&scene, &body).await;
        assert_eq!(status, expected, "{problem}");
        assert!(problem["detail"].as_str().unwrap().contains(words), "{problem}");
    }
    assert_eq!(scene.list("/v1/messages").await.len(), 6);
    assert!(scene.people().await.is_empty());
}

#[tokio::test]
async fn no_json_causes_a_panic() {
    let Some(folder) = lcr_testkit::data::folder("badinput") else { return };
    let scene = Scene::set(&[sandbox()]).await;
    let token = scene.token(Role::FeedsClient, "Z9H01");
    let files = lcr_testkit::data::files(&folder).unwrap();
    for file in &files {
        let body = std::fs::read(file).unwrap();
        let (status, _, _) = scene.request(&token, "POST", "/v1/fhir", body.clone()).await;
        assert!((200..500).contains(&status), "{}: {status}", file.display());
        let (status, _, _) = scene.request(&token, "POST", "/v1/hl7v2", body).await;
        assert!((200..500).contains(&status), "{}: {status}", file.display());
    }
    let mut stored = 0;
    let mut path = "/v1/messages?limit=200".to_owned();
    loop {
        let rows = scene.list(&path).await;
        let Some(last) = rows.last() else { break };
        path = format!("/v1/messages?limit=200&before={}", last["id"].as_str().unwrap());
        stored += rows.len();
    }
    assert!(stored >= 2 * files.len(), "{stored} rows of {} files", files.len());
}

#[tokio::test]
async fn the_name_number_and_address_in_force_count() {
    let scene = Scene::set(&[hospital()]).await;
    let mut body = bundle();
    let patient = &mut body["entry"][0]["resource"];
    patient["identifier"] = json!([
        { "value": "1", "use": "old" },
        { "value": "47110815" },
        { "system": "urn:oid:2.16.840.1.113883.2.1.4.1", "value": "999 000 0018", "extension": [{
            "url": "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-NHSNumberVerificationStatus",
            "valueCodeableConcept": { "coding": [{ "code": "x" }, { "code": "01" }] } }] },
    ]);
    patient["name"] = json!([
        { "use": "maiden", "family": "Bell" },
        { "use": "official", "family": "Old", "period": { "end": "2020-01-01" } },
        { "use": "usual", "text": "Ashdown, Ottilie" },
    ]);
    patient["address"] = json!([
        { "use": "old", "line": ["1 Old Road"], "postalCode": "YO1 1AA" },
        { "use": "home", "text": "12 Millrace Lane, Leeds", "postalCode": "LS1 4ZZ" },
    ]);
    assert_eq!(post(&scene, &body).await.0, 200);
    let (event, person) = scene.people().await.remove(0);
    assert_eq!(event.identity.local_id.0, "47110815");
    assert_eq!((person.nhs_number.as_deref(), person.nhs_number_verified), (Some("9990000018"), true));
    assert_eq!((person.family.as_str(), person.given.as_str()), ("Ashdown", "Ottilie"));
    assert_eq!(person.address.as_deref(), Some("12 Millrace Lane, Leeds"));
}

#[tokio::test]
async fn a_subject_by_number_is_that_person_or_the_bundle_is_refused() {
    let scene = Scene::set(&[hospital()]).await;
    let number =
        |value: &str| json!({ "identifier": { "system": "https://fhir.nhs.uk/Id/nhs-number", "value": value } });
    let mut body = bundle();
    body["entry"][5]["resource"]["subject"] = number("9990000018");
    assert_eq!(post(&scene, &body).await.0, 200);
    body["entry"][5]["resource"]["subject"] = number("9990000026");
    let (status, problem) = post(&scene, &body).await;
    assert_eq!(status, 400, "{problem}");
    assert!(problem["detail"].as_str().unwrap().contains("another patient"), "{problem}");
}
