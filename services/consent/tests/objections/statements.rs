//! A decision costs few statements: on `SQLite` they are most of its cost.

use lcr_contracts::{audit::AccessKind, consent::DecisionRequest, events::LOGIN_SOURCE};
use lcr_model::{PersonId, Role, ViewId};
use lcr_store::Store;
use sea_orm::{ConnectionTrait, DbBackend, Statement, TransactionTrait};

use super::scene::{HOSPITAL, PRACTICE, Scene, caller, identity};

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
async fn a_decision_with_its_entry_reads_each_table_once() {
    let scene = Scene::new().await;
    let anna = PersonId::new();
    let ids = [identity("gp", "a"), identity(LOGIN_SOURCE, "patient-user")];
    scene.person(anna, 1, &ids).await;
    scene.stay(anna, 1, None).await;
    // People, stays, links and choices; claims for staff, the sign-in for a patient.
    for who in [caller(Role::Gp, PRACTICE), caller(Role::Consultant, HOSPITAL), caller(Role::Patient, "")] {
        let decide = async || drop(scene.decide(&who, anna, 1, &ids).await.unwrap());
        let statements = statements_of(&scene.consent.store, decide).await;
        assert!((1..=5).contains(&statements), "{statements} statements for {}", who.actor.role);
    }
    let concerned: Vec<_> = scene.log.entries.lock().unwrap().last().unwrap().concerned.keys().cloned().collect();
    assert_eq!(concerned.len(), 2, "the entry names the practice and the hospital: {concerned:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_without_people_reads_nothing() {
    let scene = Scene::new().await;
    let who = caller(Role::Gp, PRACTICE);
    let search = async || {
        let (audience, view, what) = (who.service, ViewId::new(), AccessKind::Search);
        let ask = DecisionRequest { audience, view, what, people: vec![], datasets: vec![] };
        assert!(scene.consent.api.decide(&who, ask).await.unwrap().permit.is_none());
    };
    assert_eq!(statements_of(&scene.consent.store, search).await, 0);
}
