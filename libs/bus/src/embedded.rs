//! The bus of one process: reads the owners' outboxes with cursors and a wake-up. Cursors are kept in a store
//! of its own, so a restart goes on where it left off. No cleverer than the contract.

use std::{
    path::Path,
    sync::{Arc, RwLock},
    time::Duration,
};

use async_trait::async_trait;
use futures::{FutureExt, future::select_all};
use lcr_contracts::{Failure, events::Stream};
use lcr_store::{Durability, Outbox, Store};
use sea_orm::DbErr;

use crate::{Batch, Bus, Mode, Subscription, cursor};

/// The most events in one batch.
const BATCH: u64 = 500;

/// One process's bus.
#[derive(Debug, Clone)]
pub struct EmbeddedBus {
    store: Store,
    owners: Arc<RwLock<Vec<Arc<Outbox>>>>,
}

impl EmbeddedBus {
    /// `path` is the file of the cursors.
    pub async fn open(path: &Path) -> Result<Self, DbErr> {
        let store = Store::open::<cursor::Migrator>(path, "bus", Durability::Rebuildable).await?;
        Ok(Self { store, owners: Arc::default() })
    }

    /// Lets subscribers hear `outbox`. Called once for each store, before anybody subscribes.
    pub fn attach(&self, outbox: &Arc<Outbox>) {
        if let Ok(mut owners) = self.owners.write() {
            owners.push(outbox.clone());
        }
    }

    /// How many places of the logs `consumer` has still to read.
    pub async fn behind(&self, stream: Stream, consumer: &'static str) -> Result<i64, DbErr> {
        let mut behind = 0;
        for outbox in self.owners() {
            let read = cursor::read(self.store.read(), consumer, stream, outbox.owner()).await?;
            behind += (outbox.head(stream).await? - read).max(0);
        }
        Ok(behind)
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
                Mode::Work(consumer) => {
                    cursor::read(self.store.read(), consumer, stream, outbox.owner()).await
                }
                Mode::Watch => outbox.head(stream).await,
            };
            let seq = seq.map_err(|e| lcr_store::unavailable(&e))?;
            readers.push(Reader { wakes: outbox.wakes(), outbox, seq });
        }
        Ok(Box::new(EmbeddedSubscription { store: self.store.clone(), stream, mode, readers }))
    }

    async fn replay(&self, stream: Stream, consumer: &'static str) -> Result<(), Failure> {
        self.store.write::<_, DbErr, _>(move |tx| Box::pin(cursor::forget(tx, consumer, stream))).await?;
        Ok(())
    }
}

struct Reader {
    outbox: Arc<Outbox>,
    wakes: tokio::sync::watch::Receiver<u64>,
    seq: i64,
}

struct EmbeddedSubscription {
    store: Store,
    stream: Stream,
    mode: Mode,
    readers: Vec<Reader>,
}

#[async_trait]
impl Subscription for EmbeddedSubscription {
    async fn next(&mut self) -> Result<Batch, Failure> {
        loop {
            let mut batch = Batch { events: vec![], places: vec![] };
            for reader in &mut self.readers {
                reader.wakes.mark_unchanged();
                let rows = reader.outbox.after(self.stream, reader.seq, BATCH).await;
                let rows = rows.map_err(|e| lcr_store::unavailable(&e))?;
                if let Some(last) = rows.last() {
                    batch.places.push((reader.outbox.owner().to_owned(), last.seq));
                    batch.events.extend(rows.into_iter().map(|row| row.event));
                }
            }
            if !batch.events.is_empty() {
                return Ok(batch);
            }
            self.wait().await;
        }
    }

    async fn ack(&mut self, batch: Batch) -> Result<(), Failure> {
        for (owner, seq) in &batch.places {
            if let Some(reader) = self.readers.iter_mut().find(|reader| reader.outbox.owner() == owner) {
                reader.seq = *seq;
            }
        }
        let Mode::Work(consumer) = self.mode else { return Ok(()) };
        let (stream, places) = (self.stream, batch.places);
        self.store
            .write::<_, DbErr, _>(move |tx| {
                Box::pin(async move {
                    for (owner, seq) in &places {
                        cursor::advance(tx, consumer, stream, owner, *seq).await?;
                    }
                    Ok(())
                })
            })
            .await?;
        Ok(())
    }
}

impl EmbeddedSubscription {
    /// Until some owner committed something; looks again after five seconds all the same.
    async fn wait(&mut self) {
        if self.readers.is_empty() {
            return tokio::time::sleep(Duration::from_secs(1)).await;
        }
        let changes = self.readers.iter_mut().map(|reader| reader.wakes.changed().boxed());
        let _ = tokio::time::timeout(Duration::from_secs(5), select_all(changes)).await;
    }
}
