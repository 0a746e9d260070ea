//! Each message gets the right answer, and every message is stored (`services/DESIGN.md`).

use axum::body::Body;
use lcr_contracts::registry::Feed;
use lcr_model::Role;

use crate::scene::{PID, Scene, adt, code, hospital, sandbox, system};

const PV1: &str = "PV1|1|I|W12^BAY 2^B4^Z9H01|21||||||430|||||||||V100^^^Z9H01";

#[tokio::test]
async fn a_committed_message_is_answered_aa_and_published_once() {
    let scene = Scene::set(&[hospital()]).await;
    let message = adt("A01", "M1", "20261120093000", &[PID, PV1]);
    let answer = scene.send(&message).await;
    assert_eq!(code(&answer), "AA", "{answer}");
    assert!(answer.contains("\nMSA|AA|M1|"), "{answer}");
    assert_eq!(scene.stays().await.len(), 1);
    // The message was committed before the answer: its row and events are there.
    let rows = scene.list("/v1/messages?control_id=M1").await;
    assert_eq!((rows.len(), &rows[0]["status"], &rows[0]["events"]), (1, &"accepted".into(), &2.into()));
}

#[tokio::test]
async fn the_same_message_again_is_answered_aa_and_changes_nothing() {
    let scene = Scene::set(&[hospital()]).await;
    let message = adt("A01", "M1", "20261120093000", &[PID, PV1]);
    for _ in 0..3 {
        assert_eq!(code(&scene.send(&message).await), "AA");
    }
    assert_eq!((scene.stays().await.len(), scene.people().await.len()), (1, 1));
    let statuses: Vec<_> = scene.list("/v1/messages").await.iter().map(|row| row["status"].clone()).collect();
    assert_eq!(statuses, ["duplicate", "duplicate", "accepted"]);
}

#[tokio::test]
async fn a_control_id_used_again_is_a_new_message() {
    let scene = Scene::set(&[hospital()]).await;
    scene.send(&adt("A01", "M1", "20261120093000", &[PID, PV1])).await;
    let other = adt("A03", "M1", "20261121093000", &[PID, PV1]);
    assert_eq!(code(&scene.send(&other).await), "AA");
    assert_eq!(scene.stays().await.len(), 2);
}

#[tokio::test]
async fn each_message_gets_the_answer_in_the_readme() {
    let scene = Scene::set(&[hospital(), system("gone", "Z9H03", former_sender())]).await;
    scene
        .register(&[lcr_contracts::registry::System { suspended: true, ..system("gone", "Z9H03", former_sender()) }], 2)
        .await;
    let good = adt("A01", "M1", "20261120093000", &[PID, PV1]);
    let no_id = "PID|1||||Ashdown^Ottilie";
    let cases = [
        ("unknown sender", good.replace("|PAS|Z9H01|", "|PAS|Z9H99|"), "AR", "MSH|1|3|204"),
        ("suspended sender", good.replace("|PAS|Z9H01|", "|OLD|Z9H03|"), "AR", "MSH|1|3|204"),
        ("version", good.replace("|P|2.4", "|P|3.0"), "AR", "MSH|1|12|203"),
        ("no version", good.replace("|P|2.4", "|P|"), "AE", "MSH|1|12|101"),
        ("training", good.replace("|P|2.4", "|T|2.4"), "AR", "MSH|1|11|202"),
        ("absurd type", good.replace("ADT^A01", "hello^you"), "AR", "MSH|1|9|200"),
        ("no type", good.replace("ADT^A01", ""), "AE", "MSH|1|9|101"),
        ("no control id", good.replace("|M1|", "||"), "AE", "MSH|1|10|101"),
        ("no identifier", adt("A01", "M2", "20261120093000", &[no_id, PV1]), "AE", "PID|1|3|101"),
        ("no patient", adt("A01", "M3", "20261120093000", &[PV1]), "AE", "PID|1||101"),
        ("no visit", adt("A01", "M4", "20261120093000", &[PID]), "AE", "PV1|1||101"),
        ("malformed line", adt("A01", "M5", "20261120093000", &[PID, "and then some words", PV1]), "AE", "|4||100"),
        ("unmapped type", good.replace("ADT^A01", "ZZZ^Z01"), "AA", ""),
        ("unmapped event", good.replace("ADT^A01", "ADT^A20"), "AA", ""),
        ("no stay", adt("A02", "M6", "20261120093000", &[PID, "PV1|1|I|W12"]), "AA", ""),
        ("enhanced mode", good.replace("|P|2.4", "|P|2.4|||AL|NE"), "AA", ""),
    ];
    for (name, message, expected, expected_location) in cases {
        let answer = scene.send(&message).await;
        assert_eq!(code(&answer), expected, "{name}: {answer}");
        let err = answer.lines().find_map(|line| line.strip_prefix("ERR|")).unwrap_or_default();
        let mut parts = err.split(['^', '&']);
        let location =
            [parts.next(), parts.next(), parts.next(), parts.next()].map(Option::unwrap_or_default).join("|");
        assert_eq!(location.trim_end_matches('|'), expected_location.trim_end_matches('|'), "{name}: {answer}");
    }
    assert_eq!(scene.list("/v1/dead-letters").await.len(), 3);
}

fn former_sender() -> Feed {
    Feed { senders: vec![("OLD".to_owned(), "Z9H03".to_owned())], ..Feed::default() }
}

#[tokio::test]
async fn bytes_that_are_not_hl7_are_answered_with_defaults_and_stored() {
    let scene = Scene::set(&[hospital()]).await;
    for nonsense in ["", "hello", "PID|1", "MSH", "MSH|^^^^|x", "{\"resourceType\":\"Bundle\"}"] {
        let answer = scene.send(nonsense).await;
        assert!(answer.starts_with("MSH|^~\\&|LCR|") && answer.contains("\nMSA|AR||"), "{answer}");
    }
    assert_eq!(scene.list("/v1/messages?status=unreadable").await.len(), 6);
}

#[tokio::test]
async fn unknown_senders_are_limited_and_known_senders_lose_nothing() {
    let scene = Scene::set(&[hospital()]).await;
    let mut client = scene.client().await;
    let unknown_sender = adt("A01", "S1", "20261120093000", &[PID, PV1]).replace("|PAS|Z9H01|", "|PAS|Z9H99|");
    for _ in 0..150 {
        let answer = client.send(unknown_sender.as_bytes(), std::time::Duration::from_secs(5)).await.unwrap();
        assert!(String::from_utf8_lossy(&answer).contains("MSA|AR|"), "each is answered");
    }
    let stored = scene.list("/v1/messages?control_id=S1&limit=200").await.len();
    assert!((120..135).contains(&stored), "{stored} stored");
    assert_eq!(code(&scene.send(&adt("A01", "M1", "20261120093000", &[PID, PV1])).await), "AA");
    assert_eq!(scene.list("/v1/messages?control_id=M1").await.len(), 1);
}

#[tokio::test]
async fn over_http_the_answer_has_a_matching_status() {
    let scene = Scene::set(&[hospital(), sandbox()]).await;
    let token = scene.token(Role::FeedsClient, "Z9H01");
    let good = adt("A01", "M1", "20261120093000", &[PID, PV1]);
    let post = async |body: String| scene.request(&token, "POST", "/v1/hl7v2", body).await;
    let (status, body, kind) = post(good.clone()).await;
    assert_eq!((status, kind.as_str(), code(&body.replace('\r', "\n"))), (200, "application/hl7-v2", "AA"));
    assert_eq!(post(good.replace("|M1|", "||")).await.0, 422);
    assert_eq!(post(good.replace("2.4", "9.9")).await.0, 400);
    let both = format!("{good}\r{}", good.replace("|M1|", "|M2|"));
    let (status, body, _) = post(both).await;
    assert_eq!((status, body.matches("MSA|AA|").count()), (200, 2));
    // A client sends only for its own organisation, and cannot use the sandbox to get round that.
    let other_client = scene.token(Role::FeedsClient, "Z9C01");
    assert_eq!(scene.request(&other_client, "POST", "/v1/hl7v2", good.clone()).await.0, 403);
    let (status, _, _) = scene.request(&other_client, "POST", "/v1/hl7v2", good.replace("|PAS|", "|NEW|")).await;
    assert_eq!(status, 200);
}

#[tokio::test]
async fn only_a_feeds_client_can_send() {
    let scene = Scene::set(&[sandbox()]).await;
    for role in [Role::Gp, Role::PlatformAdmin, Role::FhirClient] {
        let token = scene.token(role, "Z9H01");
        for path in ["/v1/hl7v2", "/v1/fhir"] {
            assert_eq!(scene.request(&token, "POST", path, Body::from("MSH")).await.0, 403, "{role} {path}");
        }
    }
    assert_eq!(scene.request("nonsense", "POST", "/v1/hl7v2", Body::empty()).await.0, 401);
    assert!(scene.list("/v1/messages").await.is_empty());
}
