//! A `watch` subscription: hears what passes, from now on, without a place at the broker. It is lossy, and says so:
//! after every connection and every overflow it asks its listener to treat everything as possibly changed.

use async_nats::Subscriber;
use async_trait::async_trait;
use futures::{FutureExt, StreamExt};
use lcr_contracts::{
    Failure,
    events::{CloudEvent, Stream},
};
use tokio::sync::watch;

use super::{NatsBus, away, streams};
use crate::{Batch, Held, Subscription};

const BATCH: usize = 500;

pub(crate) struct Watch {
    bus: NatsBus,
    stream: Stream,
    messages: Subscriber,
    gaps: watch::Receiver<u64>,
}

impl Watch {
    pub(crate) async fn open(bus: &NatsBus, stream: Stream) -> Result<Self, Failure> {
        let mut gaps = bus.gaps.clone();
        gaps.mark_unchanged();
        // The client subscribes again by itself after each connection.
        let messages = bus.client.subscribe(streams::everybody(stream)).await.map_err(|e| away(&e))?;
        let watch = Self { bus: bus.clone(), stream, messages, gaps };
        watch.heard().await?;
        Ok(watch)
    }

    /// Until the broker has answered something we asked after subscribing: it takes a connection's words in order.
    async fn heard(&self) -> Result<(), Failure> {
        self.bus.prepare().await?;
        self.bus.jetstream.get_stream(self.stream.name()).await.map_err(|e| away(&e))?;
        Ok(())
    }
}

#[async_trait]
impl Subscription for Watch {
    async fn next(&mut self) -> Result<Batch, Failure> {
        loop {
            let (messages, gaps) = (&mut self.messages, &mut self.gaps);
            let first = tokio::select! {
                biased;
                _ = gaps.changed() => None,
                message = messages.next() => Some(message.ok_or_else(|| away(&"closed"))?),
            };
            let Some(first) = first else {
                // Failing, this subscription is over; whoever subscribes anew knows of the gap in between.
                self.heard().await?;
                return Ok(Batch { events: vec![], resync: true, held: Held::Nothing });
            };
            let mut events: Vec<CloudEvent> = read(&first.payload).into_iter().collect();
            while events.len() < BATCH {
                let Some(Some(message)) = messages.next().now_or_never() else { break };
                events.extend(read(&message.payload));
            }
            if !events.is_empty() {
                return Ok(Batch { events, resync: false, held: Held::Nothing });
            }
        }
    }

    async fn ack(&mut self, _: Batch) -> Result<(), Failure> {
        Ok(())
    }

    async fn bury(&mut self, _: &CloudEvent, _: &str) -> Result<(), Failure> {
        Ok(())
    }
}

fn read(payload: &[u8]) -> Option<CloudEvent> {
    serde_json::from_slice(payload)
        .inspect_err(|_| tracing::error!(alarm = "unreadable", "a message does not read as an event"))
        .ok()
}
