//! The traffic while parts of the platform are killed: readers, hospitals that send, and a patient who chooses.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use lcr_tests::{
    Actor,
    mllp::{MllpConnection, admission, is_accepted},
    split,
};
use serde_json::{Value, json};

/// Messages a second, over all senders.
const RATE: u64 = 200;

/// A request of a reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestKind {
    Record,
    List,
    Search,
}

/// The outcome of one request. The status is 0 without an answer.
#[derive(Debug)]
pub struct RequestOutcome {
    pub kind: RequestKind,
    pub began: Instant,
    pub ended: Instant,
    pub status: u16,
    pub detail: String,
}

#[derive(Default)]
pub struct Traffic {
    pub outcomes: Mutex<Vec<RequestOutcome>>,
    /// The views of answered lists.
    pub views: Mutex<BTreeSet<String>>,
    pub accepted: Mutex<BTreeSet<String>>,
    pub choices: Mutex<BTreeMap<String, &'static str>>,
    pub stop: AtomicBool,
}

impl Traffic {
    fn is_running(&self) -> bool {
        !self.stop.load(Ordering::Relaxed)
    }
}

pub async fn send_requests(traffic: Arc<Traffic>, gp: Actor, people: Arc<Vec<(String, String)>>, reader: usize) {
    for at in reader.. {
        if !traffic.is_running() {
            return;
        }
        let kind = [RequestKind::Record, RequestKind::List, RequestKind::Record, RequestKind::Search][at % 4];
        let (person, number) = &people[at % people.len()];
        let began = Instant::now();
        let answer = match kind {
            RequestKind::Record => {
                gp.try_get(&format!("/api/record-aggregation/v1/people/{person}/record?datasets=allergies")).await
            }
            RequestKind::List => gp.try_get("/api/virtual-ward/v1/inpatients?practice=Y90001").await,
            RequestKind::Search => {
                gp.try_send("POST", "/api/patient-index/v1/people/search", &json!({ "nhs_number": number })).await
            }
        };
        let (status, body) = answer.map_or((0, Value::Null), |answer| (answer.status, answer.json()));
        if status == 200 {
            assert_about_person(kind, &body, person);
            if kind == RequestKind::List {
                traffic.views.lock().unwrap().insert(body["view"].as_str().unwrap().to_owned());
            }
        }
        let detail = body["detail"].as_str().unwrap_or_default().to_owned();
        traffic.outcomes.lock().unwrap().push(RequestOutcome { kind, began, ended: Instant::now(), status, detail });
        // The pace of people.
        tokio::time::sleep(Duration::from_millis(400)).await;
    }
}

/// Checks that an answer is about the requested person.
fn assert_about_person(kind: RequestKind, body: &Value, person: &str) {
    match kind {
        RequestKind::Record => assert_eq!(body["person"], person, "somebody else's record"),
        RequestKind::Search => {
            let found = body["people"].as_array().unwrap();
            assert!(found.iter().all(|one| one["id"] == person), "somebody else is found: {body}");
            assert_eq!(found.len(), 1, "a search finds the person or fails");
        }
        RequestKind::List => assert!(body["inpatients"].is_array()),
    }
}

pub async fn send_messages(traffic: Arc<Traffic>, port: u16, sender: usize) {
    let pause = Duration::from_millis(1000 * super::SENDERS as u64 / RATE);
    let mut connection = None;
    for at in 0_u64.. {
        if !traffic.is_running() {
            return;
        }
        let next = tokio::time::Instant::now() + pause;
        let control = format!("T{sender}N{at}");
        let number = split::unissued_nhs_number(sender as u64 * 2000 + at);
        let message = admission(&control, &number, "19500101", &format!("V{control}"));
        // A hospital sends a message again until it is accepted.
        while traffic.is_running() {
            if connection.is_none() {
                connection = MllpConnection::open(port).await;
            }
            let Some(open) = connection.as_mut() else {
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            };
            match open.send(&message).await {
                Some(answer) if is_accepted(&answer) => {
                    traffic.accepted.lock().unwrap().insert(control);
                    break;
                }
                Some(answer) => {
                    assert!(answer.contains("not kept") || answer.contains("|207"), "{answer}");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
                None => connection = None,
            }
        }
        tokio::time::sleep_until(next).await;
    }
}

pub async fn make_choices(traffic: Arc<Traffic>, patient: Actor, path: String) {
    while traffic.is_running() {
        if let Some(made) = patient.try_send("POST", &path, &json!({})).await
            && made.status == 201
        {
            let choice = made.json()["choice"]["id"].as_str().unwrap().to_owned();
            traffic.choices.lock().unwrap().insert(choice.clone(), "applied");
            match patient.try_send("DELETE", &format!("{path}/{choice}"), &json!({})).await {
                Some(back) if back.status == 200 => {
                    traffic.choices.lock().unwrap().insert(choice, "withdrawn");
                }
                // Without a good answer the choice may be withdrawn or not.
                _ => drop(traffic.choices.lock().unwrap().remove(&choice)),
            }
        }
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
}
