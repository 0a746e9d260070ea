//! The log as a tree that anybody can verify: every entry is in it within a second, it only grows, and an altered row does
//! not match its leaf.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

#[path = "tree/recorded_reasons.rs"]
mod recorded_reasons;

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    body::{Body, to_bytes},
    http::Request,
};
use lcr_audit::{Deps, Handle, build};
use lcr_auth::KeyRing;
use lcr_contracts::{
    Caller,
    audit::{AccessKind, EntryQuery, OpenEntry, Outcome},
};
use lcr_model::*;
use lcr_runtime::Stop;
use lcr_testkit::{Folder, eventually_ok};
use lcr_web::Authenticator;
use signed_note::{Note, StandardVerifier, VerifierList};
use tlog_tiles::{
    Checkpoint, Hash, HashReader, record_hash, stored_hash_index, stored_hashes_for_record_hash, tree_hash,
};
use tower::ServiceExt;
use uuid::Uuid;

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

async fn get(router: &Router, path: &str) -> Option<Vec<u8>> {
    let request = Request::get(path).header("host", "localhost").body(Body::empty()).unwrap();
    let answer = router.clone().oneshot(request).await.unwrap();
    let found = answer.status().is_success();
    let bytes = to_bytes(answer.into_body(), usize::MAX).await.unwrap().to_vec();
    found.then_some(bytes)
}

/// Waits until the checkpoint covers `size` leaves, and verifies its signature.
async fn checkpoint(log: &TestLog, key: &str, size: u64) -> Checkpoint {
    eventually_ok(Duration::from_secs(10), "the tree has all leaves", async || {
        let bytes = get(&log.handle.router, "/checkpoint").await.ok_or("no checkpoint")?;
        let note = Note::from_bytes(&bytes).unwrap();
        let known = VerifierList::new(vec![Box::new(StandardVerifier::new(key).unwrap())]);
        let (valid, _) = note.verify(&known).unwrap();
        assert_eq!(valid.len(), 1);
        let checkpoint = Checkpoint::from_bytes(note.text()).unwrap();
        if checkpoint.size() >= size { Ok(checkpoint) } else { Err("too small") }
    })
    .await
}

/// All leaves of a tree of `size`, from the bundles.
async fn leaves(router: &Router, size: u64) -> Vec<[u8; 32]> {
    let mut all = vec![];
    while (all.len() as u64) < size {
        let (at, left) = (all.len() / 256, size - all.len() as u64);
        let partial = if left < 256 { format!(".p/{left}") } else { String::new() };
        let bytes = get(router, &format!("/tile/entries/{at:03}{partial}")).await.unwrap();
        for leaf in bytes.chunks(34) {
            assert_eq!(leaf[..2], [0, 32]);
            all.push(leaf[2..].try_into().unwrap());
        }
    }
    all
}

struct Memory(std::collections::HashMap<u64, Hash>);

impl HashReader for Memory {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<Hash>, tlog_tiles::Error> {
        Ok(indexes.iter().map(|at| self.0[at]).collect())
    }
}

fn root(leaves: &[[u8; 32]]) -> (Hash, Memory) {
    let mut memory = Memory(std::collections::HashMap::new());
    for (place, leaf) in (0..).zip(leaves) {
        let added = stored_hashes_for_record_hash(place, record_hash(leaf), &memory).unwrap();
        memory.0.extend((stored_hash_index(0, place)..).zip(added));
    }
    (tree_hash(leaves.len() as u64, &memory).unwrap(), memory)
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

/// The letters that a pattern treats specially, and a text that is in another field, find only what they should.
#[tokio::test]
async fn an_officer_finds_entries_by_a_readers_name_as_shown() {
    let (folder, key) = (Folder::new("audit-names").unwrap(), SigningKey::generate().unwrap());
    let log = open(&folder, &key).await;
    let named = |name: &str| {
        let mut entry = entry();
        name.clone_into(&mut entry.actor.name);
        entry.actor.org = caller().actor.org;
        entry
    };
    let (khan, obrien) = (named("Dr Aisha Khan"), named("Siân O'Brien \"Nell\" 100%"));
    for entry in [&khan, &obrien] {
        log.handle.api.open(&caller(), entry.clone()).await.unwrap();
    }
    for (name, expected) in [
        ("aisha khan", vec![khan.id]),
        ("Khan", vec![khan.id]),
        ("Siân o'brien", vec![obrien.id]),
        ("\"Nell\"", vec![obrien.id]),
        ("0%", vec![obrien.id]),
        ("a%n", vec![]),
        ("!", vec![]),
        ("_han", vec![]),
        ("Y90001", vec![]),
        ("gp", vec![]),
        ("\",\"org", vec![]),
    ] {
        let query = EntryQuery { name: Some(name.into()), ..EntryQuery::default() };
        let found = log.handle.api.entries(&caller(), query).await.unwrap();
        let found = found.into_iter().filter(|one| one.opened.what == AccessKind::Record).map(|one| one.opened.id);
        assert_eq!(found.collect::<Vec<_>>(), expected, "{name}");
    }
}

/// An officer reads looks by their organisation's staff and at its people, and nothing about other people.
#[tokio::test]
async fn an_officer_reads_only_entries_of_their_own_organisation() {
    let (folder, key) = (Folder::new("audit-officers").unwrap(), SigningKey::generate().unwrap());
    let log = open(&folder, &key).await;
    let (ours, theirs) = (PersonId::new(), PersonId::new());
    let (practice, hospital) = (OdsCode::new("Y90001"), OdsCode::new("Z9H01"));
    let look = |org: &OdsCode, concerned: &[(&OdsCode, PersonId)]| {
        let mut entry = OpenEntry { people: vec![ours, theirs], ..entry() };
        entry.actor.org = org.clone();
        entry.concerned = concerned.iter().map(|(org, person)| ((*org).clone(), vec![*person])).collect();
        entry
    };
    let elsewhere = OdsCode::new("Z9T01");
    let by_staff = look(&hospital, &[(&practice, ours)]);
    let at_people = look(&elsewhere, &[(&hospital, theirs), (&practice, ours)]);
    let neither = look(&elsewhere, &[(&practice, ours)]);
    for entry in [&by_staff, &at_people, &neither] {
        log.handle.api.open(&caller(), entry.clone()).await.unwrap();
    }
    let officer = |org: &OdsCode| {
        let mut officer = caller();
        officer.actor.org = org.clone();
        officer
    };
    let read = async |org: &OdsCode, person: Option<PersonId>| {
        let query = EntryQuery { person, ..EntryQuery::default() };
        let all = log.handle.api.entries(&officer(org), query).await.unwrap();
        let looks = all.into_iter().filter(|one| one.opened.what == AccessKind::Record);
        looks.map(|one| (one.opened.id, one.opened.people)).collect::<Vec<_>>()
    };
    let both = vec![ours, theirs];
    assert_eq!(read(&hospital, None).await, [(at_people.id, vec![theirs]), (by_staff.id, both.clone())]);
    assert_eq!(read(&hospital, Some(ours)).await, [(by_staff.id, both.clone())], "their staff's look");
    let of_practice = [(neither.id, vec![ours]), (at_people.id, vec![ours]), (by_staff.id, vec![ours])];
    assert_eq!(read(&practice, None).await, of_practice);
    assert_eq!(read(&practice, Some(theirs)).await, [], "the person is not theirs");
    assert_eq!(read(&elsewhere, None).await, [(neither.id, both.clone()), (at_people.id, both)]);
    assert_eq!(read(&OdsCode::new("Z9K01"), None).await, []);
    // Leaves of other rows come without text.
    checkpoint(&log, &log.handle.verifier, 3).await;
    let opened = log.handle.open_leaves(&officer(&hospital), 0, 100).await.unwrap();
    let text = |id| opened.iter().find(|leaf| leaf.id == id).unwrap().canonical.is_some();
    assert_eq!((text(by_staff.id), text(at_people.id), text(neither.id)), (true, true, false));
    assert!(opened.iter().all(|leaf| leaf.state == Some(lcr_audit::domain::leaf::RowState::Whole)));
}
