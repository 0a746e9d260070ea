//! Group commit: callers queue, one task commits all waiting work in one transaction and answers the callers together.
//! The queue is bounded. A caller must never be answered before its work is on disk. A connection that does not answer is
//! abandoned, so that it cannot block the writer.

mod job;

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use futures::future::BoxFuture;
use sea_orm::{DatabaseTransaction, DbErr, TransactionTrait};
use tokio::{
    sync::{mpsc, oneshot},
    time::{sleep, timeout},
};
use tracing::Instrument;

use crate::{StoreError, Transaction, outbox::Outbox, writer_connection::WriterConnection};
use job::{JobEnd, Place, Savepoints, end, run_in, run_in_own};

/// The most callers in one commit.
const MAX_BATCH: usize = 256;
/// The most waiting callers; more are refused.
const QUEUE_CAPACITY: usize = 4096;
/// How long a caller waits for room in the queue.
const QUEUE_TIMEOUT: Duration = Duration::from_secs(5);
/// The longest work of one caller, all statements together. The server ends each statement after ten seconds.
const WORK_TIMEOUT: Duration = Duration::from_secs(30);
/// How often an idle writer checks a database that failed.
const RETRY_INTERVAL: Duration = Duration::from_secs(1);

type Answer = Box<dyn FnOnce(bool) + Send>;
type Job = Box<dyn for<'tx> FnOnce(Place<'tx>) -> BoxFuture<'tx, JobEnd> + Send>;

/// The handle to the writer task.
#[derive(Clone)]
pub struct Writer {
    queue: mpsc::Sender<Job>,
    /// Whether the last write failed because of the database.
    unhealthy: Arc<AtomicBool>,
}

impl fmt::Debug for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Writer")
    }
}

impl Writer {
    pub(crate) fn start(connection: WriterConnection, outbox: Arc<Outbox>) -> Self {
        let (queue, jobs) = mpsc::channel(QUEUE_CAPACITY);
        let unhealthy = Arc::new(AtomicBool::new(false));
        tokio::spawn(run(connection, jobs, outbox, unhealthy.clone()));
        Self { queue, unhealthy }
    }

    /// Whether writes fail at the moment. Recovers by itself within a second of the database.
    pub(crate) fn unhealthy(&self) -> bool {
        self.unhealthy.load(Ordering::Relaxed)
    }

    pub(crate) async fn write<T, F, W>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(Transaction) -> W + Send + 'static,
        W: Future<Output = Result<T, DbErr>> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        // Each job runs in its caller's trace.
        let span = tracing::Span::current();
        let job: Job = Box::new(move |place| Box::pin(run_one(place, work, reply).instrument(span)));
        match self.queue.send_timeout(job, QUEUE_TIMEOUT).await {
            Ok(()) => answer.await.unwrap_or(Err(StoreError::NotCommitted)),
            Err(_) => Err(StoreError::NotCommitted),
        }
    }
}

/// Runs one caller's work. The answer waits for the commit.
async fn run_one<T, F, W>(place: Place<'_>, work: F, reply: oneshot::Sender<Result<T, StoreError>>) -> JobEnd
where
    T: Send + 'static,
    F: FnOnce(Transaction) -> W + Send + 'static,
    W: Future<Output = Result<T, DbErr>> + Send + 'static,
{
    let (outcome, savepoints, own) = match place {
        Place::Own(tx) => run_in_own(tx, work).await,
        Place::Shared(tx) => match tx.begin().await {
            Err(error) => (Err(error), Savepoints::No, None),
            Ok(savepoint) => {
                let (outcome, savepoint) = run_in(savepoint, work).await;
                let (outcome, savepoints) = end(savepoint, outcome).await;
                (outcome, savepoints, None)
            }
        },
    };
    let answer: Answer = Box::new(move |committed| {
        let _ = reply.send(match outcome {
            Ok(value) if committed => Ok(value),
            Ok(_) => Err(StoreError::NotCommitted),
            Err(error) => Err(StoreError::Database(error)),
        });
    });
    JobEnd { answer, savepoints, own }
}

async fn run(
    mut connection: WriterConnection,
    mut jobs: mpsc::Receiver<Job>,
    outbox: Arc<Outbox>,
    unhealthy: Arc<AtomicBool>,
) {
    let mut batch = Vec::with_capacity(MAX_BATCH);
    loop {
        let received = jobs.recv_many(&mut batch, MAX_BATCH);
        if unhealthy.load(Ordering::Relaxed) {
            if timeout(RETRY_INTERVAL, received).await == Ok(0) {
                return;
            }
        } else if received.await == 0 {
            return;
        }
        let healthy = commit_all(&mut connection, &mut batch, &outbox).await;
        unhealthy.store(!healthy, Ordering::Relaxed);
        // Dropping a job answers its caller "not committed".
        batch.clear();
        if !healthy {
            sleep(Duration::from_millis(50)).await;
        }
    }
}

/// Commits everything in `batch` in one transaction. Returns whether the database is healthy.
async fn commit_all(connection: &mut WriterConnection, batch: &mut Vec<Job>, outbox: &Outbox) -> bool {
    let is_single = batch.len() == 1;
    let tx = match connection.begin().await {
        Ok(tx) => tx,
        Err(error) => {
            tracing::warn!(cause = crate::cause_of(&error), "nothing can be written");
            return false;
        }
    };
    // A server commits nothing of a transaction in which a statement failed, and says so only to a savepoint.
    if let Some(job) = batch.pop_if(|_| is_single && connection.is_file()) {
        return commit_one(connection, tx, job, outbox).await;
    }
    let (answers, whole) = run_all(connection, &tx, batch).await;
    let ended = match whole {
        Savepoints::Yes => Some(connection.commit(tx).await),
        Savepoints::No => None,
        Savepoints::Unknown => {
            drop(tx);
            connection.abandon();
            Some(false)
        }
    };
    outbox.wake();
    for answer in answers {
        answer(ended == Some(true));
    }
    ended != Some(false)
}

/// Commits a job that waits alone for a file, without a savepoint. Returns whether the database is healthy.
async fn commit_one(connection: &mut WriterConnection, tx: DatabaseTransaction, job: Job, outbox: &Outbox) -> bool {
    let JobEnd { answer, own, .. } = job(Place::Own(tx)).await;
    let (is_healthy, is_committed) = match own {
        Some((tx, true)) => {
            let is_committed = connection.commit(tx).await;
            (is_committed, is_committed)
        }
        Some((tx, false)) => (connection.undo(tx).await, false),
        None => {
            connection.abandon();
            (false, false)
        }
    };
    outbox.wake();
    answer(is_committed);
    is_healthy
}

/// Runs the jobs in connection until a savepoint fails. Later jobs are dropped, which answers their callers "not committed".
async fn run_all(
    connection: &WriterConnection,
    tx: &DatabaseTransaction,
    batch: &mut Vec<Job>,
) -> (Vec<Answer>, Savepoints) {
    let mut answers = Vec::with_capacity(batch.len());
    for job in batch.drain(..) {
        let done = connection.with_timeout(WORK_TIMEOUT, job(Place::Shared(tx))).await;
        let Some(JobEnd { answer, savepoints, .. }) = done else {
            tracing::error!("a write took too long; its transaction was abandoned");
            return (answers, Savepoints::Unknown);
        };
        answers.push(answer);
        if savepoints != Savepoints::Yes {
            tracing::error!("a savepoint failed; the whole transaction was rolled back");
            return (answers, savepoints);
        }
    }
    (answers, Savepoints::Yes)
}
