//! Items in Bundles: their keys, their deletion by the sender, and types that feeds does not read.

mod deletions;

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
