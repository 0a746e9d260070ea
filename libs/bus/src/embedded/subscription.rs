//! The subscription of one consumer of the embedded bus. It must never advance past an event that was not acknowledged.

use async_trait::async_trait;
use futures::{FutureExt, future::select_all};
use lcr_contracts::{
    Failure,
    events::{CloudEvent, Stream},
};
use lcr_store::Store;
use tokio::sync::watch;

use super::{LogReader, MAX_BATCH, changed, cursor, dead_letters};
use crate::{AckHandle, Batch, DeadLetter, Mode, Subscription};

pub(super) struct EmbeddedSubscription {
    pub(super) store: Store,
    pub(super) stream: Stream,
    pub(super) mode: Mode,
    pub(super) readers: Vec<LogReader>,
    pub(super) redeliveries: watch::Receiver<u64>,
    /// Whether dead letters to redeliver may be stored: at the start, after each call for it, and until none is left.
    pub(super) may_have_redelivered: bool,
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
