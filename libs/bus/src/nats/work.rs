//! A `Work` subscription: pulls batches from a durable consumer that all replicas share. A batch must not count as
//! acknowledged before the broker has confirmed it.

use std::{sync::Arc, time::Duration};

use async_nats::jetstream::{
    AckKind, Message,
    consumer::{Consumer, pull},
    message::Acker,
};
use async_trait::async_trait;
use futures::{StreamExt, stream};
use lcr_contracts::{
    Failure,
    events::{CloudEvent, Stream},
};
use tokio::{runtime::Handle, sync::watch, task::JoinHandle, time};

use crate::{
    AckHandle, Batch, Subscription,
    nats::{NatsBus, dead_letters, durable_consumer, unavailable},
};

const MAX_BATCH: usize = 500;

pub(crate) struct WorkSubscription {
    bus: NatsBus,
    stream: Stream,
    name: &'static str,
    consumer: Consumer<pull::Config>,
    gaps: watch::Receiver<u64>,
}

impl WorkSubscription {
    pub(crate) async fn open(bus: &NatsBus, stream: Stream, name: &'static str) -> Result<Self, Failure> {
        let mut gaps = bus.gaps.clone();
        gaps.mark_unchanged();
        let consumer = durable_consumer::open(&bus.jetstream, stream, name).await?;
        Ok(Self { bus: bus.clone(), stream, name, consumer, gaps })
    }
}

#[async_trait]
impl Subscription for WorkSubscription {
    async fn next(&mut self) -> Result<Batch, Failure> {
        let mut retried = false;
        loop {
            let mut gaps = self.gaps.clone();
            let started = time::Instant::now();
            let messages = tokio::select! {
                messages = durable_consumer::pull(&self.consumer, MAX_BATCH) => messages,
                // A pull request ends with its connection, and the broker may have lost the consumer.
                _ = gaps.changed() => {
                    self.bus.ensure_streams().await?;
                    *self = Self::open(&self.bus, self.stream, self.name).await?;
                    continue;
                }
            };
            let messages = match messages {
                Ok(messages) => messages,
                // Another server may hold the consumer now: open it again, once.
                Err(failure) if !retried => {
                    tracing::warn!(stream = self.stream.name(), cause = failure.inward(), "a pull failed");
                    retried = true;
                    *self = Self::open(&self.bus, self.stream, self.name).await?;
                    continue;
                }
                Err(failure) => return Err(failure),
            };
            let (events, pulled) = PulledMessages::parse(messages);
            if !events.is_empty() {
                return Ok(Batch { events, resync: false, ack_handle: AckHandle::Messages(pulled) });
            }
            // Another replica's request was first and ends soon.
            if started.elapsed() < durable_consumer::PULL_TIMEOUT / 2 {
                time::sleep(Duration::from_millis(20)).await;
            }
        }
    }

    async fn ack(&mut self, batch: Batch) -> Result<(), Failure> {
        match batch.ack_handle {
            AckHandle::Messages(messages) => messages.ack().await,
            _ => Ok(()),
        }
    }

    async fn dead_letter(&mut self, event: &CloudEvent, cause: &str) -> Result<(), Failure> {
        dead_letters::store(&self.bus.jetstream, self.stream, self.name, event, cause).await
    }
}

/// Messages being processed. Their acknowledgement deadline is extended; when dropped, they are delivered again at once.
pub(crate) struct PulledMessages {
    ackers: Option<Arc<Vec<Acker>>>,
    extending: Option<JoinHandle<()>>,
}

impl std::fmt::Debug for PulledMessages {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Messages")
    }
}

impl PulledMessages {
    /// A message that does not parse is logged and stays at the broker, which delivers it again.
    fn parse(messages: Vec<Message>) -> (Vec<CloudEvent>, Self) {
        let mut events = Vec::with_capacity(messages.len());
        let mut ackers = Vec::with_capacity(messages.len());
        for message in messages {
            let sequence = message.info().map_or(0, |info| info.stream_sequence);
            let (message, acker) = message.split();
            match serde_json::from_slice(&message.payload) {
                Ok(event) => {
                    events.push(event);
                    ackers.push(acker);
                }
                Err(_) => {
                    tracing::error!(alarm = "unreadable", sequence, "a message does not parse as an event");
                }
            }
        }
        let ackers = Arc::new(ackers);
        let extending = (!ackers.is_empty()).then(|| tokio::spawn(extend_ack_wait(ackers.clone())));
        (events, Self { ackers: Some(ackers), extending })
    }

    /// The broker handles a connection's acknowledgements in order, so confirming the last confirms all.
    async fn ack(mut self) -> Result<(), Failure> {
        let Some(ackers) = self.ackers.clone() else { return Ok(()) };
        if let Some((last, others)) = ackers.split_last() {
            for acker in others {
                acker.ack().await.map_err(|e| unavailable(&e))?;
            }
            let done = time::timeout(super::CALL_TIMEOUT, last.double_ack()).await;
            done.map_err(|e| unavailable(&e))?.map_err(|e| unavailable(&e))?;
        }
        self.ackers = None;
        Ok(())
    }
}

impl Drop for PulledMessages {
    fn drop(&mut self) {
        if let Some(extending) = self.extending.take() {
            extending.abort();
        }
        if let (Some(ackers), Ok(runtime)) = (self.ackers.take(), Handle::try_current()) {
            runtime.spawn(async move { ack_all(&ackers, AckKind::Nak(None)).await });
        }
    }
}

/// Extends the acknowledgement deadline while a batch is applied.
async fn extend_ack_wait(ackers: Arc<Vec<Acker>>) {
    loop {
        time::sleep(durable_consumer::ACK_WAIT / 3).await;
        ack_all(&ackers, AckKind::Progress).await;
    }
}

/// Ignores errors: an unacknowledged message is only delivered again.
async fn ack_all(ackers: &[Acker], kind: AckKind) {
    stream::iter(ackers).for_each(|acker| async move { drop(acker.ack_with(kind).await) }).await;
}
