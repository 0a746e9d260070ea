//! A `work` subscription: pulls batches from a durable consumer that all replicas share. A message leaves the
//! stream's debt to this consumer only by an acknowledgement the broker has confirmed.

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

use super::{NatsBus, away, consumer, dead};
use crate::{Batch, Held, Subscription};

const BATCH: usize = 500;

pub(crate) struct Work {
    bus: NatsBus,
    stream: Stream,
    name: &'static str,
    consumer: Consumer<pull::Config>,
    gaps: watch::Receiver<u64>,
}

impl Work {
    pub(crate) async fn open(bus: &NatsBus, stream: Stream, name: &'static str) -> Result<Self, Failure> {
        let mut gaps = bus.gaps.clone();
        gaps.mark_unchanged();
        let consumer = consumer::open(&bus.jetstream, stream, name).await?;
        Ok(Self { bus: bus.clone(), stream, name, consumer, gaps })
    }
}

#[async_trait]
impl Subscription for Work {
    async fn next(&mut self) -> Result<Batch, Failure> {
        let mut failed = false;
        loop {
            let mut gaps = self.gaps.clone();
            let started = time::Instant::now();
            let messages = tokio::select! {
                messages = consumer::pull(&self.consumer, BATCH) => messages,
                // A request does not outlive its connection, and the broker may not be what it was.
                _ = gaps.changed() => {
                    self.bus.prepare().await?;
                    *self = Self::open(&self.bus, self.stream, self.name).await?;
                    continue;
                }
            };
            let messages = match messages {
                Ok(messages) => messages,
                // Another server may keep the place now: it is looked for, once.
                Err(failure) if !failed => {
                    tracing::warn!(stream = self.stream.name(), cause = failure.inward(), "pulled in vain");
                    failed = true;
                    *self = Self::open(&self.bus, self.stream, self.name).await?;
                    continue;
                }
                Err(failure) => return Err(failure),
            };
            let (events, held) = Messages::hold(messages);
            if !events.is_empty() {
                return Ok(Batch { events, resync: false, held: Held::Messages(held) });
            }
            // Another replica's request was before ours: it is soon over.
            if started.elapsed() < consumer::PULL / 2 {
                time::sleep(Duration::from_millis(20)).await;
            }
        }
    }

    async fn ack(&mut self, batch: Batch) -> Result<(), Failure> {
        match batch.held {
            Held::Messages(messages) => messages.ack().await,
            _ => Ok(()),
        }
    }

    async fn bury(&mut self, event: &CloudEvent, cause: &str) -> Result<(), Failure> {
        dead::bury(&self.bus.jetstream, self.stream, self.name, event, cause).await
    }
}

/// Messages in hand: while they are, the broker is told so; dropped, they are handed back at once.
pub(crate) struct Messages {
    ackers: Option<Arc<Vec<Acker>>>,
    extending: Option<JoinHandle<()>>,
}

impl std::fmt::Debug for Messages {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Messages")
    }
}

impl Messages {
    /// One that does not read stays with the broker, which offers it again and again: it is never lost, only named.
    fn hold(messages: Vec<Message>) -> (Vec<CloudEvent>, Self) {
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
                    tracing::error!(alarm = "unreadable", sequence, "a message does not read as an event");
                }
            }
        }
        let ackers = Arc::new(ackers);
        let extending = (!ackers.is_empty()).then(|| tokio::spawn(extend(ackers.clone())));
        (events, Self { ackers: Some(ackers), extending })
    }

    /// The broker takes acknowledgements of a connection in order, so its word on the last is its word on all.
    async fn ack(mut self) -> Result<(), Failure> {
        let Some(ackers) = self.ackers.clone() else { return Ok(()) };
        if let Some((last, others)) = ackers.split_last() {
            for acker in others {
                acker.ack().await.map_err(|e| away(&e))?;
            }
            let done = time::timeout(super::DEADLINE, last.double_ack()).await;
            done.map_err(|e| away(&e))?.map_err(|e| away(&e))?;
        }
        self.ackers = None;
        Ok(())
    }
}

impl Drop for Messages {
    fn drop(&mut self) {
        if let Some(extending) = self.extending.take() {
            extending.abort();
        }
        if let (Some(ackers), Ok(runtime)) = (self.ackers.take(), Handle::try_current()) {
            runtime.spawn(async move { tell(&ackers, AckKind::Nak(None)).await });
        }
    }
}

/// Has the broker wait on while a batch is being applied.
async fn extend(ackers: Arc<Vec<Acker>>) {
    loop {
        time::sleep(consumer::ACK_WAIT / 3).await;
        tell(&ackers, AckKind::Progress).await;
    }
}

/// What is not heard here only comes again later.
async fn tell(ackers: &[Acker], kind: AckKind) {
    stream::iter(ackers).for_each(|acker| async move { drop(acker.ack_with(kind).await) }).await;
}
