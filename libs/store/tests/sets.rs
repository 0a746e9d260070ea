//! Sets of many items, on a file and in `PostgreSQL`: many items become few sets, each item gets its own answer and fails
//! alone, and a set that is cut by SIGKILL is there whole or not at all, and whole if a caller was answered.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

#[path = "sets/killed.rs"]
mod killed;

use std::collections::BTreeMap;

use futures::future::join_all;
use lcr_store::{Durability, Location, SetWriter, Store, StoreError, migrate};
use lcr_testkit::{Folder, servers::Postgres};
use sea_orm::{ConnectionTrait, DbErr, Statement};
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
        "m20261130_000001_notes"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Notes {
    /// `of` is the first item of the note's set, `many` the number of items in the set.
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = "CREATE TABLE note (id BIGINT PRIMARY KEY, of BIGINT NOT NULL, many BIGINT NOT NULL)";
        manager.get_connection().execute_unprepared(table).await.map(|_| ())
    }
}

/// An empty database, kept as long as this lives.
struct TestDatabase {
    url: String,
    _folder: Option<Folder>,
}

impl TestDatabase {
    async fn open(&self) -> Store {
        open(&self.url).await
    }
}

/// One of each kind.
async fn databases() -> [TestDatabase; 2] {
    let folder = Folder::new("sets").unwrap();
    let file = format!("sqlite://{}", folder.path().join("notes.db").display());
    let postgres = Postgres::shared().database();
    migrate::run::<Migrator>(&location(&postgres), &location(&postgres)).await.unwrap();
    [TestDatabase { url: file, _folder: Some(folder) }, TestDatabase { url: postgres, _folder: None }]
}

fn location(url: &str) -> Location {
    Location::parse(url, "note-keeper").unwrap()
}

async fn open(url: &str) -> Store {
    Store::open::<Migrator>(location(url), "note-keeper", Durability::Acknowledged).await.unwrap()
}

/// Writes notes as sets. A note that is there already is answered and not written again; a set with note 13 fails.
fn note_sets(store: &Store) -> SetWriter<i64, i64> {
    SetWriter::start(store.clone(), async |tx, ids: Vec<i64>| {
        let (mut new, there) = (ids.clone(), notes_in(&*tx).await?);
        new.sort_unstable();
        new.dedup();
        new.retain(|id| !there.contains_key(id));
        if let Some(first) = new.first() {
            let rows: Vec<String> = new.iter().map(|id| format!("({id}, {first}, {})", new.len())).collect();
            tx.execute_unprepared(&format!("INSERT INTO note (id, of, many) VALUES {}", rows.join(", "))).await?;
        }
        if ids.contains(&13) { Err(DbErr::Custom("unlucky".into())) } else { Ok(ids) }
    })
}

/// Each note's id, with the first item and the size of its set.
async fn notes_in<C: ConnectionTrait>(db: &C) -> Result<BTreeMap<i64, (i64, i64)>, DbErr> {
    let all = Statement::from_string(db.get_database_backend(), "SELECT id, of, many FROM note");
    let rows = db.query_all_raw(all).await?;
    let note = |row: &sea_orm::QueryResult| {
        Ok((row.try_get_by_index(0)?, (row.try_get_by_index(1)?, row.try_get_by_index(2)?)))
    };
    rows.iter().map(note).collect()
}

async fn ids(store: &Store) -> Vec<i64> {
    notes_in(store.read()).await.unwrap().into_keys().collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn many_items_become_few_sets_and_each_gets_its_own_answer() {
    for database in databases().await {
        let store = database.open().await;
        let sets = note_sets(&store);
        let answers = join_all((100..300).map(|id| sets.write(id))).await;
        let answers: Vec<i64> = answers.into_iter().map(Result::unwrap).collect();
        assert_eq!(answers, (100..300).collect::<Vec<i64>>());
        let notes = notes_in(store.read()).await.unwrap();
        assert!(notes.keys().copied().eq(100..300));
        let sets = notes.iter().filter(|(id, (first, _))| *id == first).count();
        assert!(sets <= 20, "{sets} sets for 200 items");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_item_that_fails_in_a_set_fails_alone() {
    for database in databases().await {
        let store = database.open().await;
        let sets = note_sets(&store);
        let answers = join_all((1..=20).map(|id| sets.write(id))).await;
        for (id, answer) in (1..=20).zip(&answers) {
            assert_eq!(matches!(answer, Err(StoreError::Database(_))), id == 13, "{id}");
            assert_eq!(answer.is_ok(), id != 13, "{id}");
        }
        assert_eq!(ids(&store).await, (1..=20).filter(|id| *id != 13).collect::<Vec<i64>>());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_item_twice_in_one_set_is_written_once_and_answered_twice() {
    for database in databases().await {
        let store = database.open().await;
        let sets = note_sets(&store);
        let answers = join_all((0..40).map(|number| sets.write(1_000 + number / 2))).await;
        let answers: Vec<i64> = answers.into_iter().map(Result::unwrap).collect();
        assert_eq!(answers, (0..40).map(|number| 1_000 + number / 2).collect::<Vec<i64>>());
        assert!(ids(&store).await.into_iter().eq(1_000..1_020));
    }
}
