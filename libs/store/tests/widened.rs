//! A store that the version before made: the log is widened, keeps what it has, and the version before could go on
//! writing beside this one.

#![allow(clippy::unwrap_used, reason = "tests")]

use jiff::Timestamp;
use lcr_contracts::events::{SessionEnded, Stream};
use lcr_model::SessionId;
use lcr_store::{Durability, Location, Store, migrate};
use lcr_testkit::{Folder, servers::Postgres};
use sea_orm::{ConnectionTrait, DbErr};
use sea_orm_migration::{MigrationTrait, MigratorTrait};

struct NoTables;

impl MigratorTrait for NoTables {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![]
    }
}

/// As it was before events told of their trace.
const BEFORE: &str = "ALTER TABLE outbox DROP COLUMN traceparent";
/// As the version before writes.
const WRITES: &str = "INSERT INTO outbox (event_id, stream, event_type, key, version, body, at)
    SELECT event_id, stream, event_type, key, version, body, at FROM outbox";

async fn open(location: &Location) -> Store {
    Store::open::<NoTables>(location.clone(), "tests", Durability::Acknowledged).await.unwrap()
}

async fn tell(store: &Store) {
    let at = Timestamp::UNIX_EPOCH;
    let ended = SessionEnded { session: SessionId::new(), at };
    let write =
        store.write::<_, DbErr, _>(move |tx| Box::pin(async move { Store::publish(tx, at, &[ended]).await }));
    write.await.unwrap();
}

async fn told(store: &Store) -> usize {
    let rows = store.outbox().after(Stream::Identity, 0, 100).await.unwrap();
    assert!(rows.iter().all(|row| row.event.traceparent.is_none()), "no trace is kept here");
    rows.len()
}

#[tokio::test]
async fn a_file_is_widened_when_it_is_opened() {
    let folder = Folder::new("widened").unwrap();
    let location: Location = folder.path().join("tests.db").into();
    let store = open(&location).await;
    tell(&store).await;
    store.read().execute_unprepared(BEFORE).await.unwrap();
    drop(store);
    let store = open(&location).await;
    tell(&store).await;
    store.read().execute_unprepared(WRITES).await.unwrap();
    assert_eq!(told(&store).await, 4);
}

#[tokio::test]
async fn a_schema_is_widened_by_migrate_and_not_served_before() {
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
    assert_eq!(told(&store).await, 4);
}
