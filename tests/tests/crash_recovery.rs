//! The platform is killed twenty times under traffic. Every accepted message, acknowledged choice and answered view is
//! stored, nothing takes effect twice, and the audit tree verifies; an altered row is located.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::{
    collections::{BTreeMap, BTreeSet},
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use lcr_model::NhsNumber;
use lcr_testkit::{Folder, eventually, eventually_ok};
use lcr_tests::{
    Actor,
    mllp::{MllpConnection, admission, is_accepted},
};
use process::{Process, platform};
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, Statement};
use serde_json::{Value, json};

mod process;

const ROUNDS: u64 = 20;
const SENDERS: usize = 3;

/// What the platform acknowledged in all rounds.
#[derive(Default)]
struct AcknowledgedWrites {
    /// Messages that were answered AA, by control id.
    sent: BTreeMap<String, String>,
    /// Messages without an answer.
    unanswered: Vec<String>,
    /// The last acknowledged status of each choice.
    choices: BTreeMap<String, &'static str>,
    views: BTreeSet<String>,
}

/// An NHS number of the range that is never issued.
fn unissued_number(index: u64) -> String {
    let digits = (0..10).map(|last| format!("9990{index:05}{last}"));
    digits.into_iter().find(|text| NhsNumber::parse(text).is_ok()).unwrap_or_else(|| "9990000018".into())
}

/// Sends messages until `stop` is set or the connection breaks. Returns the accepted and the unanswered ones.
async fn send_messages(
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
async fn make_choices(patient: Actor, path: String, stop: Arc<AtomicBool>) -> BTreeMap<String, &'static str> {
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
async fn read_lists(gp: Actor, stop: Arc<AtomicBool>) -> Vec<String> {
    let mut views = vec![];
    while !stop.load(Ordering::Relaxed) {
        let Some(answer) = gp.try_get("/api/virtual-ward/v1/inpatients?practice=Y90001").await else { break };
        assert_eq!(answer.status, 200, "{}", answer.text());
        views.push(answer.json()["view"].as_str().unwrap().to_owned());
    }
    views
}

/// Reads all pages of a list that pages by `before`.
async fn read_pages(actor: &Actor, path: &str, name: &str) -> Vec<Value> {
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

/// Checks that everything acknowledged is stored.
async fn assert_stored(process: &Process, acknowledged: &AcknowledgedWrites, path: &str) {
    let (admin, officer) = (process.actor("platform-admin").await, process.actor("practice-officer").await);
    let messages = read_pages(&admin, "/api/feeds/v1/messages", "messages").await;
    let mut of_control: BTreeMap<&str, usize> = BTreeMap::new();
    for message in messages.iter().filter(|one| one["status"] == "accepted") {
        *of_control.entry(message["control_id"].as_str().unwrap()).or_default() += 1;
    }
    for control in acknowledged.sent.keys() {
        assert_eq!(of_control.get(control.as_str()), Some(&1), "{control} was accepted, once");
    }
    let log = read_pages(&officer, "/api/audit/v1/entries", "entries").await;
    let views: BTreeSet<&str> = log.iter().filter_map(|entry| entry["view"].as_str()).collect();
    let missing: Vec<&String> = acknowledged.views.iter().filter(|view| !views.contains(view.as_str())).collect();
    assert!(missing.is_empty(), "answered and not on the log: {missing:?}");
    let patient = process.actor("patient").await;
    let choices = patient.get(path).await.json();
    for (choice, status) in &acknowledged.choices {
        let found = choices["choices"].as_array().unwrap().iter().find(|one| one["id"] == choice.as_str());
        assert_eq!(found.map(|one| one["status"].as_str().unwrap()), Some(*status), "choice {choice}");
    }
}

/// Waits until the patient persona's sign-in is linked to a person. Returns the path of that person's choices.
async fn own_choices_path(process: &Process) -> String {
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

/// Runs traffic, kills the platform in the middle of it, and adds what was acknowledged.
async fn run_round(process: Process, at: u64, acknowledged: &mut AcknowledgedWrites, path: &str) {
    let stop = Arc::new(AtomicBool::new(false));
    let senders: Vec<_> =
        (0..SENDERS as u64).map(|sender| tokio::spawn(send_messages(process.port, at, sender, stop.clone()))).collect();
    let (patient, gp) = (process.actor("patient").await, process.actor("gp").await);
    let choices = tokio::spawn(make_choices(patient, path.to_owned(), stop.clone()));
    let views = tokio::spawn(read_lists(gp, stop.clone()));
    // A different moment in each round.
    tokio::time::sleep(Duration::from_millis(250 + at * 37 % 500)).await;
    process.kill();
    stop.store(true, Ordering::Relaxed);
    for sender in senders {
        let (accepted, unanswered) = sender.await.unwrap();
        acknowledged.sent.extend(accepted);
        acknowledged.unanswered.extend(unanswered);
    }
    acknowledged.choices.extend(choices.await.unwrap());
    acknowledged.views.extend(views.await.unwrap());
}

async fn database(folder: &Folder, service: &str) -> DatabaseConnection {
    let file = folder.path().join(format!("{service}.db"));
    Database::connect(format!("sqlite://{}?mode=rw", file.display())).await.unwrap()
}

async fn count(db: &DatabaseConnection, sql: &str) -> i64 {
    let query = Statement::from_string(db.get_database_backend(), sql.to_owned());
    db.query_one_raw(query).await.unwrap().unwrap().try_get_by_index(0).unwrap()
}

/// Sends unanswered messages again, as senders do, and some accepted ones. Then there is exactly one stay for each visit.
async fn resend_messages(process: &Process, acknowledged: &AcknowledgedWrites, folder: &Folder) {
    let mut hospital = MllpConnection::open(process.port - 5505).await.unwrap();
    for message in &acknowledged.unanswered {
        assert!(is_accepted(&hospital.send(message).await.unwrap()));
    }
    for message in acknowledged.sent.values().take(20) {
        assert!(is_accepted(&hospital.send(message).await.unwrap()), "a duplicate is accepted, without effect");
    }
    // One more for Mrs Smith's own stay.
    let visits = i64::try_from(acknowledged.sent.len() + acknowledged.unanswered.len() + 1).unwrap();
    let ward = database(folder, "virtual-ward").await;
    eventually(Duration::from_secs(30), "every admission reaches the ward", async || {
        count(&ward, "SELECT COUNT(*) FROM spell").await >= visits
    })
    .await;
    assert_eq!(count(&ward, "SELECT COUNT(*) FROM spell").await, visits, "one stay for each visit");
}

/// Runs `lcr audit verify` against the running platform. Returns whether it succeeded and its output.
fn verify(process: &Process) -> (bool, String) {
    let output = process.output();
    let key = output.lines().find_map(|line| line.strip_prefix("audit-key ")).unwrap();
    let run = Command::new(platform::lcr().unwrap())
        .args(["audit", "verify", "--port", &process.port.to_string(), "--key", key])
        .output()
        .unwrap();
    let text = format!("{}{}", String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
    (run.status.success(), text)
}

#[tokio::test(flavor = "multi_thread")]
async fn after_twenty_kills_nothing_acknowledged_is_lost_and_nothing_takes_effect_twice() {
    let (folder, port) = (Folder::new("crash-recovery").unwrap(), platform::free_ports().unwrap());
    let mut acknowledged = AcknowledgedWrites::default();
    let first = Process::start_empty(folder.path(), port, "error");
    let path = own_choices_path(&first).await;
    drop(first);
    for at in 0..ROUNDS {
        let process = Process::start_empty(folder.path(), port, "error");
        assert_stored(&process, &acknowledged, &path).await;
        run_round(process, at, &mut acknowledged, &path).await;
    }
    let process = Process::start_empty(folder.path(), port, "error");
    assert_stored(&process, &acknowledged, &path).await;
    resend_messages(&process, &acknowledged, &folder).await;
    println!(
        "{} messages, {} without an answer, {} choices, {} views",
        acknowledged.sent.len(),
        acknowledged.unanswered.len(),
        acknowledged.choices.len(),
        acknowledged.views.len()
    );
    assert!(
        acknowledged.sent.len() > 100 && acknowledged.choices.len() > 20 && acknowledged.views.len() > 50,
        "there was traffic"
    );
    tokio::time::sleep(Duration::from_millis(1500)).await;
    let (verified, output) = verify(&process);
    assert!(verified && output.contains("verified"), "{output}");
    let audit = database(&folder, "audit").await;
    let alter = "UPDATE entry SET reason = 'nothing to see' WHERE id = (SELECT id FROM leaf WHERE place = 17 AND kind = 'opened')";
    audit.execute_unprepared(alter).await.unwrap();
    let (verified, output) = verify(&process);
    assert!(!verified && output.contains("leaf 17: row ") && output.contains("was altered"), "{output}");
}
