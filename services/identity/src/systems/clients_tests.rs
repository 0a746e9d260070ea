//! Clients are registered by their own organisation, prove who they are with their key, and stop when they are suspended (S-47).

#![allow(clippy::unwrap_used, reason = "tests")]

use jiff::SignedDuration;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use lcr_contracts::{FailureKind, partners::system::SystemChange, registry::PartnerState};
use lcr_model::SigningKey;
use lcr_web::EgressRules;
use serde_json::json;

use super::*;
use crate::{
    Seed, oauth2,
    systems::testing::{OWNER, RECEIVER, Scene, actor, administrator, client, jwks},
};

#[path = "clients_tests/tokens.rs"]
mod tokens;

const AUDIENCE: &str = "https://record.example.nhs.uk/oauth2/token";

fn put(draft: ClientDraft) -> SystemChange {
    SystemChange::PutClient(Box::new(draft))
}

fn suspension(suspended: bool) -> SystemChange {
    SystemChange::SuspendClient { client: "engine".into(), suspended }
}

fn public(key: &SigningKey) -> Value {
    json!({ "keys": [{ "kty": "OKP", "crv": "Ed25519", "kid": key.kid(), "x": key.public().x }] })
}

/// The client `engine` with this key.
fn engine(key: &SigningKey) -> ClientDraft {
    ClientDraft { jwks: Some(public(key)), ..client("engine") }
}

fn refusal(draft: &ClientDraft) -> String {
    let outbound = Outbound::new(EgressRules::default()).unwrap();
    check(draft, &outbound).unwrap_err().outward().to_owned()
}

fn claims(scene: &Scene, once: &str, seconds: i64) -> Value {
    let now = scene.now().as_second();
    json!({ "iss": "engine", "sub": "engine", "aud": AUDIENCE, "jti": once, "iat": now, "exp": now + seconds })
}

async fn token(scene: &Scene, assertion: String) -> Result<String, FailureKind> {
    let request = oauth2::TokenRequest {
        grant_type: "client_credentials".into(),
        client_assertion: Some(assertion),
        subject_token: None,
        scope: None,
    };
    let answer = oauth2::token(scene.service(), request).await;
    answer.map(|answer| answer.scope).map_err(|refusal| refusal.failure.kind)
}

#[test]
fn each_field_of_a_client_has_a_rule() {
    let outbound = Outbound::new(EgressRules::default()).unwrap();
    assert_eq!(check(&client("engine"), &outbound), Ok(()));
    let reader = ClientDraft { role: Role::FhirClient, scope: "fhir.read  people.write".into(), ..client("reader") };
    assert_eq!(check(&reader, &outbound), Ok(()));
    assert_eq!(to_client(reader, &OdsCode::new(OWNER)).scope, "fhir.read people.write");
    let private = json!({ "keys": [{ "kty": "OKP", "crv": "Ed25519", "kid": "a", "x": "A", "d": "cGVhcg" }] });
    for (draft, words) in [
        (client("Engine"), "id of a client"),
        (ClientDraft { name: String::new(), ..client("engine") }, "name"),
        (ClientDraft { role: Role::Gp, ..client("engine") }, "role of a client"),
        (ClientDraft { scope: "fhir.read".into(), ..client("engine") }, "feeds.write"),
        (ClientDraft { scope: "session".into(), ..client("engine") }, "scope"),
        (ClientDraft { scope: " ".into(), ..client("engine") }, "scope"),
        (ClientDraft { per_minute: 100_001, ..client("engine") }, "tokens a minute"),
        (ClientDraft { requests_per_minute: Some(100_001), ..client("engine") }, "requests a minute"),
        (ClientDraft { requests_per_minute: Some(0), ..client("engine") }, "requests a minute"),
        (ClientDraft { jwks: None, ..client("engine") }, "one of both"),
        (ClientDraft { jwks_url: Some("https://a.example/jwks".into()), ..client("engine") }, "one of both"),
        (ClientDraft { jwks: None, jwks_url: Some("https://10.0.0.1/".into()), ..client("engine") }, "may call"),
        (ClientDraft { jwks: Some(private), ..client("engine") }, "private"),
    ] {
        let refused = refusal(&draft);
        assert!(refused.contains(words) && !refused.contains("cGVhcg"), "{refused}");
    }
}

#[tokio::test]
async fn an_id_belongs_to_one_organisation_and_its_administrators() {
    let scene = Scene::new().await;
    scene.change(put(client("engine"))).await.unwrap();
    let taken = scene.change_as(administrator(RECEIVER), RECEIVER, put(client("engine"))).await.unwrap_err();
    assert_eq!(taken.kind, FailureKind::Conflict);
    let other = scene.change_as(administrator(RECEIVER), OWNER, put(client("other"))).await.unwrap_err();
    assert_eq!(other.kind, FailureKind::Forbidden);
    let platform =
        scene.change_as(actor(RECEIVER, Role::PlatformAdmin), OWNER, put(client("other"))).await.unwrap_err();
    assert_eq!(platform.kind, FailureKind::Forbidden, "keys come from the organisation itself");
    scene.change(put(ClientDraft { jwks: Some(jwks("b")), ..client("engine") })).await.unwrap();
    let clients = list(scene.service(), &OdsCode::new(OWNER)).await.unwrap();
    assert_eq!(clients.len(), 1);
    assert_eq!((clients[0].draft.jwks.as_ref(), clients[0].managed_by.as_str()), (Some(&jwks("b")), "portal"));
}

#[tokio::test]
async fn a_form_for_a_new_client_never_changes_one_that_exists() {
    let scene = Scene::new().await;
    let create = |draft| SystemChange::CreateClient(Box::new(draft));
    scene.change(create(client("engine"))).await.unwrap();
    let refused = scene.change(create(ClientDraft { jwks: Some(jwks("b")), ..client("engine") })).await.unwrap_err();
    assert_eq!(refused.kind, FailureKind::Conflict);
    assert!(refused.outward().contains("You already have a client called engine"), "{refused:?}");
    let clients = list(scene.service(), &OdsCode::new(OWNER)).await.unwrap();
    assert_eq!(clients[0].draft.jwks.as_ref(), Some(&jwks("a")));
    scene.change(SystemChange::RemoveClient { client: "engine".into() }).await.unwrap();
    scene.change(create(client("engine"))).await.unwrap();
    assert!(scene.refusal(create(client("new"))).await.contains("The portal uses"));
}

#[tokio::test]
async fn a_seed_never_takes_a_client_of_the_portal_back() {
    let scene = Scene::new().await;
    let of_seed = || Seed { clients: vec![to_client(client("engine"), &OdsCode::new(OWNER))], ..Seed::default() };
    scene.seed(of_seed()).await;
    scene.change(put(ClientDraft { name: "Another name".into(), ..client("engine") })).await.unwrap();
    scene.seed(of_seed()).await;
    let clients = list(scene.service(), &OdsCode::new(OWNER)).await.unwrap();
    assert_eq!((clients[0].draft.name.as_str(), clients[0].managed_by.as_str()), ("Another name", "portal"));
}

#[tokio::test]
async fn a_removed_client_gets_no_token_and_its_id_stays_its_organisations() {
    let (scene, key) = (Scene::new().await, SigningKey::generate().unwrap());
    let removal = || SystemChange::RemoveClient { client: "engine".into() };
    let listed = async || list(scene.service(), &OdsCode::new(OWNER)).await.unwrap().len();
    scene.change(put(engine(&key))).await.unwrap();
    let sign = |once| key.sign("JWT", &claims(&scene, once, 60)).unwrap();
    assert!(token(&scene, sign("one")).await.is_ok());
    assert!(scene.refusal(removal()).await.contains("Suspend it first"), "it is in use");
    let stranger = scene.change_as(administrator(RECEIVER), RECEIVER, removal()).await.unwrap_err();
    assert_eq!(stranger.kind, FailureKind::NotFound);
    scene.change(suspension(true)).await.unwrap();
    scene.change(removal()).await.unwrap();
    assert_eq!(listed().await, 0);
    assert_eq!(token(&scene, sign("two")).await, Err(FailureKind::Unauthenticated));
    assert_eq!(scene.change(suspension(false)).await.unwrap_err().kind, FailureKind::NotFound);
    let taken = scene.change_as(administrator(RECEIVER), RECEIVER, put(client("engine"))).await.unwrap_err();
    assert_eq!(taken.kind, FailureKind::Conflict);
    scene.change(put(engine(&key))).await.unwrap();
    assert_eq!(listed().await, 1);
    assert!(token(&scene, sign("three")).await.is_ok(), "registered anew");
}

#[tokio::test]
async fn a_client_that_was_never_used_is_removed_at_once_and_no_seed_brings_it_back() {
    let scene = Scene::new().await;
    let of_seed = || Seed { clients: vec![to_client(client("engine"), &OdsCode::new(OWNER))], ..Seed::default() };
    scene.seed(of_seed()).await;
    scene.change(SystemChange::RemoveClient { client: "engine".into() }).await.unwrap();
    scene.seed(of_seed()).await;
    assert!(list(scene.service(), &OdsCode::new(OWNER)).await.unwrap().is_empty());
}
