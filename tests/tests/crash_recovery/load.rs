//! The load while services are killed. It counts a write only once it was acknowledged.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use lcr_model::NhsNumber;
use lcr_testkit::eventually_ok;
use lcr_tests::{
    Actor,
    mllp::{MllpConnection, admission, is_accepted},
};
use serde_json::{Value, json};

use super::process::Process;

/// What the platform acknowledged in all rounds.
#[derive(Default)]
pub(super) struct AcknowledgedWrites {
    /// Messages that were answered AA, by control id.
    pub(super) sent: BTreeMap<String, String>,
    /// Messages without an answer.
    pub(super) unanswered: Vec<String>,
    /// The last acknowledged status of each choice.
    pub(super) choices: BTreeMap<String, &'static str>,
    pub(super) views: BTreeSet<String>,
}

/// An NHS number of the range that is never issued.
fn unissued_number(index: u64) -> String {
    let digits = (0..10).map(|last| format!("9990{index:05}{last}"));
    digits.into_iter().find(|text| NhsNumber::parse(text).is_ok()).unwrap_or_else(|| "9990000018".into())
}

/// Sends messages until `stop` is set or the connection breaks. Returns the accepted and the unanswered ones.
pub(super) async fn send_messages(
    port: u16,
    round: u64,
    sender: u64,
    stop: Arc<AtomicBool>,
) -> (Vec<(String, String)>, Vec<String>) {
    let (mut accepted, mut unanswered) = (vec![], vec![]);
    let Some(mut hospital) = MllpConnection::open(port - 5505).await else { return (accepted, unanswered) };
    for at in 0_u64.. {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let person = round * 1000 + sender * 300 + at;
        let control = format!("K{round}S{sender}N{at}");
        let message = admission(&control, &unissued_number(person), "19500101", &format!("V{control}"));
        let Some(answer) = hospital.send(&message).await else {
            unanswered.push(message);
            break;
        };
        assert!(is_accepted(&answer), "{answer}");
        accepted.push((control, message));
    }
    (accepted, unanswered)
}

/// Objects and withdraws repeatedly. Returns the last acknowledged status of each choice.
pub(super) async fn make_choices(
    patient: Actor,
    path: String,
    stop: Arc<AtomicBool>,
) -> BTreeMap<String, &'static str> {
    let mut known = BTreeMap::new();
    while !stop.load(Ordering::Relaxed) {
        let Some(made) = patient.try_send("POST", &path, &json!({})).await else { break };
        assert_eq!(made.status, 201, "{}", made.text());
        let choice = made.json()["choice"]["id"].as_str().unwrap().to_owned();
        known.insert(choice.clone(), "applied");
        let Some(back) = patient.try_send("DELETE", &format!("{path}/{choice}"), &json!({})).await else {
            // Without an answer the choice may be withdrawn or not.
            known.remove(&choice);
            break;
        };
        assert_eq!(back.status, 200, "{}", back.text());
        known.insert(choice, "withdrawn");
    }
    known
}

/// Reads a list repeatedly. Returns the views that were answered.
pub(super) async fn read_lists(gp: Actor, stop: Arc<AtomicBool>) -> Vec<String> {
    let mut views = vec![];
    while !stop.load(Ordering::Relaxed) {
        let Some(answer) = gp.try_get("/api/virtual-ward/v1/inpatients?practice=Y90001").await else { break };
        assert_eq!(answer.status, 200, "{}", answer.text());
        views.push(answer.json()["view"].as_str().unwrap().to_owned());
    }
    views
}

/// Reads all pages of a list that pages by `before`.
pub(super) async fn read_pages(actor: &Actor, path: &str, name: &str) -> Vec<Value> {
    let (mut all, mut before) = (vec![], String::new());
    loop {
        let page = actor.get(&format!("{path}?limit=200{before}")).await;
        assert_eq!(page.status, 200, "{}", page.text());
        let rows = page.json()[name].as_array().cloned().unwrap();
        let Some(last) = rows.last() else { return all };
        before = format!("&before={}", last["id"].as_str().unwrap());
        all.extend(rows);
    }
}

/// Waits until the patient persona's sign-in is linked to a person. Returns the path of that person's choices.
pub(super) async fn own_choices_path(process: &Process) -> String {
    let mut hospital = MllpConnection::open(process.port - 5505).await.unwrap();
    let own = admission("OWN", "9434765919", "19450714", "VOWN");
    assert!(is_accepted(&hospital.send(&own).await.unwrap()));
    let patient = process.actor("patient").await;
    eventually_ok(Duration::from_secs(20), "the sign-in is linked", async || {
        let id = patient.get("/api/patient-index/v1/people/own").await.json()["id"].clone();
        let path = format!("/api/consent/v1/people/{}/opt-out", id.as_str().ok_or("no person")?);
        if patient.get(&path).await.status == 200 { Ok(path) } else { Err("no choices") }
    })
    .await
}
