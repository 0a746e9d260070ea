//! Group commit: callers queue, one task commits everything of the moment in one transaction and answers them
//! together (design section 11, "durable and fast"). The queue is bounded; a caller is never answered before
//! its work is on disk. A database that does not answer must never hold the writer for ever: it is left, and asked
//! anew on another connection.

use std::{
    fmt,
    panic::AssertUnwindSafe,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use futures::{FutureExt, future::BoxFuture};
use sea_orm::{DatabaseTransaction, DbErr, TransactionTrait};
use tokio::{
    sync::{mpsc, oneshot},
    time::{sleep, timeout},
};
use tracing::Instrument;

use crate::{outbox::Outbox, turn::Turn};

/// The most callers one commit answers.
const BATCH: usize = 256;
/// Callers that may wait; beyond it they are refused rather than kept.
const QUEUE: usize = 4096;
/// How long a caller waits for room in the queue.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long one caller's work may take: with all its statements, each of which the server ends after ten seconds.
const WORK: Duration = Duration::from_secs(30);
/// How often a writer that could not write looks whether it can, when nobody asks it to.
const LOOK: Duration = Duration::from_secs(1);

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
            WriteError::Work(error) => crate::failed(&error),
            WriteError::NotCommitted => crate::failing::not_committed(),
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
    /// Nor is it known what the server did: it has not answered.
    Unknown,
}

/// The handle to the one task that writes.
#[derive(Clone)]
pub struct Writer {
    queue: mpsc::Sender<Job>,
    /// Whether the last try to write failed for want of a database.
    ails: Arc<AtomicBool>,
}

impl fmt::Debug for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Writer")
    }
}

impl Writer {
    pub(crate) fn start(turn: Turn, outbox: Arc<Outbox>) -> Self {
        let (queue, jobs) = mpsc::channel(QUEUE);
        let ails = Arc::new(AtomicBool::new(false));
        tokio::spawn(run(turn, jobs, outbox, ails.clone()));
        Self { queue, ails }
    }

    /// Whether nothing can be written at the moment. It is well again by itself within a second of its database.
    pub(crate) fn ails(&self) -> bool {
        self.ails.load(Ordering::Relaxed)
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
        Ok(savepoint) => match whole_or_failed(async { work(&savepoint).await }).await {
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

/// Work that panics fails, and fails again when it is tried again: it must not pass for a store that is away.
async fn whole_or_failed<T, E: From<DbErr>>(work: impl Future<Output = Result<T, E>>) -> Result<T, E> {
    AssertUnwindSafe(work).catch_unwind().await.unwrap_or_else(|_| {
        tracing::error!("a write panicked; nothing of it is kept");
        Err(E::from(DbErr::Custom("a write panicked".into())))
    })
}

async fn run(mut turn: Turn, mut jobs: mpsc::Receiver<Job>, outbox: Arc<Outbox>, ails: Arc<AtomicBool>) {
    let mut batch = Vec::with_capacity(BATCH);
    loop {
        let heard = jobs.recv_many(&mut batch, BATCH);
        if ails.load(Ordering::Relaxed) {
            if timeout(LOOK, heard).await == Ok(0) {
                return;
            }
        } else if heard.await == 0 {
            return;
        }
        let well = commit_all(&mut turn, &mut batch, &outbox).await;
        ails.store(!well, Ordering::Relaxed);
        // Dropping jobs answers each "not committed".
        batch.clear();
        if !well {
            sleep(Duration::from_millis(50)).await;
        }
    }
}

/// One transaction with everything of `batch`; whether the database did as it should.
async fn commit_all(turn: &mut Turn, batch: &mut Vec<Job>, outbox: &Outbox) -> bool {
    let tx = match turn.begin().await {
        Ok(tx) => tx,
        Err(error) => {
            tracing::warn!(cause = crate::cause_of(&error), "nothing can be written");
            return false;
        }
    };
    let (answers, whole) = run_all(turn, &tx, batch).await;
    let ended = match whole {
        Whole::Yes => Some(turn.commit(tx).await),
        Whole::No => None,
        Whole::Unknown => {
            drop(tx);
            turn.leave();
            Some(false)
        }
    };
    outbox.wake();
    for answer in answers {
        answer(ended == Some(true));
    }
    ended != Some(false)
}

/// Runs the jobs in turn, up to the first after which the transaction is not whole: those after it are dropped, which
/// answers each "not committed".
async fn run_all(turn: &Turn, tx: &DatabaseTransaction, batch: &mut Vec<Job>) -> (Vec<Answer>, Whole) {
    let mut answers = Vec::with_capacity(batch.len());
    for job in batch.drain(..) {
        let Some((answer, whole)) = turn.within(WORK, job(tx)).await else {
            tracing::error!("a write took too long; nothing of its transaction is kept");
            return (answers, Whole::Unknown);
        };
        answers.push(answer);
        if whole == Whole::No {
            tracing::error!("a transaction broke; nothing of it is kept");
            return (answers, Whole::No);
        }
    }
    (answers, Whole::Yes)
}
