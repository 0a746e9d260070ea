//! The log as a tree that anybody can verify: every entry is in it within a second, it only grows, and an altered row does
//! not match its leaf.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

#[path = "tree/officers.rs"]
mod officers;
#[path = "tree/published_tree.rs"]
mod published_tree;
#[path = "tree/recorded_reasons.rs"]
mod recorded_reasons;

use std::{sync::Arc, time::Duration};

use lcr_audit::{Deps, Handle, build};
use lcr_auth::KeyRing;
use lcr_contracts::{
    Caller,
    audit::{AccessKind, EntryQuery, OpenEntry, Outcome},
};
use lcr_model::*;
use lcr_runtime::Stop;
use lcr_testkit::Folder;
use lcr_web::Authenticator;
use tlog_tiles::stored_hash_index;
use uuid::Uuid;

use published_tree::{checkpoint, get, leaves, root};

struct TestLog {
    handle: Handle,
    stop: Stop,
}

async fn open(folder: &Folder, key: &SigningKey) -> TestLog {
    let own = SigningKey::generate().unwrap();
    let authenticator =
        Authenticator { me: ServiceName::Audit, keys: KeyRing::new(own, vec![]), clock: Arc::new(SystemClock) };
    let stop = Stop::new();
    let file = folder.path().join("audit.db");
    let deps = Deps {
        store: file.into(),
        clock: Arc::new(SystemClock),
        authenticator,
        stop: stop.clone(),
        log_key: key.clone(),
        metrics: lcr_audit::Metrics::new(&lcr_observe::Meter::new()).unwrap(),
    };
    TestLog { handle: build(deps).await.unwrap(), stop }
}

fn caller() -> Caller {
    let actor = Actor {
        user: UserId::new("u"),
        kind: ActorKind::Person,
        name: "Helen Proctor".into(),
        org: OdsCode::new("Z9H01"),
        role: Role::PrivacyOfficer,
        purpose: Purpose::Audit,
        session: SessionId::new(),
    };
    lcr_testkit::caller(ServiceName::Consent, actor)
}

fn entry() -> OpenEntry {
    OpenEntry {
        id: Uuid::now_v7(),
        view: ViewId::new(),
        at: SystemClock.now(),
        actor: caller().actor,
        audience: ServiceName::RecordAggregation,
        what: AccessKind::Record,
        outcome: Outcome::Allowed,
        reason: "registered at Beckside Surgery".to_owned().into(),
        people: vec![PersonId::new()],
        datasets: vec![],
        policy_version: "1".into(),
        choice: None,
        concerned: std::collections::BTreeMap::new(),
    }
}

#[tokio::test]
async fn the_tree_covers_every_entry_and_its_root_follows_from_the_leaves() {
    let (folder, key) = (Folder::new("audit-tree").unwrap(), SigningKey::generate().unwrap());
    let log = open(&folder, &key).await;
    let empty = checkpoint(&log, &log.handle.verifier, 0).await;
    assert_eq!((empty.size(), empty.origin()), (0, "leedscarerecord.example/audit"));
    for _ in 0..300 {
        log.handle.api.open(&caller(), entry()).await.unwrap();
    }
    let first = checkpoint(&log, &log.handle.verifier, 300).await;
    let before = leaves(&log.handle.router, 300).await;
    assert_eq!(*first.hash(), root(&before).0);
    // After a restart the tree continues with the same leaves.
    log.stop.cancel();
    drop(log);
    let log = open(&folder, &key).await;
    for _ in 0..5 {
        log.handle.api.open(&caller(), entry()).await.unwrap();
    }
    let second = checkpoint(&log, &log.handle.verifier, 305).await;
    let after = leaves(&log.handle.router, 305).await;
    assert_eq!(after[..300], before[..]);
    assert_eq!(*second.hash(), root(&after).0);
    // Hash tiles agree with the leaves.
    let (_, memory) = root(&after);
    let tile = get(&log.handle.router, "/tile/0/000").await.unwrap();
    assert_eq!(tile[..32], memory.0[&stored_hash_index(0, 0)].0);
    let above = get(&log.handle.router, "/tile/1/000.p/1").await.unwrap();
    assert_eq!(above[..], memory.0[&stored_hash_index(8, 0)].0);
    assert!(get(&log.handle.router, "/tile/0/001.p/50").await.is_none(), "beyond the tree");
}

#[tokio::test]
async fn an_entry_appended_twice_has_one_leaf() {
    let (folder, key) = (Folder::new("audit-twice").unwrap(), SigningKey::generate().unwrap());
    let log = open(&folder, &key).await;
    let repeated = entry();
    for _ in 0..3 {
        log.handle.api.open(&caller(), repeated.clone()).await.unwrap();
    }
    log.handle.api.open(&caller(), entry()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(400)).await;
    assert_eq!(checkpoint(&log, &log.handle.verifier, 2).await.size(), 2);
}

#[tokio::test]
async fn an_altered_row_does_not_match_its_leaf() {
    use sea_orm::ConnectionTrait;

    let (folder, key) = (Folder::new("audit-altered").unwrap(), SigningKey::generate().unwrap());
    let log = open(&folder, &key).await;
    for _ in 0..3 {
        log.handle.api.open(&caller(), entry()).await.unwrap();
    }
    checkpoint(&log, &log.handle.verifier, 3).await;
    let altered = |opened: Vec<lcr_audit::domain::leaf::OpenLeaf>, leaves: Vec<[u8; 32]>| -> Vec<u64> {
        let matches = |one: &lcr_audit::domain::leaf::OpenLeaf| {
            leaves.get(usize::try_from(one.index).unwrap()).is_some_and(|leaf| one.matches(leaf))
        };
        opened.iter().filter(|one| !matches(one)).map(|one| one.index).collect()
    };
    let read =
        || async { (log.handle.open_leaves(&caller(), 0, 100).await.unwrap(), leaves(&log.handle.router, 3).await) };
    let (opened, committed) = read().await;
    assert!(altered(opened[..3].to_vec(), committed).is_empty());
    let rows = log.handle.store.read();
    rows.execute_unprepared("UPDATE entry SET reason = 'other' WHERE id = (SELECT id FROM leaf WHERE place = 1)")
        .await
        .unwrap();
    let (opened, committed) = read().await;
    assert_eq!(altered(opened[..3].to_vec(), committed), [1], "the altered leaf is named");
    // The search index is compared with the row too.
    assert!(opened.iter().all(lcr_audit::domain::leaf::OpenLeaf::is_indexed_correctly));
    rows.execute_unprepared("DELETE FROM entry_person WHERE entry = (SELECT id FROM leaf WHERE place = 2)")
        .await
        .unwrap();
    let (opened, _) = read().await;
    let unfound: Vec<u64> = opened.iter().filter(|one| !one.is_indexed_correctly()).map(|one| one.index).collect();
    assert_eq!(unfound, [2]);
}

#[tokio::test]
async fn a_rewritten_history_is_never_signed() {
    use sea_orm::ConnectionTrait;

    let (folder, key) = (Folder::new("audit-rewritten").unwrap(), SigningKey::generate().unwrap());
    let log = open(&folder, &key).await;
    for _ in 0..3 {
        log.handle.api.open(&caller(), entry()).await.unwrap();
    }
    let before = checkpoint(&log, &log.handle.verifier, 3).await.size();
    // The hash of the newest leaf is at the tree's edge.
    let forged = "UPDATE node SET hash = zeroblob(32) WHERE place = (SELECT MAX(place) FROM node)";
    log.handle.store.read().execute_unprepared(forged).await.unwrap();
    log.handle.api.open(&caller(), entry()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(1500)).await;
    assert_eq!(checkpoint(&log, &log.handle.verifier, 0).await.size(), before, "the tree does not grow");
}

#[tokio::test]
async fn entries_removed_from_the_queue_are_sequenced_at_the_next_start() {
    use sea_orm::ConnectionTrait;

    let (folder, key) = (Folder::new("audit-unplaced").unwrap(), SigningKey::generate().unwrap());
    let log = open(&folder, &key).await;
    checkpoint(&log, &log.handle.verifier, 0).await;
    log.stop.cancel();
    drop(log);
    // Somebody removes the tree from the database of a stopped log.
    let halted = open(&folder, &key).await;
    halted.handle.api.open(&caller(), entry()).await.unwrap();
    let rows = halted.handle.store.read();
    checkpoint(&halted, &halted.handle.verifier, 1).await;
    rows.execute_unprepared("DELETE FROM leaf").await.unwrap();
    rows.execute_unprepared("DELETE FROM node").await.unwrap();
    rows.execute_unprepared("DELETE FROM head").await.unwrap();
    halted.stop.cancel();
    drop(halted);
    let log = open(&folder, &key).await;
    assert_eq!(checkpoint(&log, &log.handle.verifier, 1).await.size(), 1);
}
