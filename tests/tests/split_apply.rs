//! Partners that are set up over TLS, as in production: by one `kubectl apply` of a Secret and a `PartnerSystem`, through the
//! real operator and identity to a record; and by the public API with a client certificate (S-13, S-47, X-07, Q-14). The API
//! server is the fake one of the operator's suite. A test here must never write the partner's rows of the registry itself.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

#[path = "split_apply/cluster.rs"]
mod cluster;
#[allow(dead_code, reason = "the operator's own tests use the rest")]
#[path = "../../services/operator/tests/operator/fake_api_server.rs"]
mod fake_api_server;
#[allow(dead_code, reason = "the tests of onboarding use the rest")]
#[path = "onboarding/joining.rs"]
mod joining;
#[path = "split_apply/mutual_tls.rs"]
mod mutual_tls;
#[path = "split_apply/resources.rs"]
mod resources;

use std::time::Duration;

use bytes::Bytes;
use lcr_testkit::{Certificate, Folder, eventually_ok};
use lcr_tests::{Actor, Answer, Options, PartnerSource, Platform, record_json};
use reqwest::Method;
use serde_json::Value;

use cluster::{Cluster, POLICIES, SECRETS, SYSTEMS};
use resources::NAME;

const FREDRICA: &str = "9434765919";
const MEDICINE: &str = "Oramorph oral solution";
/// From a change to what follows from it: the operator's pass and the reading of a list of people included.
const LIMIT: Duration = Duration::from_secs(30);

async fn put(actor: &Actor, path: &str, body: &Value) -> Answer {
    actor.send(Method::PUT, path, Some(("application/json", Bytes::from(body.to_string())))).await
}

fn assert_done(answer: &Answer) {
    assert_eq!(answer.status, 200, "{}", answer.text());
}

/// The state of a system's medicines on a record. `None`: the record does not name the system.
fn state<'r>(record: &'r Value, system: &str) -> Option<&'r str> {
    let report = record_json::list(record, "sources").find(|one| one["source"] == system)?;
    record_json::list(report, "datasets").find(|one| one["dataset"] == "medications")?["state"].as_str()
}

/// Waits until the reader's record of the person has this state, and checks that it shows the medicine then, and only then.
async fn wait_for_state(reader: &Actor, person: &str, system: &str, expected: &str) {
    let record = eventually_ok(LIMIT, expected, async || {
        let record = reader.record(person).await.json();
        if state(&record, system) == Some(expected) { Ok(record) } else { Err(record.to_string()) }
    })
    .await;
    let entries = record_json::entries(&record, "medications");
    let is_shown = entries.iter().any(|entry| entry.to_string().contains(MEDICINE));
    assert_eq!(is_shown, expected == "has-data", "{record}");
}

/// A platform whose processes trust the authority of this certificate.
async fn platform_trusting(certificate: &Certificate) -> Platform {
    let options = Options { trust: Some(certificate.authority.clone()), ..Options::default() };
    let platform = Platform::start(options).await;
    platform.wait_loaded().await;
    platform
}

#[tokio::test(flavor = "multi_thread")]
async fn one_apply_brings_a_new_partners_data_to_a_record_and_a_second_takes_it_off() {
    let folder = Folder::new("apply").unwrap();
    let certificate = Certificate::new(&folder, "localhost");
    let platform = platform_trusting(&certificate).await;
    let fredrica = platform.city().cast().fredrica_smith.clone();
    let source = PartnerSource::start_secured(&fredrica, MEDICINE, &certificate, None).await;
    let cluster = Cluster::start(&certificate.authority).await;
    platform.split().start_operator(&cluster.kubeconfig()).await;
    let gp = platform.actor("gp").await;
    let person = gp.find_person(FREDRICA).await;
    let before = eventually_ok(LIMIT, "the record opens", async || {
        let answer = gp.record(&person).await;
        if answer.status == 200 { Ok(answer.json()) } else { Err(answer.text()) }
    })
    .await;
    assert_eq!(state(&before, NAME), None, "nobody knows the partner yet");
    cluster.apply(SECRETS, resources::secret(&source));
    cluster.apply(SYSTEMS, resources::partner_system(&source, "on"));
    wait_for_state(&gp, &person, NAME, "has-data").await;
    for (condition, reason) in [
        ("AgreementCurrent", "Current"),
        ("CredentialsReady", "Read"),
        ("CertificateValid", "Valid"),
        ("Reachable", "Answers"),
        ("Ready", "InPlace"),
        ("Live", "Live"),
    ] {
        cluster.wait_for_condition(condition, reason, "").await;
    }
    assert!(source.answers() > 0 && source.tokens_given() > 0, "the source was asked with a token");
    assert!(cluster.has(POLICIES, NAME), "the way out is open");
    cluster.apply(SYSTEMS, resources::partner_system(&source, "off"));
    wait_for_state(&gp, &person, NAME, "not-yet-on").await;
    cluster.wait_for_condition("Live", "Live", "not on for everybody yet: medications").await;
    let logs = platform.split().read_logs();
    let secret = source.credentials()["client_secret"].as_str().unwrap().to_owned();
    assert!(!logs.contains(&secret) && !cluster.shows_outside_secrets(&secret), "the secret went to identity alone");
}
