//! The bus of one process: reads the owners' outboxes with cursors and is woken by commits. Cursors are stored in a file of
//! their own, so a restart continues where it stopped. It must not promise more than the `Bus` trait.

pub(crate) mod cursor;
pub(crate) mod dead_letters;

use std::{
    path::Path,
    sync::{Arc, RwLock},
    time::Duration,
};

use async_trait::async_trait;
use futures::{FutureExt, future::select_all};
use lcr_contracts::{
    Failure,
    events::{CloudEvent, Stream},
};
use lcr_store::{Durability, Outbox, Store, StoreError};
use sea_orm::DbErr;

use crate::{AckHandle, Batch, Bus, DeadLetter, Mode, Subscription};

/// The most events read per owner for one batch.
const MAX_BATCH: u64 = 500;

/// The bus of one process.
#[derive(Debug, Clone)]
pub struct EmbeddedBus {
    store: Store,
    owners: Arc<RwLock<Vec<Arc<Outbox>>>>,
}

impl EmbeddedBus {
    /// `path` is the file for cursors and dead letters.
    pub async fn open(path: &Path) -> Result<Self, DbErr> {
        let store = Store::open::<cursor::Migrator>(path, "bus", Durability::Rebuildable).await?;
        Ok(Self { store, owners: Arc::default() })
    }

    /// Delivers the events of `outbox`. Called once per store, before the first subscription.
    pub fn attach(&self, outbox: &Arc<Outbox>) {
        if let Ok(mut owners) = self.owners.write() {
            owners.push(outbox.clone());
        }
    }

    /// How many log rows `consumer` has not read yet: at least the number of events.
    pub async fn rows_behind(&self, stream: Stream, consumer: &'static str) -> Result<i64, StoreError> {
        let mut count = 0;
        for outbox in self.owners() {
            let read = cursor::read(self.store.read(), consumer, stream, outbox.owner()).await?;
            count += (outbox.head(stream).await? - read).max(0);
        }
        Ok(count)
    }

    fn owners(&self) -> Vec<Arc<Outbox>> {
        self.owners.read().map(|owners| owners.clone()).unwrap_or_default()
    }
}

#[async_trait]
impl Bus for EmbeddedBus {
    async fn subscribe(&self, stream: Stream, mode: Mode) -> Result<Box<dyn Subscription>, Failure> {
        let mut readers = Vec::new();
        for outbox in self.owners() {
            let seq = match mode {
                Mode::Work(consumer) => cursor::read(self.store.read(), consumer, stream, outbox.owner()).await?,
                Mode::Watch => outbox.head(stream).await?,
            };
            readers.push(LogReader { wakes: outbox.wakes(), outbox, seq });
        }
        Ok(Box::new(EmbeddedSubscription { store: self.store.clone(), stream, mode, readers }))
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
        Ok(count)
    }

    fn not_ready_reason(&self) -> Option<String> {
        None
    }
}

struct LogReader {
    outbox: Arc<Outbox>,
    wakes: tokio::sync::watch::Receiver<u64>,
    seq: i64,
}

struct EmbeddedSubscription {
    store: Store,
    stream: Stream,
    mode: Mode,
    readers: Vec<LogReader>,
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
                reader.wakes.mark_unchanged();
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
    async fn redelivered_batch(&self) -> Result<Option<Batch>, Failure> {
        let Mode::Work(consumer) = self.mode else { return Ok(None) };
        let (_, letters) = dead_letters::list(self.store.read(), consumer, self.stream, true).await?;
        let ids = letters.iter().map(|letter| letter.event.id).collect();
        let events: Vec<_> = letters.into_iter().map(|letter| letter.event).collect();
        Ok((!events.is_empty()).then_some(Batch { events, resync: false, ack_handle: AckHandle::Redelivered(ids) }))
    }

    async fn delete_redelivered(&self, ids: Vec<uuid::Uuid>) -> Result<(), Failure> {
        let Mode::Work(consumer) = self.mode else { return Ok(()) };
        let stream = self.stream;
        self.store.write(async move |tx| dead_letters::delete_redelivered(&tx, consumer, stream, &ids).await).await?;
        Ok(())
    }

    /// Waits for a commit of any owner or a redelivery, at most five seconds.
    async fn wait(&mut self) {
        let mut own = self.store.outbox().wakes();
        let changes = self.readers.iter_mut().map(|reader| reader.wakes.changed().boxed());
        let changes = changes.chain([own.changed().boxed()]);
        let _ = tokio::time::timeout(Duration::from_secs(5), select_all(changes)).await;
    }
}
