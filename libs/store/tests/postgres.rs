//! The store in `PostgreSQL`: the promises of the file form, across replicas and across the server's death. One replica
//! writes at a time, the log's numbers follow commit order, a lease belongs to one session, a migration runs once, and
//! the serving role may not change tables.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

#[path = "postgres/leases.rs"]
mod leases;
#[path = "postgres/migrations.rs"]
mod migrations;
#[path = "postgres/outages.rs"]
mod outages;

use std::{
    collections::BTreeSet,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
    time::Duration,
};

use futures::future::join_all;
use jiff::Timestamp;
use lcr_contracts::{
    Failure, FailureKind,
    events::{SessionEnded, Stream},
};
use lcr_model::{SessionId, seal::DataKeys};
use lcr_store::{Durability, Leader, Location, Store, StoreError, migrate};
use lcr_testkit::{eventually, eventually_ok, servers::Postgres};
use sea_orm::{ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, Statement};
use sea_orm_migration::{MigrationName, MigrationTrait, MigratorTrait, SchemaManager};

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
        manager.get_connection().execute_unprepared("CREATE TABLE note (id BIGINT PRIMARY KEY)").await?;
        lcr_store::local_id_key::create(manager.get_connection()).await
    }
}

fn location(url: &str) -> Location {
    Location::parse(url, "note-keeper").unwrap()
}

async fn migrated(url: &str) -> Location {
    let location = location(url);
    migrate::run::<Migrator>(&location, &location).await.unwrap();
    location
}

async fn open(location: &Location) -> Store {
    Store::open::<Migrator>(location.clone(), "note-keeper", Durability::Acknowledged).await.unwrap()
}

async fn ids(db: &DatabaseConnection) -> BTreeSet<i64> {
    let all = Statement::from_string(DbBackend::Postgres, "SELECT id FROM note");
    let rows = db.query_all_raw(all).await.unwrap();
    rows.iter().map(|row| row.try_get_by_index::<i64>(0).unwrap()).collect()
}

async fn add(tx: &DatabaseTransaction, id: i64) -> Result<(), DbErr> {
    tx.execute_unprepared(&format!("INSERT INTO note (id) VALUES ({id})")).await.map(|_| ())
}

/// Adds a note and publishes its event.
async fn note(store: &Store, id: i64) -> Result<(), StoreError> {
    let write = store.write(async move |tx| {
        add(&tx, id).await?;
        let ended = SessionEnded { session: SessionId::new(), at: Timestamp::from_second(id).unwrap() };
        Store::publish(&tx, ended.at, &[ended]).await
    });
    write.await
}

async fn store_next(store: Store) -> Result<(), StoreError> {
    let write = store.write(async move |tx| {
        let newest = Statement::from_string(DbBackend::Postgres, "SELECT COALESCE(MAX(id), 0) FROM note");
        let row = tx.query_one_raw(newest).await?.unwrap();
        add(&tx, row.try_get_by_index::<i64>(0)? + 1).await
    });
    write.await
}

#[tokio::test(flavor = "multi_thread")]
async fn two_replicas_write_in_turn_and_the_log_follows_commit_order() {
    let location = migrated(&Postgres::shared().database()).await;
    let (one, two) = (open(&location).await, open(&location).await);
    let reads = tokio::spawn({
        let store = one.clone();
        async move {
            let (mut seen, mut last) = (vec![], 0);
            while seen.len() < 400 {
                let rows = store.outbox().after(Stream::Identity, last, 50).await.unwrap();
                last = rows.last().map_or(last, |row| row.seq);
                seen.extend(rows.into_iter().map(|row| row.event.lcrversion / 1_000_000));
            }
            seen
        }
    });
    let writes = (0..400).map(|id| {
        let store = if id % 2 == 0 { one.clone() } else { two.clone() };
        tokio::spawn(async move { note(&store, id).await.unwrap() })
    });
    for write in writes {
        write.await.unwrap();
    }
    let seen = tokio::time::timeout(Duration::from_secs(10), reads).await.expect("a cursor misses nothing");
    let seen: BTreeSet<i64> = seen.unwrap().into_iter().collect();
    assert_eq!(seen.len(), 400, "a reader with a cursor sees every event though two replicas write");
}

#[tokio::test(flavor = "multi_thread")]
async fn replicas_that_start_together_share_one_local_id_key_after_each_key_rotation() {
    let location = migrated(&Postgres::shared().database()).await;
    let stores = [open(&location).await, open(&location).await];
    let old = DataKeys::generate_text().unwrap();
    let new = DataKeys::generate_text().unwrap().replacen("k1", "k2", 1);
    let mut all = vec![];
    for keys in [old.clone(), format!("{old},{new}"), format!("{new},{old}"), new] {
        let keys = DataKeys::parse(&keys).unwrap();
        let loads = (0..8).map(|at| lcr_store::local_id_key::load(&stores[at % 2], &keys, "feeds"));
        all.extend(join_all(loads).await.into_iter().map(Result::unwrap));
    }
    assert!(all.len() == 32 && all.iter().all(|one| *one == all[0]));
}

#[tokio::test(flavor = "multi_thread")]
async fn data_read_in_a_transaction_still_holds_at_its_commit() {
    let location = migrated(&Postgres::shared().database()).await;
    let stores = [open(&location).await, open(&location).await];
    // Each reads the highest number and writes the next: no two may write the same.
    let writes = (0..100).map(|at| {
        let store = stores[at % 2].clone();
        store_next(store)
    });
    assert!(join_all(writes).await.into_iter().all(|done| done.is_ok()));
    assert_eq!(ids(stores[0].read()).await, (1..=100).collect());
}
