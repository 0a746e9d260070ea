//! Tests of deleted resources: what was deleted must be withdrawn, and nothing else.

use serde_json::{Value, json};

use super::{letter, observation, patient, push, send, words};
use crate::scene::{Scene, hospital};

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
