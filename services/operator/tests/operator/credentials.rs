//! Credentials, stages and clients by Git: what one `kubectl apply` of a Secret and a `PartnerSystem` sends to identity, and
//! what the status says of a Secret that gives no credentials. No value of a Secret may appear anywhere else.

use std::collections::BTreeMap;

use lcr_contracts::registry::{CredentialKind, Credentials, Stage};
use lcr_model::{Dataset, OdsCode, Phi, SourceId};
use lcr_operator::reconcile::pass;
use serde_json::json;

use crate::scene::{SECRETS, SYSTEMS, Scene, fhir, secret};

const PASSWORD: &str = "correct-horse";

fn basic(password: &str) -> Credentials {
    Credentials::Basic { user: "lcr".into(), password: Phi::new(password.into()) }
}

/// A scene with a Secret, and a system that names it.
fn scene_with(values: &[(&str, &str)]) -> Scene {
    let mut scene = Scene::new();
    let mut system = fhir("pas");
    system["spec"]["credentialsRef"] = json!("rr8-pas");
    scene.api.put(SECRETS, secret("rr8-pas", values));
    scene.api.put(SYSTEMS, system);
    scene.refresh_watch();
    scene
}

/// What the last set says of the credentials of systems.
fn last_credentials(scene: &Scene) -> BTreeMap<SourceId, Option<Credentials>> {
    scene.registrar.sets.lock().unwrap().last().unwrap().credentials.clone()
}

#[tokio::test]
async fn a_secret_reaches_identity_and_a_changed_one_with_the_next_pass() {
    let mut scene = scene_with(&[("type", "basic"), ("username", "lcr"), ("password", PASSWORD)]);
    scene.api.put(SYSTEMS, fhir("lab"));
    scene.refresh_watch();
    pass::run_once(&scene.context).await.unwrap();
    let (lab, pas) = (SourceId::new("rr8-lab"), SourceId::new("rr8-pas"));
    let sent = BTreeMap::from([(lab.clone(), None), (pas.clone(), Some(basic(PASSWORD)))]);
    assert_eq!(last_credentials(&scene), sent, "a system without a Secret needs none");
    scene.api.put(SECRETS, secret("rr8-pas", &[("type", "basic"), ("username", "lcr"), ("password", "another")]));
    pass::run_once(&scene.context).await.unwrap();
    assert_eq!(last_credentials(&scene), BTreeMap::from([(lab, None), (pas, Some(basic("another")))]));
    scene.reconcile_all().await;
    assert_eq!(scene.condition("rr8-pas", "CredentialsReady"), "True Read");
    assert_eq!(scene.condition("rr8-lab", "CredentialsReady"), "True NotNeeded");
}

#[tokio::test]
async fn no_value_of_a_secret_is_written_to_the_cluster() {
    let mut scene = scene_with(&[("type", "basic"), ("username", "lcr"), ("password", PASSWORD)]);
    pass::run_once(&scene.context).await.unwrap();
    scene.reconcile_all().await;
    for write in scene.api.writes() {
        assert!(!write.body.to_string().contains(PASSWORD), "{}", write.path);
    }
    assert!(!format!("{:?}", scene.registrar.sets.lock().unwrap()).contains(PASSWORD));
}

#[tokio::test]
async fn a_missing_or_incomplete_secret_changes_no_credentials_and_the_condition_says_why() {
    let mut scene = scene_with(&[("type", "basic"), ("username", "lcr")]);
    pass::run_once(&scene.context).await.unwrap();
    assert!(last_credentials(&scene).is_empty(), "identity keeps those that it has");
    assert_eq!(scene.registrar.sets.lock().unwrap().last().unwrap().systems.len(), 1, "the row is sent");
    scene.reconcile_all().await;
    assert_eq!(scene.condition("rr8-pas", "CredentialsReady"), "False MissingKey");
    assert_eq!(scene.condition("rr8-pas", "Ready"), "False CredentialsNotReady");
    scene.api.delete(SECRETS, "rr8-pas");
    pass::run_once(&scene.context).await.unwrap();
    scene.reconcile_all().await;
    assert_eq!(scene.condition("rr8-pas", "CredentialsReady"), "False NoSecret");
    scene.api.refuse(SECRETS, 403);
    pass::run_once(&scene.context).await.unwrap();
    scene.reconcile_all().await;
    assert_eq!(scene.condition("rr8-pas", "CredentialsReady"), "False Forbidden");
}

#[tokio::test]
async fn while_the_api_server_does_not_answer_the_last_result_stays_and_the_rows_are_sent() {
    let mut scene = scene_with(&[("type", "basic"), ("username", "lcr"), ("password", PASSWORD)]);
    pass::run_once(&scene.context).await.unwrap();
    scene.api.refuse(SECRETS, 503);
    let failure = pass::run_once(&scene.context).await.unwrap_err();
    assert_eq!(failure.reason(), "unavailable");
    assert!(last_credentials(&scene).is_empty());
    assert_eq!(scene.registrar.sets.lock().unwrap().len(), 2);
    scene.reconcile_all().await;
    assert_eq!(scene.condition("rr8-pas", "CredentialsReady"), "True Read");
}

/// S-13, X-07, Q-17: a partner by Git alone.
#[tokio::test]
async fn one_apply_of_a_secret_and_a_resource_sends_agreement_credentials_stages_and_client() {
    let mut scene = Scene::new();
    let mut system = fhir("pas");
    let spec = system["spec"].as_object_mut().unwrap();
    spec.insert("credentialsRef".into(), json!("rr8-pas"));
    spec.insert("tokenUrl".into(), json!("https://login.invalid/token"));
    spec.insert("pilots".into(), json!(["B86001"]));
    spec.insert(
        "stages".into(),
        json!([
            {"dataset": "demographics", "stage": "on", "signedOffBy": "A. Smith, Caldicott guardian", "userView": "clear"},
            {"dataset": "encounters", "stage": "pilot-teams", "signedOffBy": "A. Smith, Caldicott guardian"}
        ]),
    );
    let keys = json!({"keys": [{"kty": "EC", "kid": "a", "crv": "P-384", "x": "AA", "y": "BB"}]});
    let client =
        json!({"id": "rr8-feed", "name": "Feed", "role": "feeds-client", "scope": "feeds.write", "jwks": keys});
    spec.insert("clients".into(), json!([client]));
    let values = [("type", "oauth2-secret"), ("client_id", "lcr"), ("client_secret", PASSWORD)];
    scene.api.put(SECRETS, secret("rr8-pas", &values));
    scene.api.put(SYSTEMS, system);
    scene.refresh_watch();
    pass::run_once(&scene.context).await.unwrap();
    scene.reconcile_all().await;
    let set = scene.registrar.sets.lock().unwrap().last().unwrap().clone();
    assert!(set.organisations[0].takes_part());
    let credentials = set.credentials[&SourceId::new("rr8-pas")].as_ref().unwrap();
    assert_eq!(credentials.kind(), CredentialKind::OAuth2Secret);
    let stages = &set.systems[0].setup.stages;
    assert_eq!(stages.of(Dataset::Encounters, &OdsCode::new("B86001")), Stage::PilotTeams);
    assert_eq!(set.sign_offs.len(), 2);
    assert_eq!((set.clients[0].id.as_str(), set.clients[0].jwks["keys"][0]["kid"].as_str()), ("rr8-feed", Some("a")));
    assert_eq!(scene.condition("rr8-pas", "Live"), "True Live");
    assert!(scene.api.get(crate::scene::ENTRIES, "login.invalid").is_some(), "the way to the token endpoint is open");
}
