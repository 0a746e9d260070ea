//! A `Watch` subscription: receives events from now on, without a position at the broker. It may miss events, and must
//! say so: after every connection and every overflow its batch asks for a resync.

use async_nats::Subscriber;
use async_trait::async_trait;
use futures::{FutureExt, StreamExt};
use lcr_contracts::{
    Failure,
    events::{CloudEvent, Stream},
};
use tokio::sync::watch;

use crate::{
    AckHandle, Batch, Subscription,
    nats::{NatsBus, stream_names, unavailable},
};

const MAX_BATCH: usize = 500;

pub(crate) struct WatchSubscription {
    bus: NatsBus,
    stream: Stream,
    messages: Subscriber,
    gaps: watch::Receiver<u64>,
}

impl WatchSubscription {
    pub(crate) async fn open(bus: &NatsBus, stream: Stream) -> Result<Self, Failure> {
        let mut gaps = bus.gaps.clone();
        gaps.mark_unchanged();
        // The client subscribes again by itself after each connection.
        let messages =
            bus.client.subscribe(stream_names::broadcast_subject(stream)).await.map_err(|e| unavailable(&e))?;
        let watch = Self { bus: bus.clone(), stream, messages, gaps };
        watch.confirm_subscribed().await?;
        Ok(watch)
    }

    /// Waits until the broker has processed the subscription: it handles a connection's requests in order.
    async fn confirm_subscribed(&self) -> Result<(), Failure> {
        self.bus.ensure_streams().await?;
        self.bus.jetstream.get_stream(self.stream.name()).await.map_err(|e| unavailable(&e))?;
        Ok(())
    }
}

#[async_trait]
impl Subscription for WatchSubscription {
    async fn next(&mut self) -> Result<Batch, Failure> {
        loop {
            let (messages, gaps) = (&mut self.messages, &mut self.gaps);
            let first = tokio::select! {
                biased;
                _ = gaps.changed() => None,
                message = messages.next() => Some(message.ok_or_else(|| unavailable(&"closed"))?),
            };
            let Some(first) = first else {
                // If this fails, the subscription ends; the next one starts with a resync.
                self.confirm_subscribed().await?;
                return Ok(Batch { events: vec![], resync: true, ack_handle: AckHandle::Nothing });
            };
            let mut events: Vec<CloudEvent> = read(&first.payload).into_iter().collect();
            while events.len() < MAX_BATCH {
                let Some(Some(message)) = messages.next().now_or_never() else { break };
                events.extend(read(&message.payload));
            }
            if !events.is_empty() {
                return Ok(Batch { events, resync: false, ack_handle: AckHandle::Nothing });
            }
        }
    }

    async fn ack(&mut self, _: Batch) -> Result<(), Failure> {
        Ok(())
    }

    async fn dead_letter(&mut self, _: &CloudEvent, _: &str) -> Result<(), Failure> {
        Ok(())
    }
}

fn read(payload: &[u8]) -> Option<CloudEvent> {
    serde_json::from_slice(payload)
        .inspect_err(|_| tracing::error!(alarm = "unreadable", "a message does not parse as an event"))
        .ok()
}
