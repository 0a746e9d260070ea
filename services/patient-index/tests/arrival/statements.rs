//! A search and a look at one person cost few statements: on `SQLite` they are most of their cost.

use lcr_model::ViewId;
use sea_orm::{ConnectionTrait, DbBackend, Statement, TransactionTrait};

use super::*;

/// The reader connections of a store.
const CONNECTIONS: usize = 4;
/// A background task may read at the same time, so that the smallest of several counts is the true one.
const ROUNDS: usize = 5;

/// How many statements the readers of the store have run.
async fn statements_run(store: &Store) -> i64 {
    let (mut sum, mut begun) = (0, vec![]);
    for _ in 0..CONNECTIONS {
        // A transaction holds its connection, so that the next one begins on another.
        let tx = store.read().begin().await.unwrap();
        let runs = Statement::from_string(DbBackend::Sqlite, "SELECT COALESCE(SUM(run), 0) FROM sqlite_stmt");
        let row = tx.query_one_raw(runs).await.unwrap().unwrap();
        sum += row.try_get_by_index::<i64>(0).unwrap();
        begun.push(tx);
    }
    for tx in begun {
        tx.rollback().await.unwrap();
    }
    sum
}

/// The statements between two counts with `work` in between.
async fn counted(store: &Store, work: &impl AsyncFn()) -> i64 {
    let mut least = i64::MAX;
    for _ in 0..ROUNDS {
        let before = statements_run(store).await;
        work().await;
        least = least.min(statements_run(store).await - before);
    }
    least
}

/// How many statements `work` runs on the store's readers, without those of the counting.
async fn statements_of(store: &Store, work: impl AsyncFn()) -> i64 {
    work().await;
    let counting = counted(store, &async || ()).await;
    counted(store, &work).await - counting
}

#[tokio::test(flavor = "multi_thread")]
async fn people_are_read_once_for_a_search_and_for_one_person() {
    let scene = Scene::new().await;
    scene.publish(&UPDATES, 7).await;
    let (gateway, person) = (caller(ServiceName::Gateway), scene.person_of("gp/1").await);
    let api = &scene.index.api;
    let search = async || {
        let query = SearchQuery { nhs_number: Some("943 476 5919".into()), ..SearchQuery::default() };
        assert_eq!(api.search(&gateway, query).await.unwrap().people.len(), 1);
    };
    let look = async || assert_eq!(api.summary(&gateway, person, ViewId::new()).await.unwrap().id, person);
    let aggregation = caller(ServiceName::RecordAggregation);
    let resolve = async || assert_eq!(api.resolve(&aggregation, person).await.unwrap().identities.len(), 3);
    let identity = SourceIdentity { source: SourceId::new("gp"), local_id: LocalId("1".into()) };
    let by_identity = async || assert!(api.person_of(&gateway, identity.clone()).await.unwrap().is_some());
    let store = &scene.index.store;
    // Candidates, then their people. Everything else follows from those rows.
    assert_eq!(statements_of(store, search).await, 2);
    assert_eq!(statements_of(store, look).await, 1);
    // And doubts about the person's number.
    assert_eq!(statements_of(store, resolve).await, 2);
    assert_eq!(statements_of(store, by_identity).await, 2);
}
