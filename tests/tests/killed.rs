//! Killed twenty times in mid-traffic: every message that was accepted, every choice that was acknowledged and every
//! view that was answered is there afterwards, nothing has a second effect, and the tree verifies; one altered row is
//! located (promises 2, 4 and 5; ).

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::{
    collections::{BTreeMap, BTreeSet},
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use lcr_model::NhsNumber;
use lcr_testkit::Folder;
use lcr_tests::{
    Actor,
    mllp::{Line, accepted, admission},
};
use process::{Process, platform};
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, Statement};
use serde_json::{Value, json};

mod process;

const ROUNDS: u64 = 20;
const SENDERS: usize = 3;

/// What was acknowledged, over all rounds.
#[derive(Default)]
struct Kept {
    /// Control ids that were answered AA, and what was sent under each.
    sent: BTreeMap<String, String>,
    /// Messages whose answer never came.
    unanswered: Vec<String>,
    /// Choices and where each stood when last acknowledged.
    choices: BTreeMap<String, &'static str>,
    views: BTreeSet<String>,
}

/// A number of the range that is never issued, with its check digit.
fn number(of: u64) -> String {
    let digits = (0..10).map(|last| format!("9990{of:05}{last}"));
    digits.into_iter().find(|text| NhsNumber::parse(text).is_ok()).unwrap_or_else(|| "9990000018".into())
}

async fn sends(
    port: u16,
    round: u64,
    sender: u64,
    stop: Arc<AtomicBool>,
) -> (Vec<(String, String)>, Vec<String>) {
    let (mut done, mut open) = (vec![], vec![]);
    let Some(mut line) = Line::open(port - 5505).await else { return (done, open) };
    for at in 0_u64.. {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let person = round * 1000 + sender * 300 + at;
        let control = format!("K{round}S{sender}N{at}");
        let message = admission(&control, &number(person), "19500101", &format!("V{control}"));
        let Some(answer) = line.send(&message).await else {
            open.push(message);
            break;
        };
        assert!(accepted(&answer), "{answer}");
        done.push((control, message));
    }
    (done, open)
}

/// Objects and takes it back, over and over; what was acknowledged last of each choice.
async fn chooses(patient: Actor, path: String, stop: Arc<AtomicBool>) -> BTreeMap<String, &'static str> {
    let mut known = BTreeMap::new();
    while !stop.load(Ordering::Relaxed) {
        let Some(made) = patient.try_send("POST", &path, &json!({})).await else { break };
        assert_eq!(made.status, 201, "{}", made.text());
        let choice = made.json()["choice"]["id"].as_str().unwrap().to_owned();
        known.insert(choice.clone(), "applied");
        let Some(back) = patient.try_send("DELETE", &format!("{path}/{choice}"), &json!({})).await else {
            // Asked and not answered: it stands either way.
            known.remove(&choice);
            break;
        };
        assert_eq!(back.status, 200, "{}", back.text());
        known.insert(choice, "withdrawn");
    }
    known
}

/// Reads a list over and over; the views that were answered.
async fn reads(gp: Actor, stop: Arc<AtomicBool>) -> Vec<String> {
    let mut views = vec![];
    while !stop.load(Ordering::Relaxed) {
        let Some(answer) = gp.try_get("/api/virtual-ward/v1/inpatients?practice=Y90001").await else { break };
        assert_eq!(answer.status, 200, "{}", answer.text());
        views.push(answer.json()["view"].as_str().unwrap().to_owned());
    }
    views
}

/// All pages of a list that pages by `before`.
async fn pages(actor: &Actor, path: &str, name: &str) -> Vec<Value> {
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

/// Everything acknowledged so far is there.
async fn accounts_for(process: &Process, kept: &Kept, path: &str) {
    let (admin, officer) = (process.actor("platform-admin").await, process.actor("practice-officer").await);
    let messages = pages(&admin, "/api/feeds/v1/messages", "messages").await;
    let mut of_control: BTreeMap<&str, usize> = BTreeMap::new();
    for message in messages.iter().filter(|one| one["status"] == "accepted") {
        *of_control.entry(message["control_id"].as_str().unwrap()).or_default() += 1;
    }
    for control in kept.sent.keys() {
        assert_eq!(of_control.get(control.as_str()), Some(&1), "{control} was accepted, once");
    }
    let log = pages(&officer, "/api/audit/v1/entries", "entries").await;
    let views: BTreeSet<&str> = log.iter().filter_map(|entry| entry["view"].as_str()).collect();
    let missing: Vec<&String> = kept.views.iter().filter(|view| !views.contains(view.as_str())).collect();
    assert!(missing.is_empty(), "seen and not on the log: {missing:?}");
    let patient = process.actor("patient").await;
    let held = patient.get(path).await.json();
    for (choice, status) in &kept.choices {
        let found = held["choices"].as_array().unwrap().iter().find(|one| one["id"] == choice.as_str());
        assert_eq!(found.map(|one| one["status"].as_str().unwrap()), Some(*status), "choice {choice}");
    }
}

/// The person the patient persona is, once their sign-in is linked.
async fn own(process: &Process) -> String {
    let mut line = Line::open(process.port - 5505).await.unwrap();
    let hers = admission("OWN", "9434765919", "19450714", "VOWN");
    assert!(accepted(&line.send(&hers).await.unwrap()));
    let patient = process.actor("patient").await;
    let started = Instant::now();
    loop {
        let id = patient.get("/api/patient-index/v1/people/own").await.json()["id"].clone();
        let path = format!("/api/consent/v1/people/{}/opt-out", id.as_str().unwrap_or_default());
        if id.is_string() && patient.get(&path).await.status == 200 {
            return path;
        }
        assert!(started.elapsed() < Duration::from_secs(20), "the sign-in is linked");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn round(process: Process, at: u64, kept: &mut Kept, path: &str) {
    let stop = Arc::new(AtomicBool::new(false));
    let senders: Vec<_> = (0..SENDERS as u64)
        .map(|sender| tokio::spawn(sends(process.port, at, sender, stop.clone())))
        .collect();
    let (patient, gp) = (process.actor("patient").await, process.actor("gp").await);
    let choices = tokio::spawn(chooses(patient, path.to_owned(), stop.clone()));
    let views = tokio::spawn(reads(gp, stop.clone()));
    // Another moment each round.
    tokio::time::sleep(Duration::from_millis(250 + at * 37 % 500)).await;
    process.kill();
    stop.store(true, Ordering::Relaxed);
    for sender in senders {
        let (done, open) = sender.await.unwrap();
        kept.sent.extend(done);
        kept.unanswered.extend(open);
    }
    kept.choices.extend(choices.await.unwrap());
    kept.views.extend(views.await.unwrap());
}

async fn database(folder: &Folder, service: &str) -> DatabaseConnection {
    let file = folder.path().join(format!("{service}.db"));
    Database::connect(format!("sqlite://{}?mode=rw", file.display())).await.unwrap()
}

async fn count(db: &DatabaseConnection, sql: &str) -> i64 {
    let query = Statement::from_string(db.get_database_backend(), sql.to_owned());
    db.query_one_raw(query).await.unwrap().unwrap().try_get_by_index(0).unwrap()
}

/// What was never answered is sent again, as senders do; then there is one stay for each visit, and no more.
async fn sends_again(process: &Process, kept: &Kept, folder: &Folder) {
    let mut line = Line::open(process.port - 5505).await.unwrap();
    for message in &kept.unanswered {
        assert!(accepted(&line.send(message).await.unwrap()));
    }
    for message in kept.sent.values().take(20) {
        assert!(accepted(&line.send(message).await.unwrap()), "a duplicate is accepted, without effect");
    }
    // And Mrs Smith's own.
    let visits = i64::try_from(kept.sent.len() + kept.unanswered.len() + 1).unwrap();
    let (ward, started) = (database(folder, "virtual-ward").await, Instant::now());
    while count(&ward, "SELECT COUNT(*) FROM spell").await < visits {
        assert!(started.elapsed() < Duration::from_secs(30), "every admission reaches the ward");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(count(&ward, "SELECT COUNT(*) FROM spell").await, visits, "one stay for each visit");
}

/// `lcr audit verify` against the running platform: whether it verifies, and what it says.
fn verify(process: &Process) -> (bool, String) {
    let said = process.said();
    let key = said.lines().find_map(|line| line.strip_prefix("audit-key ")).unwrap();
    let run = Command::new(platform::lcr().unwrap())
        .args(["audit", "verify", "--port", &process.port.to_string(), "--key", key])
        .output()
        .unwrap();
    let text = format!("{}{}", String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
    (run.status.success(), text)
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_twenty_times_in_mid_traffic_nothing_acknowledged_is_lost_and_nothing_happens_twice() {
    let (folder, port) = (Folder::new("killed").unwrap(), platform::free_ports().unwrap());
    let mut kept = Kept::default();
    let first = Process::start_empty(folder.path(), port, "error");
    let path = own(&first).await;
    drop(first);
    for at in 0..ROUNDS {
        let process = Process::start_empty(folder.path(), port, "error");
        accounts_for(&process, &kept, &path).await;
        round(process, at, &mut kept, &path).await;
    }
    let process = Process::start_empty(folder.path(), port, "error");
    accounts_for(&process, &kept, &path).await;
    sends_again(&process, &kept, &folder).await;
    println!(
        "{} messages, {} without an answer, {} choices, {} views",
        kept.sent.len(),
        kept.unanswered.len(),
        kept.choices.len(),
        kept.views.len()
    );
    assert!(kept.sent.len() > 100 && kept.choices.len() > 20 && kept.views.len() > 50, "there was traffic");
    tokio::time::sleep(Duration::from_millis(1500)).await;
    let (holds, words) = verify(&process);
    assert!(holds && words.contains("verified"), "{words}");
    let audit = database(&folder, "audit").await;
    let alter = "UPDATE entry SET reason = 'nothing to see' WHERE id = (SELECT id FROM leaf WHERE place = 17 AND kind = 'opened')";
    audit.execute_unprepared(alter).await.unwrap();
    let (holds, words) = verify(&process);
    assert!(!holds && words.contains("leaf 17: row ") && words.contains("was altered"), "{words}");
}
