//! A partner joins by itself: from its first visit to its data on a patient's record, its people, their sessions, and what the
//! public sees of it (S-13, S-47, S-68 to S-70, S-74, S-83, X-07, X-18, Q-08, Q-14 to Q-17). Only the public API and pages are
//! used.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

#[path = "onboarding/hospital.rs"]
mod hospital;
#[path = "onboarding/joining.rs"]
mod joining;
#[path = "onboarding/people.rs"]
mod people;
#[path = "onboarding/refusals.rs"]
mod refusals;
#[path = "onboarding/register.rs"]
mod register;
#[path = "onboarding/sessions.rs"]
mod sessions;
#[path = "onboarding/stages.rs"]
mod stages;

use std::time::{Duration, Instant};

use bytes::Bytes;
use lcr_testkit::eventually_ok;
use lcr_tests::{Actor, Answer, PartnerSource, Platform, SourceBehaviour, record_json};
use reqwest::Method;
use serde_json::{Value, json};

use joining::{Joining, SYSTEM};

const FREDRICA: &str = "9434765919";
const MEDICINE: &str = "Oramorph oral solution";
/// From a change to what follows from it, the reading of a list of people included.
const LIMIT: Duration = Duration::from_secs(20);
/// From an acknowledgement to its effect.
const EFFECT: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_mins(1);

async fn put(actor: &Actor, path: &str, body: &Value) -> Answer {
    actor.send(Method::PUT, path, Some(("application/json", Bytes::from(body.to_string())))).await
}

fn assert_done(answer: &Answer) {
    assert_eq!(answer.status, 200, "{}", answer.text());
}

/// Fails unless the answer is a problem document with this status that says these words.
fn assert_problem(answer: &Answer, status: u16, words: &str) {
    assert_eq!(answer.status, status, "{}", answer.text());
    assert!(answer.header("content-type").starts_with("application/problem+json"), "{}", answer.text());
    let detail = answer.json()["detail"].as_str().unwrap_or_default().to_owned();
    assert!(detail.contains(words), "{detail}");
}

/// The state of the new organisation's medicines on a record. `None`: the record does not name its system.
fn state(record: &Value) -> Option<&str> {
    let report = record_json::list(record, "sources").find(|one| one["source"] == SYSTEM)?;
    record_json::list(report, "datasets").find(|one| one["dataset"] == "medications")?["state"].as_str()
}

fn shows_medicine(record: &Value) -> bool {
    record_json::entries(record, "medications").iter().any(|entry| entry.to_string().contains(MEDICINE))
}

/// Waits until the reader's record of the person has this state, and checks that it shows the medicine then, and only then.
async fn wait_for_state(reader: &Actor, person: &str, expected: &str) {
    let record = eventually_ok(LIMIT, expected, async || {
        let record = reader.record(person).await.json();
        if state(&record) == Some(expected) { Ok(record) } else { Err(format!("{}: {record}", reader.name)) }
    })
    .await;
    assert_eq!(shows_medicine(&record), expected == "has-data", "{}: {record}", reader.name);
}

/// A platform with the evidence of care, and a protected source that knows Mrs Smith.
async fn city_and_source() -> (Platform, PartnerSource) {
    let platform = Platform::start_loaded().await;
    platform.send_care().await;
    let person = platform.city().cast().fredrica_smith.clone();
    let source = PartnerSource::start(&person, MEDICINE, SourceBehaviour::Protected).await;
    (platform, source)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_organisation_joins_through_the_public_api_alone_in_less_than_a_minute() {
    let (platform, source) = city_and_source().await;
    let begun = Instant::now();
    let gp = platform.actor("gp").await;
    let person = gp.find_person(FREDRICA).await;
    let joining = registers(&platform).await;
    agrees(&joining, &source).await;
    connects(&joining, &source).await;
    let before = gp.record(&person).await.json();
    assert_eq!(state(&before), None, "a system that is not live is asked nothing and named nowhere");
    let (tester, pilot) = (platform.actor("hub-gp").await, platform.actor("community-nurse").await);
    goes_live(&joining, &tester).await;
    wait_for_state(&gp, &person, "not-yet-on").await;
    switches_on(&joining, [&tester, &pilot, &gp], &person).await;
    let page = platform.browser("gp").await.get(&format!("/people/{person}/medications")).await.text();
    assert!(page.contains(MEDICINE), "{page}");
    assert!(source.answers() > 0 && source.tokens_given() > 0, "the source was asked with a token");
    assert!(begun.elapsed() < MINUTE, "it took {:?}", begun.elapsed());
}

/// Before it is registered only its administrator signs in, and finds nothing.
async fn registers(platform: &Platform) -> Joining<'_> {
    let joining = Joining::new(platform).await;
    assert_eq!(joining.admin.get(&joining.path("/file")).await.status, 404);
    let refused = joining.exchange("joining-nurse").await;
    assert!(!refused.text().contains("access_token"), "{}", refused.text());
    assert_done(&joining.register().await);
    assert_eq!(joining.file().await["organisation"]["state"], "draft");
    assert_problem(&joining.register().await, 409, "registered already");
    assert_problem(&joining.move_to("live").await, 409, "cannot become live");
    joining
}

/// Schedule, signatories, signatures. The system is set up meanwhile, and does not go live without the agreement.
async fn agrees(joining: &Joining<'_>, source: &PartnerSource) {
    let unsigned = joining.sign(&joining.admin, "siro").await;
    assert_problem(&unsigned, 403, "Only the person who is appointed");
    assert_done(&joining.set_schedule().await);
    assert_done(&joining.put_system(&source.base_url()).await);
    let unknown = joining.appoint("siro", "nobody").await;
    assert_problem(&unknown, 400, "has signed in as a member");
    let signatories = joining.appoint_all().await;
    let same_person = joining.appoint("data-protection-officer", &joining.user_id("Nadia Brook").await).await;
    assert_problem(&same_person, 409, "never the same person");
    for (at, (duty, signatory)) in signatories.iter().enumerate() {
        assert_problem(&joining.go_live().await, 409, "agreement is not in force");
        assert_eq!(joining.file().await["agreement"]["in_force"], false, "{at} of three have signed");
        assert_done(&joining.sign(signatory, duty).await);
    }
    let file = joining.file().await;
    assert_eq!((&file["agreement"]["in_force"], &file["organisation"]["state"]), (&json!(true), &json!("connecting")));
}

/// The check says what is wrong until nothing is.
async fn connects(joining: &Joining<'_>, source: &PartnerSource) {
    assert_problem(&joining.go_live().await, 409, "passes its check first");
    assert_eq!(joining.failed_checks().await, ["authentication"], "without credentials");
    assert_done(&joining.set_credentials(&source.credentials_with("another-secret")).await);
    assert_eq!(joining.failed_checks().await, ["authentication"], "with another secret");
    assert_problem(&joining.go_live().await, 409, "passes its check first");
    assert_done(&joining.set_credentials(&source.credentials()).await);
    assert_eq!(joining.failed_checks().await, [""; 0]);
    let file = joining.file().await;
    assert_eq!(file["organisation"]["state"], "conformant");
    assert_eq!(file["systems"][0]["credentials"], "oauth2-secret");
    assert!(!file.to_string().contains("sea-holly"), "a secret is never returned");
}

/// No dataset is switched on before the system is live.
async fn goes_live(joining: &Joining<'_>, tester: &Actor) {
    assert_problem(&joining.step("safety-testers", None).await, 400, "Name the safety testers first");
    assert_done(&joining.set_testers(&[tester], &["Z9T01"]).await);
    assert_problem(&joining.step("safety-testers", None).await, 409, "not live");
    assert_done(&joining.go_live().await);
    assert_done(&joining.move_to("live").await);
    let tasks = joining.file().await["tasks"].clone();
    let is_left = |task: &&Value| task["state"] == "to-do" || task["state"] == "not-yet";
    let left: Vec<&Value> = tasks.as_array().unwrap().iter().filter(is_left).collect();
    let remarks: Vec<&str> = left.iter().filter_map(|task| task["remark"].as_str()).collect();
    assert!(remarks.len() == 1 && remarks[0].contains("switch its datasets on"), "{tasks}");
    assert!(joining.exchange("joining-nurse").await.text().contains("access_token"), "its staff sign in now");
}

/// Off, safety testers, pilot teams, on: at each stage exactly those see the medicine who should.
async fn switches_on(joining: &Joining<'_>, [tester, pilot, gp]: [&Actor; 3], person: &str) {
    assert_problem(&joining.step("on", None).await, 409, "one stage at a time");
    assert_problem(&joining.step_without_sign_off("safety-testers").await, 400, "needs a sign-off");
    for (stage, states) in [
        ("safety-testers", ["has-data", "not-yet-on", "not-yet-on"]),
        ("pilot-teams", ["has-data", "has-data", "not-yet-on"]),
        ("on", ["has-data", "has-data", "has-data"]),
    ] {
        assert_done(&joining.step(stage, None).await);
        for (reader, expected) in [tester, pilot, gp].into_iter().zip(states) {
            wait_for_state(reader, person, expected).await;
        }
        if stage == "pilot-teams" {
            let page = joining.platform.browser("gp").await.get(&format!("/people/{person}?whole=1")).await.text();
            assert!(page.to_lowercase().contains("not yet switched on for you"), "{page}");
        }
    }
}
