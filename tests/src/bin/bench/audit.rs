//! The audit log: entries appended while its tree grows, and `lcr audit verify` over a hundred thousand of them. It must
//! never count an entry that is not in the tree.

use std::{
    process::Stdio,
    time::{Duration, Instant},
};

use axum::Router;
use futures::future::join_all;
use lcr_auth::{UserClaims, sign_user};
use lcr_contracts::audit::{AccessKind, OpenEntry, Outcome};
use lcr_model::{
    Actor, ActorKind, Clock, Dataset, OdsCode, PersonId, Purpose, Role, ServiceName, SessionId, SigningKey,
    SystemClock, UserId, ViewId,
};
use lcr_testkit::{Folder, eventually};
use sea_orm::{ConnectionTrait, Statement};
use tokio::process::Command;
use uuid::Uuid;

use super::{
    limits, process,
    report::Report,
    rounds::{Rounds, repeat},
};

const WRITERS: usize = 16;
/// Entries of each writer in a round.
const EACH: usize = 600;
/// The writers that fill the log until it is worth a verification.
const FILLERS: usize = 64;
const LOG_SIZE: i64 = 100_000;
const GIVE_UP: Duration = Duration::from_mins(5);

pub async fn measure(report: &mut Report) {
    let (folder, identity) = (Folder::new("bench-audit").unwrap(), SigningKey::generate().unwrap());
    let users = vec![(ServiceName::Identity, identity.public().clone())];
    let log = limits::build_audit_with_users(&folder, users).await;
    repeat(report, async |_, rounds: &mut Rounds| one_round(&log, rounds).await).await;
    while tree_size(&log).await < LOG_SIZE {
        append(&log, FILLERS, EACH / 4).await;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    verify(&log, &identity, report).await;
}

async fn one_round(log: &lcr_audit::Handle, rounds: &mut Rounds) {
    let [limit, ours] = ["audit: durable writes of the store", "audit: appends"];
    rounds.add(limit, limits::commits().await, "/s", "16 callers, group commit, fsync");
    let (before, started) = (tree_size(log).await, Instant::now());
    append(log, WRITERS, EACH).await;
    let count = WRITERS * EACH;
    rounds.add(ours, count as f64 / started.elapsed().as_secs_f64(), "/s", "16 writers, on disk before the answer");
    let whole = before + i64::try_from(count).unwrap();
    eventually(GIVE_UP, "the entries are in the tree", async || tree_size(log).await >= whole).await;
    let rate = count as f64 / started.elapsed().as_secs_f64();
    rounds.add("audit: appends, in the tree", rate, "/s", "until the last is under a signed root; aim: 10,000");
    let note = "entries for each commit of the same store; three rows and two indexes an entry; 1 is near the limit";
    rounds.ratio("audit: appends over durable writes", ours, limit, note);
}

/// Appends entries, the next of each writer when the one before is on disk.
async fn append(log: &lcr_audit::Handle, writers: usize, each: usize) {
    let actor = person(Role::Gp, Purpose::DirectCare);
    let caller = lcr_testkit::caller(ServiceName::Consent, actor.clone());
    join_all((0..writers).map(|_| {
        let (log, caller, actor) = (log.api.clone(), caller.clone(), actor.clone());
        async move {
            for _ in 0..each {
                log.open(&caller, entry(&actor)).await.unwrap();
            }
        }
    }))
    .await;
}

fn entry(actor: &Actor) -> OpenEntry {
    OpenEntry {
        id: Uuid::now_v7(),
        view: ViewId::new(),
        at: SystemClock.now(),
        actor: actor.clone(),
        audience: ServiceName::RecordAggregation,
        what: AccessKind::Record,
        outcome: Outcome::Allowed,
        reason: "registered at Beckside Surgery".to_owned().into(),
        people: vec![PersonId::new()],
        datasets: Dataset::ALL.to_vec(),
        policy_version: "1".into(),
        choice: None,
        concerned: std::collections::BTreeMap::new(),
    }
}

fn person(role: Role, purpose: Purpose) -> Actor {
    Actor {
        user: UserId::new("bench"),
        kind: ActorKind::Person,
        name: "Somebody".into(),
        org: OdsCode::new("Y90001"),
        role,
        purpose,
        session: SessionId::new(),
    }
}

/// The leaves under the newest signed root.
async fn tree_size(log: &lcr_audit::Handle) -> i64 {
    let db = log.store.read();
    let size = Statement::from_string(db.get_database_backend(), r#"SELECT "size" FROM "head""#);
    let row = db.query_one_raw(size).await.unwrap();
    row.map_or(0, |row| row.try_get_by_index(0).unwrap())
}

async fn verify(log: &lcr_audit::Handle, identity: &SigningKey, report: &mut Report) {
    let router = log.router.clone();
    let app = Router::new().nest("/audit", router.clone()).nest("/api/audit", router);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://127.0.0.1:{}/audit", listener.local_addr().unwrap().port());
    let server = tokio::spawn(async move { axum::serve(listener, app).await });
    repeat(report, async |_, rounds: &mut Rounds| {
        let rate = run_verify(&url, &log.verifier, None).await;
        let note = "`lcr audit verify` without a token: signature, every leaf, every tile; aim: 300,000";
        rounds.add("audit: verified, the tree", rate, "/s", note);
    })
    .await;
    let claims = UserClaims::new(&person(Role::PrivacyOfficer, Purpose::Audit), "session", SystemClock.now());
    let rate = run_verify(&url, &log.verifier, Some(sign_user(identity, &claims).unwrap())).await;
    report.add(
        "audit: verified, the tree and every row",
        rate,
        "/s",
        "`lcr audit verify` with a privacy officer's token",
    );
    server.abort();
}

/// Runs the command to its end. Returns the entries per second that it verified.
async fn run_verify(url: &str, key: &str, token: Option<String>) -> f64 {
    let mut command = Command::new(process::binary());
    command.args(["audit", "verify", "--url", url, "--key", key]).env_remove("LCR_TOKEN").stdin(Stdio::null());
    command.envs(token.map(|token| ("LCR_TOKEN", token)));
    let started = Instant::now();
    let ended = command.output().await.unwrap();
    let took = started.elapsed().as_secs_f64();
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    let said = String::from_utf8_lossy(&ended.stdout).into_owned();
    let leaves = said.lines().find_map(|line| line.strip_prefix("checkpoint")?.split_whitespace().next()?.parse().ok());
    let leaves: f64 = leaves.expect("the number of leaves");
    leaves / took
}
