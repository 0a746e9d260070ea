//! Writes items of many callers as sets: whatever waits while one set is committed becomes the next one, and one function
//! writes it with a few statements. The queue is bounded. No caller is answered before its set is on disk, and an item that
//! makes its set fail fails alone.

use std::{fmt, time::Duration};

use sea_orm::DbErr;
use tokio::sync::{mpsc, oneshot};

use crate::{Store, StoreError, Transaction, db_error::is_unavailable};

/// The most items of one set.
const MAX_SET: usize = 256;
/// The most waiting items; more are refused.
const QUEUE_CAPACITY: usize = 4096;
/// How long a caller waits for room in the queue.
const QUEUE_TIMEOUT: Duration = Duration::from_secs(5);

/// An item and how to answer who handed it over.
type QueuedItem<I, A> = (I, oneshot::Sender<Result<A, StoreError>>);

/// The handle to one kind of set. Clones share its queue; the last one ends its task.
pub struct SetWriter<I, A> {
    queue: mpsc::Sender<QueuedItem<I, A>>,
}

impl<I, A> Clone for SetWriter<I, A> {
    fn clone(&self) -> Self {
        Self { queue: self.queue.clone() }
    }
}

impl<I, A> fmt::Debug for SetWriter<I, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SetWriter")
    }
}

impl<I, A> SetWriter<I, A>
where
    I: Clone + Send + 'static,
    A: Send + 'static,
{
    /// Starts the task that writes the sets. `work` gets the items in the order of their arrival, in one transaction, and
    /// returns one answer for each. It may see an item again, in a smaller set, after an error.
    pub fn start<F, W>(store: Store, work: F) -> Self
    where
        F: Fn(Transaction, Vec<I>) -> W + Clone + Send + Sync + 'static,
        W: Future<Output = Result<Vec<A>, DbErr>> + Send + 'static,
    {
        let (queue, waiting) = mpsc::channel(QUEUE_CAPACITY);
        tokio::spawn(run(store, waiting, work));
        Self { queue }
    }

    /// Writes one item with others. Returns once it is committed.
    ///
    /// # Errors
    /// As `Store::write`: the item may be handed over again.
    pub async fn write(&self, item: I) -> Result<A, StoreError> {
        let (reply, answer) = oneshot::channel();
        match self.queue.send_timeout((item, reply), QUEUE_TIMEOUT).await {
            Ok(()) => answer.await.unwrap_or(Err(StoreError::NotCommitted)),
            Err(_) => Err(StoreError::NotCommitted),
        }
    }
}

async fn run<I, A, F, W>(store: Store, mut queue: mpsc::Receiver<QueuedItem<I, A>>, work: F)
where
    I: Clone + Send + 'static,
    A: Send + 'static,
    F: Fn(Transaction, Vec<I>) -> W + Clone + Send + Sync + 'static,
    W: Future<Output = Result<Vec<A>, DbErr>> + Send + 'static,
{
    let mut waiting = Vec::with_capacity(MAX_SET);
    while queue.recv_many(&mut waiting, MAX_SET).await > 0 {
        write_or_halve(&store, std::mem::take(&mut waiting), &work).await;
    }
}

/// Writes a set and answers its callers. If the set fails by itself, its halves are written instead, so that the item at fault
/// fails alone and the others soon do not wait for it. In an outage nothing else is tried.
async fn write_or_halve<I, A, F, W>(store: &Store, set: Vec<QueuedItem<I, A>>, work: &F)
where
    I: Clone + Send + 'static,
    A: Send + 'static,
    F: Fn(Transaction, Vec<I>) -> W + Clone + Send + Sync + 'static,
    W: Future<Output = Result<Vec<A>, DbErr>> + Send + 'static,
{
    let mut sets = vec![set];
    while let Some(mut set) = sets.pop() {
        let items = set.iter().map(|(item, _)| item.clone()).collect();
        match write_set(store, items, work).await {
            Ok(answers) => set.into_iter().zip(answers).for_each(|((_, reply), answer)| drop(reply.send(Ok(answer)))),
            Err(StoreError::Database(error)) if !is_unavailable(&error) && set.len() > 1 => {
                let later = set.split_off(set.len() / 2);
                // The earlier half is written first, because items are written in the order of their arrival.
                sets.extend([later, set]);
            }
            Err(StoreError::Database(error)) if set.len() == 1 => {
                let reply = set.pop().map(|(_, reply)| reply);
                let _ = reply.map(|reply| reply.send(Err(StoreError::Database(error))));
            }
            // Dropping a reply answers "not committed".
            Err(_) => return,
        }
    }
}

async fn write_set<I, A, F, W>(store: &Store, items: Vec<I>, work: &F) -> Result<Vec<A>, StoreError>
where
    I: Send + 'static,
    A: Send + 'static,
    F: Fn(Transaction, Vec<I>) -> W + Clone + Send + Sync + 'static,
    W: Future<Output = Result<Vec<A>, DbErr>> + Send + 'static,
{
    let (work, many) = (work.clone(), items.len());
    store
        .write(async move |tx| {
            let answers = work(tx, items).await?;
            // An answer too few would be given to the wrong caller.
            if answers.len() == many { Ok(answers) } else { Err(DbErr::Custom("a set has too few answers".into())) }
        })
        .await
}
