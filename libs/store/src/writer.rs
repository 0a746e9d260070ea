//! Group commit: callers queue, one task commits everything of the moment in one transaction and answers them
//! together (design section 11, "durable and fast"). The queue is bounded; a caller is never answered before
//! its work is on disk.

use std::{fmt, panic::AssertUnwindSafe, sync::Arc, time::Duration};

use futures::{FutureExt, future::BoxFuture};
use sea_orm::{
    DatabaseConnection, DatabaseTransaction, DbErr, SqliteTransactionMode, TransactionOptions,
    TransactionTrait,
};
use tokio::sync::{mpsc, oneshot};

use crate::outbox::Outbox;

/// The most callers one commit answers.
const BATCH: usize = 256;
/// Callers that may wait; beyond it they are refused rather than kept.
const QUEUE: usize = 4096;
/// How long a caller waits for room in the queue.
const PATIENCE: Duration = Duration::from_secs(5);

/// Why a write did not happen.
#[derive(Debug)]
pub enum WriteError<E> {
    /// The work itself said no; nothing of it is kept.
    Work(E),
    /// Not committed: the queue is full, the store is closing, or the commit failed.
    NotCommitted,
}

impl<E: fmt::Display> fmt::Display for WriteError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Work(error) => error.fmt(f),
            Self::NotCommitted => f.write_str("the write was not committed"),
        }
    }
}

impl<E: fmt::Display + fmt::Debug> std::error::Error for WriteError<E> {}

impl From<WriteError<DbErr>> for lcr_contracts::Failure {
    fn from(error: WriteError<DbErr>) -> Self {
        match error {
            WriteError::Work(error) => crate::unavailable(&error),
            WriteError::NotCommitted => crate::unavailable(&DbErr::Custom("not committed".into())),
        }
    }
}

type Answer = Box<dyn FnOnce(bool) + Send>;
type Job = Box<dyn for<'tx> FnOnce(&'tx DatabaseTransaction) -> BoxFuture<'tx, Answer> + Send>;

/// The handle to the one task that writes.
#[derive(Clone)]
pub struct Writer {
    queue: mpsc::Sender<Job>,
}

impl fmt::Debug for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Writer")
    }
}

impl Writer {
    pub(crate) fn start(connection: DatabaseConnection, outbox: Arc<Outbox>) -> Self {
        let (queue, jobs) = mpsc::channel(QUEUE);
        tokio::spawn(run(connection, jobs, outbox));
        Self { queue }
    }

    pub(crate) async fn write<T, E, F>(&self, work: F) -> Result<T, WriteError<E>>
    where
        T: Send + 'static,
        E: Send + From<DbErr> + 'static,
        F: for<'tx> FnOnce(&'tx DatabaseTransaction) -> BoxFuture<'tx, Result<T, E>> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let job: Job = Box::new(move |tx| Box::pin(run_one(tx, work, reply)));
        match self.queue.send_timeout(job, PATIENCE).await {
            Ok(()) => answer.await.unwrap_or(Err(WriteError::NotCommitted)),
            Err(_) => Err(WriteError::NotCommitted),
        }
    }
}

/// Runs one caller's work inside a savepoint of its own; the answer waits for the commit.
async fn run_one<T, E, F>(
    tx: &DatabaseTransaction,
    work: F,
    reply: oneshot::Sender<Result<T, WriteError<E>>>,
) -> Answer
where
    T: Send + 'static,
    E: Send + From<DbErr> + 'static,
    F: for<'a> FnOnce(&'a DatabaseTransaction) -> BoxFuture<'a, Result<T, E>> + Send + 'static,
{
    let outcome = match tx.begin().await {
        Err(error) => Err(E::from(error)),
        Ok(savepoint) => match work(&savepoint).await {
            Ok(value) => savepoint.commit().await.map(|()| value).map_err(E::from),
            Err(error) => {
                // A rollback that fails leaves the whole batch to fail at commit.
                let _ = savepoint.rollback().await;
                Err(error)
            }
        },
    };
    Box::new(move |committed| {
        let _ = reply.send(match outcome {
            Ok(value) if committed => Ok(value),
            Ok(_) => Err(WriteError::NotCommitted),
            Err(error) => Err(WriteError::Work(error)),
        });
    })
}

async fn run(connection: DatabaseConnection, mut jobs: mpsc::Receiver<Job>, outbox: Arc<Outbox>) {
    let immediate = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..Default::default()
    };
    let mut batch = Vec::with_capacity(BATCH);
    while jobs.recv_many(&mut batch, BATCH).await > 0 {
        let Ok(tx) = connection.begin_with_options(immediate).await else {
            // Dropping the jobs answers each "not committed".
            batch.clear();
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let mut answers = Vec::with_capacity(batch.len());
        for job in batch.drain(..) {
            // A job that panics answers its caller "not committed" and costs nobody else the writer.
            if let Ok(answer) = AssertUnwindSafe(job(&tx)).catch_unwind().await {
                answers.push(answer);
            } else {
                tracing::error!("a write panicked; nothing of it is kept");
            }
        }
        let committed =
            tx.commit().await.inspect_err(|e| tracing::error!(cause = crate::kind_of(e), "commit failed"));
        outbox.wake();
        for answer in answers {
            answer(committed.is_ok());
        }
    }
}
