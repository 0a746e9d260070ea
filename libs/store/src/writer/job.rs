//! One job in a transaction: run with others or alone, undone alone if it fails. A failed job must leave
//! nothing behind.

use std::{panic::AssertUnwindSafe, sync::Arc};

use futures::FutureExt;
use sea_orm::{DatabaseTransaction, DbErr};

use super::Answer;
use crate::Transaction;

/// Where a job works.
pub(super) enum Place<'tx> {
    /// In a savepoint of a transaction that it shares with other jobs.
    Shared(&'tx DatabaseTransaction),
    /// In a transaction of its own, which needs no savepoint.
    Own(DatabaseTransaction),
}

/// What is left to do after a job.
pub(super) struct JobEnd {
    pub(super) answer: Answer,
    pub(super) savepoints: Savepoints,
    /// The job's own transaction, and whether it is to be committed.
    pub(super) own: Option<(DatabaseTransaction, bool)>,
}

/// Whether every savepoint was created and released. If one was not, the whole transaction must be rolled back: the
/// driver's nesting count is then wrong, and its `commit` may succeed without asking the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Savepoints {
    Yes,
    No,
    /// The server did not answer, so its state is unknown.
    Unknown,
}

/// Runs work that has the whole transaction. The writer commits it, or undoes it if the work failed.
pub(super) async fn run_in_own<T, F, W>(
    tx: DatabaseTransaction,
    work: F,
) -> (Result<T, DbErr>, Savepoints, Option<(DatabaseTransaction, bool)>)
where
    F: FnOnce(Transaction) -> W,
    W: Future<Output = Result<T, DbErr>>,
{
    match run_in(tx, work).await {
        (outcome, Some(tx)) => {
            let is_done = outcome.is_ok();
            (outcome, Savepoints::Yes, Some((tx, is_done)))
        }
        (_, None) => (Err(kept_transaction()), Savepoints::Unknown, None),
    }
}

/// Runs work in `tx`, and returns it; `None` if the work still holds it.
pub(super) async fn run_in<T, F, W>(tx: DatabaseTransaction, work: F) -> (Result<T, DbErr>, Option<DatabaseTransaction>)
where
    F: FnOnce(Transaction) -> W,
    W: Future<Output = Result<T, DbErr>>,
{
    let tx = Arc::new(tx);
    let handle = Transaction::of(&tx);
    let outcome = catch_panic(async move { work(handle).await }).await;
    (outcome, Arc::into_inner(tx))
}

fn kept_transaction() -> DbErr {
    DbErr::Custom("a write kept its transaction".into())
}

/// Turns a panic into an error of the work: it must not look like an outage.
async fn catch_panic<T>(work: impl Future<Output = Result<T, DbErr>>) -> Result<T, DbErr> {
    AssertUnwindSafe(work).catch_unwind().await.unwrap_or_else(|_| {
        tracing::error!("a write panicked and was undone");
        Err(DbErr::Custom("a write panicked".into()))
    })
}

/// Releases the savepoint, or undoes it if the work failed. One that the work still holds (`None`) can be neither, and may
/// still be written to, so its connection must go.
pub(super) async fn end<T>(
    savepoint: Option<DatabaseTransaction>,
    outcome: Result<T, DbErr>,
) -> (Result<T, DbErr>, Savepoints) {
    let Some(savepoint) = savepoint else { return (Err(kept_transaction()), Savepoints::Unknown) };
    match outcome {
        Ok(value) => match savepoint.commit().await {
            Ok(()) => (Ok(value), Savepoints::Yes),
            Err(error) => (Err(error), Savepoints::No),
        },
        Err(error) => {
            let undone = savepoint.rollback().await;
            (Err(error), if undone.is_ok() { Savepoints::Yes } else { Savepoints::No })
        }
    }
}
