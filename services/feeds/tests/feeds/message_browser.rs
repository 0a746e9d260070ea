//! Which messages each role can list, and the replay of dead letters.

use axum::body::Body;
use lcr_contracts::{events::PartnersChanged, registry::PartnerState};
use lcr_model::Role;
use sea_orm::ConnectionTrait;
use serde_json::Value;

use crate::scene::{PID, Scene, adt, code, hospital, itk, organisation, sandbox};

const PV1: &str = "PV1|1|I|W12|21||||||430|||||||||V100";

#[tokio::test]
async fn the_message_list_shows_no_content() {
    let scene = Scene::set(&[hospital()]).await;
    scene.send(&adt("A01", "M1", "20261120093000", &[PID, PV1])).await;
    scene.send(&adt("A01", "M2", "20261120093000", &["PID|1||||Ashdown^Ottilie", PV1])).await;
    let rows = scene.list("/v1/messages?source=st-hildas").await;
    let row = rows.iter().find(|row| row["control_id"] == "M2").unwrap();
    assert_eq!((&row["type"], &row["answer"], &row["failed_at"]), (&"ADT^A01".into(), &"AE".into(), &"PID-3".into()));
    let text = serde_json::to_string(&rows).unwrap();
    for secret in ["Ashdown", "Ottilie", "47110815", "9990000018", "Millrace", "V100"] {
        assert!(!text.contains(secret), "{secret}");
    }
    let id = row["id"].as_str().unwrap();
    let token = scene.token(Role::PlatformAdmin, "Z9K01");
    let (status, body, _) = scene.request(&token, "GET", &format!("/v1/messages/{id}"), Body::empty()).await;
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!((status, body["outcome"].as_str().unwrap()), (200, "the patient has no identifier"));
}

#[tokio::test]
async fn pages_continue_after_the_last_id() {
    let scene = Scene::set(&[hospital()]).await;
    for number in 0..5 {
        scene.send(&adt("A31", &format!("M{number}"), "20261120093000", &[PID])).await;
    }
    let mut seen = vec![];
    let mut path = "/v1/messages?limit=2".to_owned();
    loop {
        let rows = scene.list(&path).await;
        let Some(last) = rows.last() else { break };
        path = format!("/v1/messages?limit=2&before={}", last["id"].as_str().unwrap());
        seen.extend(rows.iter().map(|row| row["control_id"].as_str().unwrap().to_owned()));
    }
    assert_eq!(seen, ["M4", "M3", "M2", "M1", "M0"]);
}

#[tokio::test]
async fn each_role_sees_only_its_own_messages() {
    let scene = Scene::set(&[hospital(), itk(), sandbox()]).await;
    scene.send(&adt("A31", "M1", "20261120093000", &[PID])).await;
    scene.send(&adt("A31", "M2", "20261120093000", &[PID]).replace("Z9H01", "Z9H02")).await;
    let client = scene.token(Role::FeedsClient, "Z9C01");
    let own = adt("A31", "M3", "20261120093000", &[PID]).replace("PAS", "NEW");
    scene.request(&client, "POST", "/v1/hl7v2", own).await;
    // An unreadable message belongs to the source that accepts any sender.
    scene.send("hello").await;
    let cases = [
        (Role::PlatformAdmin, "Z9K01", 4),
        (Role::OrgAdmin, "Z9H01", 1),
        (Role::OrgAdmin, "Z9C01", 0),
        (Role::FeedsClient, "Z9H02", 3),
        (Role::FeedsClient, "Z9C01", 2),
    ];
    for (role, organisation, count) in cases {
        let token = scene.token(role, organisation);
        let (_, body, _) = scene.request(&token, "GET", "/v1/messages", Body::empty()).await;
        let body: Value = serde_json::from_str(&body).unwrap();
        assert_eq!(body["messages"].as_array().unwrap().len(), count, "{role} of {organisation}");
    }
    for role in [Role::Gp, Role::Consultant, Role::Patient, Role::FhirClient] {
        let token = scene.token(role, "Z9H01");
        assert_eq!(scene.request(&token, "GET", "/v1/messages", Body::empty()).await.0, 403, "{role}");
    }
}

#[tokio::test]
async fn a_dead_letter_is_replayed_and_published_once() {
    let scene = Scene::set(&[hospital()]).await;
    // The message names no stay, and the person has no open one.
    let waits = adt("A02", "M1", "20261120093000", &[PID, "PV1|1|I|W12"]);
    assert_eq!(code(&scene.send(&waits).await), "AA");
    assert!(scene.people().await.is_empty());
    let rows = scene.list("/v1/dead-letters").await;
    let id = rows[0]["id"].as_str().unwrap().to_owned();
    let token = scene.token(Role::DataSteward, "Z9K01");
    let replay = async || {
        let path = format!("/v1/dead-letters/{id}/replay");
        let (status, body, _) = scene.request(&token, "POST", &path, Body::empty()).await;
        (status, serde_json::from_str::<Value>(&body).unwrap())
    };
    let (status, still) = replay().await;
    assert_eq!((status, still["status"].as_str()), (200, Some("dead-letter")), "nothing has changed");
    // Stands in for new rules: the stored message now names its stay.
    let sealed = scene.seal(&format!("feeds/messages/{id}"), &adt("A02", "M1", "20261120093000", &[PID, PV1]));
    let update = format!("UPDATE message SET sealed = '{sealed}'");
    let write = scene.feeds.store.write(async move |tx| tx.execute_unprepared(&update).await.map(|_| ()));
    write.await.unwrap();
    let (status, now) = replay().await;
    assert_eq!((status, now["status"].as_str(), now["events"].as_i64()), (200, Some("accepted"), Some(2)));
    assert_eq!(replay().await.0, 409, "it waits no longer");
    assert_eq!((scene.stays().await.len(), scene.people().await.len()), (1, 1));
    assert!(scene.list("/v1/dead-letters").await.is_empty());
}

#[tokio::test]
async fn nothing_is_taken_or_replayed_of_an_organisation_that_does_not_take_part() {
    let scene = Scene::set(&[hospital()]).await;
    scene.send(&adt("A02", "M1", "20261120093000", &[PID, "PV1|1|I|W12"])).await;
    let id = scene.list("/v1/dead-letters").await[0]["id"].as_str().unwrap().to_owned();
    let suspended = Some(organisation("Z9H01", PartnerState::Suspended));
    scene.publish_partners(vec![PartnersChanged { version: 2, organisation: suspended, system: None }]).await;
    let answer = scene.send(&adt("A01", "M2", "20261120093000", &[PID, PV1])).await;
    assert_eq!(code(&answer), "AR", "{answer}");
    assert!(answer.contains("this sender's organisation does not take part"), "{answer}");
    let token = scene.token(Role::DataSteward, "Z9K01");
    let path = format!("/v1/dead-letters/{id}/replay");
    let (status, body, _) = scene.request(&token, "POST", &path, Body::empty()).await;
    let message: Value = serde_json::from_str(&body).unwrap();
    assert_eq!((status, message["status"].as_str()), (200, Some("dead-letter")));
    assert!(message["outcome"].as_str().unwrap().contains("does not take part"), "{message}");
    assert!(scene.stays().await.is_empty());
}
