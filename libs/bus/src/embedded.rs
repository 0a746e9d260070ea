//! The bus of one process: reads the owners' outboxes with cursors and a wake-up. Cursors are kept in a store
//! of its own, so a restart goes on where it left off. No cleverer than the contract.

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
use lcr_store::{Durability, Outbox, Store};
use sea_orm::DbErr;

use crate::{Batch, Bus, DeadLetter, Held, Mode, Subscription, cursor, dead};

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

    /// How many places of the logs `consumer` has still to read: never less than there are events.
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
            let seq = seq.map_err(|e| lcr_store::failed(&e))?;
            readers.push(Reader { wakes: outbox.wakes(), outbox, seq });
        }
        Ok(Box::new(EmbeddedSubscription { store: self.store.clone(), stream, mode, readers }))
    }

    async fn replay(&self, stream: Stream, consumer: &'static str) -> Result<(), Failure> {
        self.store.write::<_, DbErr, _>(move |tx| Box::pin(cursor::forget(tx, consumer, stream))).await?;
        Ok(())
    }

    async fn behind(&self, stream: Stream, consumer: &'static str) -> Result<u64, Failure> {
        let behind = EmbeddedBus::behind(self, stream, consumer).await.map_err(|e| lcr_store::failed(&e))?;
        Ok(behind.unsigned_abs())
    }

    async fn dead_letters(
        &self,
        stream: Stream,
        consumer: &'static str,
    ) -> Result<(u64, Vec<DeadLetter>), Failure> {
        let listed = dead::list(self.store.read(), consumer, stream, false).await;
        listed.map_err(|e| lcr_store::failed(&e))
    }

    async fn revive(&self, stream: Stream, consumer: &'static str) -> Result<u64, Failure> {
        let (_, letters) = self.dead_letters(stream, consumer).await?;
        let ids: Vec<_> = letters.iter().map(|letter| letter.event.id).collect();
        let count = ids.len() as u64;
        self.store
            .write::<_, DbErr, _>(move |tx| {
                Box::pin(async move { dead::revive(tx, consumer, stream, &ids).await })
            })
            .await?;
        Ok(count)
    }

    fn missing(&self) -> Option<String> {
        None
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
            if let Some(batch) = self.revived().await? {
                return Ok(batch);
            }
            let mut places = Vec::new();
            let mut events = Vec::new();
            for reader in &mut self.readers {
                reader.wakes.mark_unchanged();
                let rows = reader.outbox.after(self.stream, reader.seq, BATCH).await;
                let rows = rows.map_err(|e| lcr_store::failed(&e))?;
                if let Some(last) = rows.last() {
                    places.push((reader.outbox.owner().to_owned(), last.seq));
                    events.extend(rows.into_iter().map(|row| row.event));
                }
            }
            if !events.is_empty() {
                return Ok(Batch { events, resync: false, held: Held::Places(places) });
            }
            self.wait().await;
        }
    }

    async fn ack(&mut self, batch: Batch) -> Result<(), Failure> {
        let places = match batch.held {
            Held::Places(places) => places,
            Held::Revived(ids) => return self.forget(ids).await,
            Held::Nothing | Held::Messages(_) => return Ok(()),
        };
        for (owner, seq) in &places {
            if let Some(reader) = self.readers.iter_mut().find(|reader| reader.outbox.owner() == owner) {
                reader.seq = *seq;
            }
        }
        let Mode::Work(consumer) = self.mode else { return Ok(()) };
        let stream = self.stream;
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

    async fn bury(&mut self, event: &CloudEvent, cause: &str) -> Result<(), Failure> {
        let Mode::Work(consumer) = self.mode else { return Ok(()) };
        let letter = DeadLetter::new(event, cause);
        let stream = self.stream;
        self.store
            .write::<_, DbErr, _>(move |tx| {
                Box::pin(async move { dead::bury(tx, consumer, stream, &letter).await })
            })
            .await?;
        Ok(())
    }
}

impl EmbeddedSubscription {
    /// What was put aside and is wanted again.
    async fn revived(&self) -> Result<Option<Batch>, Failure> {
        let Mode::Work(consumer) = self.mode else { return Ok(None) };
        let listed = dead::list(self.store.read(), consumer, self.stream, true).await;
        let (_, letters) = listed.map_err(|e| lcr_store::failed(&e))?;
        let ids = letters.iter().map(|letter| letter.event.id).collect();
        let events: Vec<_> = letters.into_iter().map(|letter| letter.event).collect();
        Ok((!events.is_empty()).then_some(Batch { events, resync: false, held: Held::Revived(ids) }))
    }

    async fn forget(&self, ids: Vec<uuid::Uuid>) -> Result<(), Failure> {
        let Mode::Work(consumer) = self.mode else { return Ok(()) };
        let stream = self.stream;
        self.store
            .write::<_, DbErr, _>(move |tx| {
                Box::pin(async move { dead::forget(tx, consumer, stream, &ids).await })
            })
            .await?;
        Ok(())
    }

    /// Until some owner committed something, or events were revived; looks again after five seconds all the same.
    async fn wait(&mut self) {
        let mut own = self.store.outbox().wakes();
        let changes = self.readers.iter_mut().map(|reader| reader.wakes.changed().boxed());
        let changes = changes.chain([own.changed().boxed()]);
        let _ = tokio::time::timeout(Duration::from_secs(5), select_all(changes)).await;
    }
}
