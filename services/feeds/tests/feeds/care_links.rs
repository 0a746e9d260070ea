//! Evidence that an organisation cares for a person: what is published, and what ends it.

use axum::body::Body;
use lcr_model::Role;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use crate::scene::{PID, Scene, hospital};

const ODS: &str = "https://fhir.nhs.uk/Id/ods-organization-code";

async fn post(scene: &Scene, entries: &[Value]) -> String {
    let bundle = json!({ "resourceType": "Bundle", "type": "transaction", "meta": { "source": "https://x/st-hildas" },
        "entry": entries });
    let token = scene.token(Role::FeedsClient, "Z9H01");
    let (status, body, _) = scene.request(&token, "POST", "/v1/fhir", Body::from(bundle.to_string())).await;
    assert_eq!(status, 200, "{body}");
    let outcome: Value = serde_json::from_str(&body).unwrap();
    outcome["issue"][0]["details"]["text"].as_str().unwrap().to_owned()
}

fn episode(status: &str, updated: &str) -> Value {
    json!({ "resource": { "resourceType": "EpisodeOfCare", "id": "e1", "meta": { "lastUpdated": updated }, "status": status,
        "patient": { "reference": "Patient/4711" }, "period": { "start": "2026-11-01" } } })
}

fn group(people: &[&str], updated: &str) -> Value {
    let member = |id: &&str| json!({ "entity": { "identifier": { "value": id } } });
    let members: Vec<_> = people.iter().map(member).collect();
    json!({ "resource": { "resourceType": "Group", "id": "g1", "meta": { "lastUpdated": updated }, "type": "person",
        "actual": true, "member": members } })
}

fn delete(url: &str) -> Value {
    json!({ "request": { "method": "DELETE", "url": url } })
}

/// Each event: the key, the person, and whether it stands.
async fn published(scene: &Scene) -> Vec<(String, String, bool)> {
    let links = scene.links().await.into_iter();
    links.map(|(event, link)| (event.link, event.identity.local_id.0, link.stands)).collect()
}

#[tokio::test]
async fn an_episode_is_published_sealed_once_and_a_newer_one_of_the_same_second_is_newer() {
    let scene = Scene::set(&[hospital()]).await;
    assert_eq!(post(&scene, &[episode("active", "2026-11-20T09:30:00Z")]).await, "accepted");
    let (event, link) = scene.links().await.remove(0);
    assert_eq!((event.link.as_str(), event.identity.local_id.0.as_str()), ("EpisodeOfCare/e1", "4711"));
    assert_eq!((link.kind.as_str(), link.organisation.as_str(), link.stands), ("caseload", "Z9H01", true));
    assert!(!event.sealed.contains("caseload") && !event.sealed.contains("Z9H01"));
    assert_eq!(scene.list("/v1/messages").await[0]["outcome"], "accepted");
    post(&scene, &[episode("active", "2026-11-20T09:30:00Z")]).await;
    assert_eq!(scene.links().await.len(), 1, "the same Bundle again changes nothing");
    post(&scene, &[episode("cancelled", "2026-11-20T09:30:00Z")]).await;
    let (newer, link) = scene.links().await.remove(1);
    assert!(newer.version > event.version && !link.stands);
    post(&scene, &[episode("active", "2026-11-20T09:00:00Z")]).await;
    assert!(scene.links().await.remove(2).0.version < event.version, "an older one stays older");
}

#[tokio::test]
async fn a_list_ends_the_evidence_of_those_whom_a_newer_one_lacks() {
    let scene = Scene::set(&[hospital()]).await;
    post(&scene, &[group(&["4711", "4712", "4711"], "2026-11-20T09:00:00Z")]).await;
    post(&scene, &[group(&["4712", "4713"], "2026-11-20T10:00:00Z")]).await;
    // A late list is stored and has no effect.
    assert_eq!(post(&scene, &[group(&["4714"], "2026-11-20T09:30:00Z")]).await, "accepted");
    let row = |key: &str, stands| (format!("Group/g1#{key}"), key.to_owned(), stands);
    let expected = [row("4711", true), row("4712", true), row("4713", true), row("4711", false)];
    assert_eq!(published(&scene).await, expected);
    post(&scene, &[delete("Group/g1")]).await;
    assert_eq!(published(&scene).await[4..], [row("4712", false), row("4713", false)]);
}

#[tokio::test]
async fn a_deletion_of_unknown_evidence_waits_and_its_replay_ends_it() {
    let scene = Scene::set(&[hospital()]).await;
    let words = post(&scene, &[delete("EpisodeOfCare/e1")]).await;
    assert!(words.starts_with("accepted, and waits to be read: "), "{words}");
    post(&scene, &[episode("active", "2026-11-20T09:30:00Z")]).await;
    let id = scene.list("/v1/dead-letters").await[0]["id"].as_str().unwrap().to_owned();
    let (token, path) = (scene.token(Role::DataSteward, "Z9K01"), format!("/v1/dead-letters/{id}/replay"));
    let (status, body, _) = scene.request(&token, "POST", &path, Body::empty()).await;
    assert_eq!(status, 200, "{body}");
    let row = |stands| ("EpisodeOfCare/e1".to_owned(), "4711".to_owned(), stands);
    assert_eq!(published(&scene).await, [row(true), row(false)]);
}

#[tokio::test]
async fn a_deleted_referral_is_withdrawn_and_no_longer_evidence() {
    let scene = Scene::set(&[hospital()]).await;
    let patient = json!({ "resource": { "resourceType": "Patient", "id": "p", "identifier": [{ "value": "4711" }] } });
    let referral = json!({ "resource": { "resourceType": "ServiceRequest", "id": "r1", "status": "active", "intent": "order",
        "subject": { "reference": "Patient/p" },
        "performer": [{ "identifier": { "system": ODS, "value": "Z9C05" } }] } });
    post(&scene, &[patient, referral]).await;
    post(&scene, &[delete("ServiceRequest/r1")]).await;
    let row = |stands| ("ServiceRequest/r1".to_owned(), "4711".to_owned(), stands);
    assert_eq!(published(&scene).await, [row(true), row(false)]);
    assert_eq!(scene.items().await.len(), 2);
}

#[tokio::test]
async fn a_referral_and_an_appointment_over_mllp_are_evidence() {
    let scene = Scene::set(&[hospital()]).await;
    let head = |kind: &str, at: &str| format!("MSH|^~\\&|PAS|Z9H01|LCR|LCR|{at}||{kind}|{kind}|P|2.4\r");
    let rf1 = "RF1|A|R|MED|||REF9|20261119\rPRD|RT|||^^^Z9C05";
    for message in [
        format!("{}{rf1}\r{PID}", head("REF^I12", "20261120093000")),
        format!("{}SCH||APP3\r{PID}", head("SIU^S12", "20261120093000")),
        format!("{}{rf1}\r{PID}", head("REF^I14", "20261120093000")),
    ] {
        scene.send(&message).await;
    }
    let row = |key: &str, stands| (key.to_owned(), "47110815".to_owned(), stands);
    assert_eq!(published(&scene).await, [row("REF|REF9", true), row("SIU|APP3", true), row("REF|REF9", false)]);
    let versions: Vec<i64> = scene.links().await.iter().map(|(event, _)| event.version).collect();
    assert!(versions[2] > versions[0], "of two messages in one second the later is newer");
}

#[tokio::test]
async fn a_discharge_to_an_organisation_is_evidence_until_it_is_cancelled() {
    let scene = Scene::set(&[hospital()]).await;
    let message = |event: &str, at: &str| {
        let blank = |count: usize| "|".repeat(count);
        let pv1 = format!("PV1|1|I|J27{}V1{}Z9C05{}20261120090000", blank(16), blank(18), blank(8));
        format!("MSH|^~\\&|PAS|Z9H01|LCR|LCR|{at}||ADT^{event}|{event}|P|2.4\r{PID}\r{pv1}")
    };
    for (event, at) in [("A01", "20261119093000"), ("A03", "20261120093000"), ("A13", "20261120100000")] {
        scene.send(&message(event, at)).await;
    }
    let row = |stands| ("ADT|V1|to".to_owned(), "47110815".to_owned(), stands);
    assert_eq!(published(&scene).await, [row(true), row(false)]);
    assert_eq!(scene.links().await[0].1.kind.as_str(), "discharged-to");
}

#[tokio::test]
async fn a_referral_that_no_longer_names_its_receiver_ends_the_evidence_in_any_order() {
    let scene = Scene::set(&[hospital()]).await;
    let message = |number: &str, id: &str, at: &str, receiver: &str| {
        let head = format!("MSH|^~\\&|PAS|Z9H01|LCR|LCR|{at}||REF^I13|{id}|P|2.4");
        format!("{head}\rRF1|A|R|MED|||{number}|20261119\r{receiver}{PID}")
    };
    let receiver = "PRD|RT|||^^^Z9C05\r";
    for (number, id, at, receiver) in [
        ("REF1", "M1", "20261120093000", receiver),
        ("REF1", "M2", "20261120094000", ""),
        // The message without a receiver arrives first.
        ("REF2", "M3", "20261120094000", ""),
        ("REF2", "M4", "20261120093000", receiver),
        ("REF2", "M5", "20261120095000", receiver),
    ] {
        scene.send(&message(number, id, at, receiver)).await;
    }
    let row = |key: &str, stands| (key.to_owned(), "47110815".to_owned(), stands);
    assert_eq!(published(&scene).await, [row("REF|REF1", true), row("REF|REF1", false), row("REF|REF2", true)]);
    assert_eq!(scene.items().await.len(), 5, "every referral is an item");
}

#[tokio::test]
async fn a_list_whose_earlier_version_cannot_be_read_waits() {
    let scene = Scene::set(&[hospital()]).await;
    post(&scene, &[group(&["4711", "4712"], "2026-11-20T09:00:00Z")]).await;
    let damage = "UPDATE held SET sealed = 'unreadable' WHERE sealed IS NOT NULL";
    let write = scene.feeds.store.write(async move |tx| tx.execute_unprepared(damage).await.map(|_| ()));
    write.await.unwrap();
    for entry in [group(&["4711"], "2026-11-20T10:00:00Z"), delete("Group/g1")] {
        let words = post(&scene, &[entry]).await;
        assert!(words.starts_with("accepted, and waits to be read: what is stored"), "{words}");
    }
    assert_eq!(scene.links().await.len(), 2, "nobody was taken off a list that cannot be compared");
    assert_eq!(scene.list("/v1/dead-letters").await.len(), 2);
}

#[tokio::test]
async fn a_person_gets_at_most_1000_new_links_of_one_source() {
    let scene = Scene::set(&[hospital()]).await;
    let numbered = |number: usize, person: &str| {
        let mut one = episode("active", "2026-11-20T09:30:00Z");
        one["resource"]["id"] = json!(format!("n{number}"));
        one["resource"]["patient"] = json!({ "reference": format!("Patient/{person}") });
        one
    };
    let thousand: Vec<Value> = (0..1_000).map(|number| numbered(number, "4711")).collect();
    assert_eq!(post(&scene, &thousand).await, "accepted");
    let words = post(&scene, &[numbered(1_000, "4711")]).await;
    assert!(words.starts_with("accepted, and waits to be read: its source has given evidence"), "{words}");
    let words = post(&scene, &[group(&["4711"], "2026-11-20T09:00:00Z")]).await;
    assert!(words.starts_with("accepted, and waits to be read: its source has given evidence"), "{words}");
    let mut ended = numbered(7, "4711");
    ended["resource"]["status"] = json!("finished");
    ended["resource"]["meta"]["lastUpdated"] = json!("2026-11-20T10:30:00Z");
    assert_eq!(post(&scene, &[ended]).await, "accepted", "a known one can still end");
    assert_eq!(post(&scene, &[numbered(1_000, "4712")]).await, "accepted", "another person has room");
    assert_eq!(scene.links().await.len(), 1_002);
}
