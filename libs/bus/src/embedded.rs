//! The bus of one process: reads the owners' outboxes with cursors. A subscription reads a log only after its own stream grew,
//! so a process in which nothing happens asks nothing. Cursors are stored in a file of their own, so a restart continues where it
//! stopped. It must not promise more than the `Bus` trait.

pub(crate) mod cursor;
pub(crate) mod dead_letters;
mod log_heads;

use std::{
    path::Path,
    sync::{Arc, RwLock},
};

use async_trait::async_trait;
use futures::{FutureExt, future::select_all};
use lcr_contracts::{
    Failure,
    events::{CloudEvent, Stream},
};
use lcr_store::{Durability, Outbox, Store, StoreError};
use sea_orm::DbErr;
use tokio::sync::watch;

use self::log_heads::Heads;
use crate::{AckHandle, Batch, Bus, DeadLetter, Mode, Subscription};

/// The most events read per owner for one batch.
const MAX_BATCH: u64 = 500;

/// The bus of one process.
#[derive(Debug, Clone)]
pub struct EmbeddedBus {
    store: Store,
    owners: Arc<RwLock<Vec<Log>>>,
    /// Changes whenever dead letters are to be delivered again.
    redeliveries: Arc<watch::Sender<u64>>,
}

/// The log of one owner, and the last row of each of its streams.
#[derive(Debug, Clone)]
struct Log {
    outbox: Arc<Outbox>,
    heads: watch::Receiver<Heads>,
}

impl EmbeddedBus {
    /// `path` is the file for cursors and dead letters.
    pub async fn open(path: &Path) -> Result<Self, DbErr> {
        let store = Store::open::<cursor::Migrator>(path, "bus", Durability::Rebuildable).await?;
        Ok(Self { store, owners: Arc::default(), redeliveries: Arc::default() })
    }

    /// Delivers the events of `outbox`. Called once per store, before the first subscription, in a Tokio runtime.
    pub fn attach(&self, outbox: &Arc<Outbox>) {
        if let Ok(mut owners) = self.owners.write() {
            owners.push(Log { outbox: outbox.clone(), heads: log_heads::follow(outbox.clone()) });
        }
    }

    /// How many log rows `consumer` has not read yet: at least the number of events.
    pub async fn rows_behind(&self, stream: Stream, consumer: &'static str) -> Result<i64, StoreError> {
        let mut count = 0;
        for Log { outbox, .. } in self.owners() {
            let read = cursor::read(self.store.read(), consumer, stream, outbox.owner()).await?;
            count += (outbox.head(stream).await? - read).max(0);
        }
        Ok(count)
    }

    fn owners(&self) -> Vec<Log> {
        self.owners.read().map(|owners| owners.clone()).unwrap_or_default()
    }
}

#[async_trait]
impl Bus for EmbeddedBus {
    async fn subscribe(&self, stream: Stream, mode: Mode) -> Result<Box<dyn Subscription>, Failure> {
        let mut readers = Vec::new();
        for Log { outbox, heads } in self.owners() {
            let seq = match mode {
                Mode::Work(consumer) => cursor::read(self.store.read(), consumer, stream, outbox.owner()).await?,
                Mode::Watch => outbox.head(stream).await?,
            };
            readers.push(LogReader { outbox, heads, seq });
        }
        let (store, redeliveries) = (self.store.clone(), self.redeliveries.subscribe());
        let subscription =
            EmbeddedSubscription { store, stream, mode, readers, redeliveries, may_have_redelivered: true };
        Ok(Box::new(subscription))
    }

    async fn replay(&self, stream: Stream, consumer: &'static str) -> Result<(), Failure> {
        self.store.write(async move |tx| cursor::reset(&tx, consumer, stream).await).await?;
        Ok(())
    }

    async fn lag(&self, stream: Stream, consumer: &'static str) -> Result<u64, Failure> {
        let behind = EmbeddedBus::rows_behind(self, stream, consumer).await?;
        Ok(behind.unsigned_abs())
    }

    async fn dead_letters(&self, stream: Stream, consumer: &'static str) -> Result<(u64, Vec<DeadLetter>), Failure> {
        Ok(dead_letters::list(self.store.read(), consumer, stream, false).await?)
    }

    async fn redeliver(&self, stream: Stream, consumer: &'static str) -> Result<u64, Failure> {
        let (_, letters) = self.dead_letters(stream, consumer).await?;
        let ids: Vec<_> = letters.iter().map(|letter| letter.event.id).collect();
        let count = ids.len() as u64;
        self.store.write(async move |tx| dead_letters::redeliver(&tx, consumer, stream, &ids).await).await?;
        self.redeliveries.send_modify(|count| *count += 1);
        Ok(count)
    }

    fn not_ready_reason(&self) -> Option<String> {
        None
    }
}

struct LogReader {
    outbox: Arc<Outbox>,
    heads: watch::Receiver<Heads>,
    seq: i64,
}

impl LogReader {
    fn has_new(&mut self, stream: Stream) -> bool {
        self.heads.borrow_and_update().get(&stream).is_some_and(|head| *head > self.seq)
    }
}

struct EmbeddedSubscription {
    store: Store,
    stream: Stream,
    mode: Mode,
    readers: Vec<LogReader>,
    redeliveries: watch::Receiver<u64>,
    /// Whether dead letters to redeliver may be stored: at the start, after each call for it, and until none is left.
    may_have_redelivered: bool,
}

#[async_trait]
impl Subscription for EmbeddedSubscription {
    async fn next(&mut self) -> Result<Batch, Failure> {
        loop {
            if let Some(batch) = self.redelivered_batch().await? {
                return Ok(batch);
            }
            let mut positions = Vec::new();
            let mut events = Vec::new();
            for reader in &mut self.readers {
                if !reader.has_new(self.stream) {
                    continue;
                }
                let rows = reader.outbox.after(self.stream, reader.seq, MAX_BATCH).await?;
                if let Some(last) = rows.last() {
                    positions.push((reader.outbox.owner().to_owned(), last.seq));
                    events.extend(rows.into_iter().map(|row| row.event));
                }
            }
            if !events.is_empty() {
                return Ok(Batch { events, resync: false, ack_handle: AckHandle::Positions(positions) });
            }
            self.wait().await;
        }
    }

    async fn ack(&mut self, batch: Batch) -> Result<(), Failure> {
        let positions = match batch.ack_handle {
            AckHandle::Positions(positions) => positions,
            AckHandle::Redelivered(ids) => return self.delete_redelivered(ids).await,
            AckHandle::Nothing | AckHandle::Messages(_) => return Ok(()),
        };
        for (owner, seq) in &positions {
            if let Some(reader) = self.readers.iter_mut().find(|reader| reader.outbox.owner() == owner) {
                reader.seq = *seq;
            }
        }
        let Mode::Work(consumer) = self.mode else { return Ok(()) };
        let stream = self.stream;
        self.store
            .write(async move |tx| {
                for (owner, seq) in &positions {
                    cursor::advance(&tx, consumer, stream, owner, *seq).await?;
                }
                Ok(())
            })
            .await?;
        Ok(())
    }

    async fn dead_letter(&mut self, event: &CloudEvent, cause: &str) -> Result<(), Failure> {
        let Mode::Work(consumer) = self.mode else { return Ok(()) };
        let letter = DeadLetter::new(event, cause);
        let stream = self.stream;
        self.store.write(async move |tx| dead_letters::insert(&tx, consumer, stream, &letter).await).await?;
        Ok(())
    }
}

impl EmbeddedSubscription {
    /// Dead letters to redeliver, if any.
    async fn redelivered_batch(&mut self) -> Result<Option<Batch>, Failure> {
        let Mode::Work(consumer) = self.mode else { return Ok(None) };
        if self.redeliveries.has_changed().unwrap_or(false) {
            self.redeliveries.mark_unchanged();
            self.may_have_redelivered = true;
        }
        if !self.may_have_redelivered {
            return Ok(None);
        }
        let (_, letters) = dead_letters::list(self.store.read(), consumer, self.stream, true).await?;
        let ids = letters.iter().map(|letter| letter.event.id).collect();
        let events: Vec<_> = letters.into_iter().map(|letter| letter.event).collect();
        self.may_have_redelivered = !events.is_empty();
        Ok((!events.is_empty()).then_some(Batch { events, resync: false, ack_handle: AckHandle::Redelivered(ids) }))
    }

    async fn delete_redelivered(&self, ids: Vec<uuid::Uuid>) -> Result<(), Failure> {
        let Mode::Work(consumer) = self.mode else { return Ok(()) };
        let stream = self.stream;
        self.store.write(async move |tx| dead_letters::delete_redelivered(&tx, consumer, stream, &ids).await).await?;
        Ok(())
    }

    /// Waits until any log grew, or dead letters are to be delivered again.
    async fn wait(&mut self) {
        let logs = self.readers.len();
        let grown = self.readers.iter_mut().map(|reader| changed(&mut reader.heads).boxed());
        let ((), woken_by, _) = select_all(grown.chain([changed(&mut self.redeliveries).boxed()])).await;
        // The wait has marked the call as seen.
        self.may_have_redelivered |= woken_by == logs;
    }
}

/// Waits for a change. Without a sender there will be none.
async fn changed<T>(receiver: &mut watch::Receiver<T>) {
    if receiver.changed().await.is_err() {
        std::future::pending::<()>().await;
    }
}
