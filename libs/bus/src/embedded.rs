//! The bus of one process: reads the owners' outboxes with cursors. A subscription reads a log only after its own stream grew,
//! so a process in which nothing happens asks nothing. Cursors are stored in a file of their own, so a restart continues where it
//! stopped. It must not promise more than the `Bus` trait.

pub(crate) mod cursor;
pub(crate) mod dead_letters;
mod log_heads;
mod subscription;

use std::{
    path::Path,
    sync::{Arc, RwLock},
};

use async_trait::async_trait;
use lcr_contracts::{Failure, events::Stream};
use lcr_store::{Durability, Outbox, Store, StoreError};
use sea_orm::DbErr;
use subscription::EmbeddedSubscription;
use tokio::sync::watch;

use self::log_heads::Heads;
use crate::{Bus, DeadLetter, Mode, Subscription};

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

/// Waits for a change. Without a sender there will be none.
async fn changed<T>(receiver: &mut watch::Receiver<T>) {
    if receiver.changed().await.is_err() {
        std::future::pending::<()>().await;
    }
}
