//! The writer: an answer means a commit, a failing job undoes only itself, events exist exactly if the change does, and a
//! full queue refuses work.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::{path::Path, time::Duration};

use futures::future::join_all;
use jiff::Timestamp;
use lcr_contracts::{
    Failure, FailureKind,
    events::{SessionEnded, Stream},
};
use lcr_model::SessionId;
use lcr_store::{Durability, Store, StoreError};
use lcr_testkit::{Folder, eventually};
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction, DbErr, Statement};
use sea_orm_migration::{MigrationName, MigrationTrait, MigratorTrait, SchemaManager};

#[path = "store/failures.rs"]
mod failures;
#[path = "store/registry.rs"]
mod registry;

struct Migrator;
struct Notes;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(Notes)]
    }
}

impl MigrationName for Notes {
    fn name(&self) -> &'static str {
        "m20261122_000001_notes"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Notes {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared("CREATE TABLE note (id INTEGER PRIMARY KEY)").await?;
        Ok(())
    }
}

async fn open(folder: &Folder) -> Store {
    Store::open::<Migrator>(&file(folder), "tests", Durability::Acknowledged).await.unwrap()
}

fn file(folder: &Folder) -> std::path::PathBuf {
    folder.path().join("notes.db")
}

/// Another connection to the same file.
async fn other(path: &Path) -> DatabaseConnection {
    let mut options = ConnectOptions::new(format!("sqlite://{}", path.display()));
    options.max_connections(1).sqlx_logging(false);
    Database::connect(options).await.unwrap()
}

async fn ids(db: &DatabaseConnection) -> Vec<i64> {
    let all = Statement::from_string(db.get_database_backend(), "SELECT id FROM note ORDER BY id");
    let rows = db.query_all_raw(all).await.unwrap();
    rows.iter().map(|row| row.try_get::<i64>("", "id").unwrap()).collect()
}

async fn add(tx: &DatabaseTransaction, id: i64) -> Result<(), DbErr> {
    tx.execute_unprepared(&format!("INSERT INTO note (id) VALUES ({id})")).await.map(|_| ())
}

async fn note(store: &Store, id: i64) -> Result<(), StoreError> {
    store.write(async move |tx| add(&tx, id).await).await
}

/// Adds a note and publishes its event; then fails if events to.
async fn note_and_tell(store: &Store, id: i64, fails: bool) -> Result<(), StoreError> {
    let write = store.write(async move |tx| {
        add(&tx, id).await?;
        let ended = SessionEnded { session: SessionId::new(), at: Timestamp::from_second(id).unwrap() };
        Store::publish(&tx, ended.at, &[ended]).await?;
        if fails { Err(DbErr::Custom("changed its mind".into())) } else { Ok(()) }
    });
    write.await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_means_a_commit_that_others_see() {
    let folder = Folder::new("store").unwrap();
    let store = open(&folder).await;
    let other = other(&file(&folder)).await;
    for id in 0..20 {
        note(&store, id).await.unwrap();
        assert_eq!(ids(&other).await.last(), Some(&id), "seen by another connection at once");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_writers_share_few_commits_and_a_failure_undoes_only_itself() {
    let folder = Folder::new("store").unwrap();
    let store = open(&folder).await;
    let before = *store.outbox().wakes().borrow();
    let writes = (0..200).map(|id| note_and_tell(&store, id, id % 7 == 3));
    let answers = join_all(writes).await;
    let commits = *store.outbox().wakes().borrow() - before;
    assert!(commits <= 20, "{commits} commits for 200 writers");
    let stored: Vec<i64> = (0..200).filter(|id| id % 7 != 3).collect();
    for (id, answer) in answers.iter().enumerate() {
        let failing = id % 7 == 3;
        assert_eq!(matches!(answer, Err(StoreError::Database(_))), failing, "{id}");
        assert_eq!(answer.is_ok(), !failing, "{id}");
    }
    assert_eq!(ids(store.read()).await, stored);
    let events = store.outbox().after(Stream::Identity, 0, 500).await.unwrap();
    let mut events: Vec<i64> = events.iter().map(|row| row.event.lcrversion / 1_000_000).collect();
    events.sort_unstable();
    assert_eq!(events, stored, "an event for each stored row");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_that_waits_alone_and_fails_undoes_itself_and_the_next_one_works() {
    let folder = Folder::new("store").unwrap();
    let store = open(&folder).await;
    for id in [1, 2, 3] {
        let answer = note_and_tell(&store, id, id == 2).await;
        assert_eq!(matches!(answer, Err(StoreError::Database(_))), id == 2, "{id}");
    }
    assert_eq!(ids(store.read()).await, [1, 3]);
    assert_eq!(store.outbox().after(Stream::Identity, 0, 500).await.unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn opening_again_finds_every_acknowledged_write() {
    let folder = Folder::new("store").unwrap();
    {
        let store = open(&folder).await;
        join_all((0..50).map(|id| note_and_tell(&store, id, false))).await;
    }
    let store = open(&folder).await;
    assert_eq!(ids(store.read()).await.len(), 50);
    let events = store.outbox().after(Stream::Identity, 0, 500).await.unwrap();
    assert_eq!(events.len(), 50);
    note_and_tell(&store, 50, false).await.unwrap();
    let newest = store.outbox().after(Stream::Identity, events.last().unwrap().seq, 500).await.unwrap();
    assert_eq!(newest.len(), 1, "the log goes on where it was");
}

/// The program that the next test runs: it opens the file, reads, and closes it.
#[tokio::test]
async fn another_program() {
    let Some(path) = std::env::var_os("STORE_READ_BY_ANOTHER") else { return };
    let db = other(Path::new(&path)).await;
    assert!(!ids(&db).await.is_empty());
    db.close().await.unwrap();
}

/// The last program to close a file deletes the log beside it. While we run, no other program may be the last.
#[tokio::test]
async fn another_program_that_reads_the_file_loses_no_data() {
    let folder = Folder::new("store").unwrap();
    let store = open(&folder).await;
    note(&store, 1).await.unwrap();
    let read = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "another_program"])
        .env("STORE_READ_BY_ANOTHER", file(&folder))
        .output()
        .unwrap();
    assert!(read.status.success(), "{}", String::from_utf8_lossy(&read.stdout));
    assert!(folder.path().join("notes.db-wal").is_file(), "the log is still there");
    note(&store, 2).await.unwrap();
    drop(store);
    let whole = other(&file(&folder)).await;
    assert_eq!(ids(&whole).await, [1, 2]);
}
