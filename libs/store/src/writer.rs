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
use tracing::Instrument;

use crate::{outbox::Outbox, postgres};

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
/// How a caller is answered, and whether the transaction is still whole.
type Ran = (Answer, Whole);
type Job = Box<dyn for<'tx> FnOnce(&'tx DatabaseTransaction) -> BoxFuture<'tx, Ran> + Send>;

/// Whether every savepoint so far was begun and ended as asked. Once one was not, nothing of the transaction may be
/// committed: the driver's count of what is open is then wrong, and its `commit` may say yes without asking the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Whole {
    Yes,
    No,
}

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
    /// `schema` is that of a database which other replicas write to as well.
    pub(crate) fn start(connection: DatabaseConnection, schema: Option<String>, outbox: Arc<Outbox>) -> Self {
        let (queue, jobs) = mpsc::channel(QUEUE);
        tokio::spawn(run(Turn { connection, schema }, jobs, outbox));
        Self { queue }
    }

    pub(crate) async fn write<T, E, F>(&self, work: F) -> Result<T, WriteError<E>>
    where
        T: Send + 'static,
        E: Send + From<DbErr> + 'static,
        F: for<'tx> FnOnce(&'tx DatabaseTransaction) -> BoxFuture<'tx, Result<T, E>> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        // The writer works for its callers, each within the caller's own trace.
        let span = tracing::Span::current();
        let job: Job = Box::new(move |tx| Box::pin(run_one(tx, work, reply).instrument(span)));
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
) -> Ran
where
    T: Send + 'static,
    E: Send + From<DbErr> + 'static,
    F: for<'a> FnOnce(&'a DatabaseTransaction) -> BoxFuture<'a, Result<T, E>> + Send + 'static,
{
    let (outcome, whole) = match tx.begin().await {
        Err(error) => (Err(E::from(error)), Whole::No),
        Ok(savepoint) => match work(&savepoint).await {
            Ok(value) => match savepoint.commit().await {
                Ok(()) => (Ok(value), Whole::Yes),
                Err(error) => (Err(E::from(error)), Whole::No),
            },
            Err(error) => {
                let undone = savepoint.rollback().await;
                (Err(error), if undone.is_ok() { Whole::Yes } else { Whole::No })
            }
        },
    };
    let answer: Answer = Box::new(move |committed| {
        let _ = reply.send(match outcome {
            Ok(value) if committed => Ok(value),
            Ok(_) => Err(WriteError::NotCommitted),
            Err(error) => Err(WriteError::Work(error)),
        });
    });
    (answer, whole)
}

/// How a writer gets its turn.
struct Turn {
    connection: DatabaseConnection,
    schema: Option<String>,
}

impl Turn {
    /// A transaction that nobody else writes beside.
    async fn begin(&self) -> Result<DatabaseTransaction, DbErr> {
        let Some(schema) = &self.schema else {
            let immediate = TransactionOptions {
                sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
                ..Default::default()
            };
            return self.connection.begin_with_options(immediate).await;
        };
        let tx = self.connection.begin().await?;
        postgres::alone(&tx, schema).await?;
        Ok(tx)
    }
}

async fn run(turn: Turn, mut jobs: mpsc::Receiver<Job>, outbox: Arc<Outbox>) {
    let mut batch = Vec::with_capacity(BATCH);
    while jobs.recv_many(&mut batch, BATCH).await > 0 {
        let Ok(tx) = turn.begin().await else {
            // Dropping the jobs answers each "not committed".
            batch.clear();
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let (answers, whole) = run_all(&tx, &mut batch).await;
        let committed = whole == Whole::Yes && commit(tx).await;
        outbox.wake();
        for answer in answers {
            answer(committed);
        }
    }
}

/// Runs the jobs in turn, up to the first after which the transaction is not whole: those after it are dropped, which
/// answers each "not committed".
async fn run_all(tx: &DatabaseTransaction, batch: &mut Vec<Job>) -> (Vec<Answer>, Whole) {
    let mut answers = Vec::with_capacity(batch.len());
    for job in batch.drain(..) {
        // A job that panics answers its caller "not committed" and costs nobody else the writer; its savepoint is
        // undone when it is dropped.
        let Ok((answer, whole)) = AssertUnwindSafe(job(tx)).catch_unwind().await else {
            tracing::error!("a write panicked; nothing of it is kept");
            continue;
        };
        answers.push(answer);
        if whole == Whole::No {
            tracing::error!("a transaction broke; nothing of it is kept");
            return (answers, Whole::No);
        }
    }
    (answers, Whole::Yes)
}

async fn commit(tx: DatabaseTransaction) -> bool {
    let committed = tx.commit().await;
    committed.inspect_err(|e| tracing::error!(cause = crate::kind_of(e), "commit failed")).is_ok()
}
