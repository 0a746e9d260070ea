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

use lcr_testkit::{Folder, eventually};
use lcr_tests::mllp::{MllpConnection, is_accepted};
use load::{AcknowledgedWrites, make_choices, own_choices_path, read_lists, read_pages, send_messages};
use process::{Process, platform};
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, Statement};

#[path = "crash_recovery/load.rs"]
mod load;
mod process;

const ROUNDS: u64 = 20;
const SENDERS: usize = 3;

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
