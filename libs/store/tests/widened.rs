//! A store of the previous version: opening or migrating widens the log, keeps its rows, and the previous version can
//! still write.

#![allow(clippy::unwrap_used, reason = "tests")]

use jiff::Timestamp;
use lcr_contracts::events::{SessionEnded, Stream};
use lcr_model::SessionId;
use lcr_store::{Durability, Location, NoTables, Store, migrate};
use lcr_testkit::{Folder, servers::Postgres};
use sea_orm::ConnectionTrait;

/// The table before events carried a trace.
const BEFORE: &str = "ALTER TABLE outbox DROP COLUMN traceparent";
/// Writes as the previous version does.
const WRITES: &str = "INSERT INTO outbox (event_id, stream, event_type, key, version, body, at)
    SELECT event_id, stream, event_type, key, version, body, at FROM outbox";

async fn open(location: &Location) -> Store {
    Store::open::<NoTables>(location.clone(), "tests", Durability::Acknowledged).await.unwrap()
}

async fn tell(store: &Store) {
    let at = Timestamp::UNIX_EPOCH;
    let ended = SessionEnded { session: SessionId::new(), at };
    let write = store.write(async move |tx| Store::publish(&tx, at, &[ended]).await);
    write.await.unwrap();
}

async fn count_events(store: &Store) -> usize {
    let rows = store.outbox().after(Stream::Identity, 0, 100).await.unwrap();
    assert!(rows.iter().all(|row| row.event.traceparent.is_none()), "no trace is kept here");
    rows.len()
}

#[tokio::test]
async fn opening_a_file_widens_it() {
    let folder = Folder::new("widened").unwrap();
    let location: Location = folder.path().join("tests.db").into();
    let store = open(&location).await;
    tell(&store).await;
    store.read().execute_unprepared(BEFORE).await.unwrap();
    drop(store);
    let store = open(&location).await;
    tell(&store).await;
    store.read().execute_unprepared(WRITES).await.unwrap();
    assert_eq!(count_events(&store).await, 4);
}

#[tokio::test]
async fn migrate_widens_a_schema_and_serving_waits_for_it() {
    let postgres = Postgres::shared();
    let location = Location::parse(&postgres.database(), "tests").unwrap();
    migrate::run::<NoTables>(&location, &location).await.unwrap();
    let store = open(&location).await;
    tell(&store).await;
    store.read().execute_unprepared(BEFORE).await.unwrap();
    let refused = migrate::is_current::<NoTables>(&location, "tests").await.unwrap_err();
    assert!(refused.contains("run `tests migrate` first"), "{refused}");
    migrate::run::<NoTables>(&location, &location).await.unwrap();
    migrate::is_current::<NoTables>(&location, "tests").await.unwrap();
    let store = open(&location).await;
    tell(&store).await;
    store.read().execute_unprepared(WRITES).await.unwrap();
    assert_eq!(count_events(&store).await, 4);
}
