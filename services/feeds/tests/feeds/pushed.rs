//! Items in Bundles: their keys, their deletion by the sender, and types that feeds does not read.

use axum::body::Body;
use lcr_model::Role;
use serde_json::{Value, json};

use crate::scene::{Scene, hospital};

fn patient() -> Value {
    json!({ "resource": { "resourceType": "Patient", "id": "p1", "identifier": [{ "value": "47110815" }] } })
}

/// A transaction of these entries.
async fn send(scene: &Scene, entries: &[Value]) -> (u16, Value) {
    let bundle = json!({ "resourceType": "Bundle", "type": "transaction", "meta": { "source": "https://x/st-hildas" },
        "entry": entries });
    let token = scene.token(Role::FeedsClient, "Z9H01");
    let (status, body, _) = scene.request(&token, "POST", "/v1/fhir", Body::from(bundle.to_string())).await;
    (status, serde_json::from_str(&body).unwrap())
}

/// Sends the resources with the patient, and returns the text of the outcome.
async fn push(scene: &Scene, resources: &[Value]) -> String {
    let entries = resources.iter().map(|one| json!({ "resource": one }));
    let (status, outcome) = send(scene, &std::iter::once(patient()).chain(entries).collect::<Vec<_>>()).await;
    assert_eq!(status, 200, "{outcome}");
    words(&outcome)
}

fn words(outcome: &Value) -> String {
    outcome["issue"][0]["diagnostics"].as_str().or(outcome["issue"][0]["details"]["text"].as_str()).unwrap().to_owned()
}

fn observation(id: Option<&str>, test: &str, value: u8) -> Value {
    let mut resource = json!({ "resourceType": "Observation", "status": "final", "code": { "text": test },
        "identifier": [{ "system": "urn:specimens", "value": "S1" }], "valueQuantity": { "value": value } });
    if let Some(id) = id {
        resource["id"] = json!(id);
    }
    resource
}

fn letter(id: &str, numbers: &Value, text: &str) -> Value {
    let mut resource = json!({ "resourceType": "DocumentReference", "id": id, "status": "current",
        "type": { "text": "Discharge letter" }, "content": [{ "attachment": { "title": text, "data": "eA==" } }] });
    for (name, value) in numbers.as_object().unwrap() {
        resource[name] = value.clone();
    }
    resource
}

/// The number of different items.
async fn count_items(scene: &Scene) -> usize {
    let items = scene.items().await;
    items.iter().map(|(event, _)| event.item.clone()).collect::<std::collections::BTreeSet<_>>().len()
}

#[tokio::test]
async fn results_of_one_specimen_are_separate_items() {
    let scene = Scene::set(&[hospital()]).await;
    let three = [observation(Some("1"), "K", 1), observation(Some("2"), "Na", 2), observation(Some("3"), "K", 3)];
    push(&scene, &three).await;
    assert_eq!(count_items(&scene).await, 3);
    // Send one of them again, and one in its own Bundle.
    push(&scene, &[observation(Some("1"), "K", 4)]).await;
    assert_eq!((count_items(&scene).await, scene.items().await.len()), (3, 4));
    push(&scene, &[observation(Some("4"), "Cl", 5)]).await;
    assert_eq!(count_items(&scene).await, 4);
    // Observations without ids are keyed by specimen and test, or by content.
    push(&scene, &[observation(None, "Mg", 6), observation(None, "Ca", 7)]).await;
    push(&scene, &[observation(None, "Mg", 8)]).await;
    assert_eq!(count_items(&scene).await, 6);
    let bare = |value: u8| {
        json!({ "resourceType": "Observation", "status": "final", "code": { "text": "X" },
        "valueQuantity": { "value": value } })
    };
    push(&scene, &[bare(1)]).await;
    push(&scene, &[bare(2)]).await;
    assert_eq!(count_items(&scene).await, 8);
    let items = scene.items().await;
    let ids: std::collections::BTreeSet<_> =
        items.iter().map(|(_, item)| item.resources[0]["id"].to_string()).collect();
    assert!(ids.len() >= 8, "each has an id of its own");
}

#[tokio::test]
async fn a_report_and_an_observation_with_one_number_or_id_are_two_items() {
    let scene = Scene::set(&[hospital()]).await;
    let mut report = observation(Some("1"), "K", 1);
    report["resourceType"] = json!("DiagnosticReport");
    report.as_object_mut().unwrap().remove("valueQuantity");
    push(&scene, &[report, observation(Some("1"), "K", 1)]).await;
    assert_eq!(count_items(&scene).await, 2);
}

#[tokio::test]
async fn a_document_is_replaced_by_its_id_and_by_its_number() {
    let master = |value: &str| json!({ "masterIdentifier": { "system": "urn:dms", "value": value } });
    let number = |system: &str| json!({ "identifier": [{ "system": system, "value": "L1" }] });
    let cases = [
        (letter("1", &master("L1"), "old"), letter("2", &master("L1"), "new"), 1),
        (letter("1", &number("urn:dms"), "old"), letter("2", &number("urn:dms"), "new"), 1),
        (letter("1", &master("L1"), "old"), letter("1", &master("L2"), "new"), 1),
        (letter("1", &json!({}), "old"), letter("1", &number("urn:dms"), "new"), 1),
        (letter("1", &number("urn:dms"), "old"), letter("2", &number("urn:other"), "new"), 2),
        (letter("1", &json!({}), "old"), letter("2", &json!({}), "new"), 2),
        (letter("1", &master("L1"), "old"), letter("2", &master("L2"), "new"), 2),
    ];
    for (old, new, expected) in cases {
        let scene = Scene::set(&[hospital()]).await;
        push(&scene, std::slice::from_ref(&old)).await;
        push(&scene, std::slice::from_ref(&new)).await;
        assert_eq!(count_items(&scene).await, expected, "{old} {new}");
    }
    let scene = Scene::set(&[hospital()]).await;
    push(&scene, &[letter("1", &number("x"), "one"), letter("2", &number("x"), "other")]).await;
    assert_eq!(count_items(&scene).await, 2, "two of one Bundle are two");
}

fn delete(url: &str) -> Value {
    json!({ "request": { "method": "DELETE", "url": url } })
}

#[tokio::test]
async fn a_deleted_resource_is_withdrawn() {
    let urls = [
        "DocumentReference/7",
        "/DocumentReference/7",
        "https://x/fhir/DocumentReference/7",
        "DocumentReference/7/_history/2",
    ];
    for (url, with_patient) in urls.iter().flat_map(|url| [(url, true), (url, false)]) {
        let scene = Scene::set(&[hospital()]).await;
        push(&scene, &[letter("7", &json!({ "masterIdentifier": { "value": "L1" } }), "Dear")]).await;
        let entries = if with_patient { vec![patient(), delete(url)] } else { vec![delete(url)] };
        let (status, outcome) = send(&scene, &entries).await;
        assert_eq!(status, 200, "{outcome}");
        let items = scene.items().await;
        let (before, after) = (&items[0], &items[1]);
        assert_eq!((&after.0.item, &after.0.identity), (&before.0.item, &before.0.identity), "{url}");
        assert!(after.0.version > before.0.version && before.1.discharge_letter && !after.1.discharge_letter);
        let one = &after.1.resources[0];
        assert_eq!((&one["status"], &one["docStatus"]), (&json!("entered-in-error"), &json!("entered-in-error")));
        assert_eq!(one["content"][0]["attachment"].get("data"), None);
        assert_eq!(after.1.name, "Discharge letter");
    }
}

#[tokio::test]
async fn a_result_inside_a_report_may_be_deleted_alone() {
    let scene = Scene::set(&[hospital()]).await;
    let report = json!({ "resourceType": "DiagnosticReport", "id": "r", "status": "final", "code": { "text": "UE" },
        "result": [{ "reference": "Observation/1" }, { "reference": "Observation/2" }] });
    push(&scene, &[report, observation(Some("1"), "K", 1), observation(Some("2"), "Na", 2)]).await;
    // The resource of a deleting entry is ignored.
    let mut entry = delete("Observation/2");
    entry["resource"] = observation(Some("2"), "Na", 3);
    assert_eq!(send(&scene, &[patient(), entry]).await.0, 200);
    let items = scene.items().await;
    let statuses: Vec<_> = items[1].1.resources.iter().map(|one| one["status"].as_str().unwrap()).collect();
    assert_eq!((items.len(), statuses), (2, vec!["final", "final", "entered-in-error"]));
}

#[tokio::test]
async fn a_deletion_that_matches_no_item_waits() {
    let entries = [
        delete("DocumentReference/8"),
        delete("DocumentReference?identifier=L1"),
        delete("Encounter/1"),
        delete("Patient/p1"),
        delete("Condition/1"),
        delete(""),
        json!({ "request": { "method": "PATCH", "url": "DocumentReference/7" }, "resource": { "resourceType": "Binary", "id": "b" } }),
    ];
    for entry in entries {
        for with_patient in [true, false] {
            let scene = Scene::set(&[hospital()]).await;
            push(&scene, &[letter("7", &json!({}), "Dear")]).await;
            let all = if with_patient { vec![patient(), entry.clone()] } else { vec![entry.clone()] };
            let (status, outcome) = send(&scene, &all).await;
            assert_eq!(status, 200, "{entry} {outcome}");
            assert!(words(&outcome).starts_with("accepted, and waits to be read: "), "{outcome}");
            assert_eq!(scene.list("/v1/dead-letters").await.len(), 1, "{entry}");
            assert_eq!(scene.items().await.len(), 1);
        }
    }
    // A practitioner is not part of anybody's record, so nothing is withdrawn.
    let scene = Scene::set(&[hospital()]).await;
    assert_eq!(send(&scene, &[patient(), delete("Practitioner/1")]).await.0, 200);
    assert!(scene.list("/v1/dead-letters").await.is_empty());
}

#[tokio::test]
async fn a_deletion_by_an_id_of_several_people_waits() {
    let scene = Scene::set(&[hospital()]).await;
    push(&scene, &[letter("7", &json!({}), "Dear")]).await;
    let other = json!({ "resource": { "resourceType": "Patient", "id": "p2", "identifier": [{ "value": "4712" }] } });
    let entry = json!({ "resource": letter("7", &json!({}), "Dear") });
    send(&scene, &[other.clone(), entry]).await;
    let (_, outcome) = send(&scene, &[delete("DocumentReference/7")]).await;
    assert!(words(&outcome).contains("not of one person"), "{outcome}");
    send(&scene, &[other, delete("DocumentReference/7")]).await;
    let items = scene.items().await;
    let people: Vec<_> = items.iter().map(|(event, _)| event.identity.local_id.0.as_str()).collect();
    assert_eq!(people, ["47110815", "4712", "4712"]);
}

#[tokio::test]
async fn a_bundle_of_unread_types_waits_and_names_them() {
    for kind in [
        "AllergyIntolerance",
        "Condition",
        "MedicationRequest",
        "MedicationStatement",
        "Procedure",
        "Immunization",
        "Flag",
        "Task",
    ] {
        let scene = Scene::set(&[hospital()]).await;
        let words =
            push(&scene, &[json!({ "resourceType": kind, "id": "1", "status": "requested", "intent": "order" })]).await;
        let expected =
            format!("accepted, and waits to be read: the Bundle holds only resources that are not read yet: {kind}");
        assert_eq!(words, expected);
        let rows = scene.list("/v1/dead-letters").await;
        assert_eq!((rows.len(), &rows[0]["failed_at"]), (1, &json!(kind)));
        assert!(scene.people().await.is_empty());
    }
    let scene = Scene::set(&[hospital()]).await;
    let words = push(&scene, &[json!({ "resourceType": "Ottilie", "id": "1" })]).await;
    assert!(words.ends_with("not read yet: other types"), "{words}");
}

#[tokio::test]
async fn unread_types_beside_read_ones_are_named() {
    let scene = Scene::set(&[hospital()]).await;
    let unread = |kind: &str| json!({ "resourceType": kind, "id": "1" });
    let all =
        [letter("7", &json!({}), "Dear"), unread("Condition"), unread("AllergyIntolerance"), unread("Practitioner")];
    let outcome = push(&scene, &all).await;
    assert_eq!(outcome, "accepted; left aside, since they are not read here: AllergyIntolerance, Condition");
    assert_eq!(
        (scene.items().await.len(), scene.list("/v1/messages").await[0]["outcome"].as_str()),
        (1, Some(outcome.as_str()))
    );
    let outcome = push(&scene, &[letter("8", &json!({}), "Dear"), unread("Practitioner")]).await;
    assert_eq!(outcome, "accepted");
}
