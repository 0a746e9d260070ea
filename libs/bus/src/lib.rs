//! Publish and subscribe between services (design section 7). Events are published by writing to the owner's
//! outbox; here they are heard. Delivery is at least once and unordered between owners; consumers are
//! idempotent. Nothing here may drop an event a `work` subscription has not acknowledged.

mod cursor;
mod dead;
mod ears;
pub mod embedded;
pub mod nats;
mod numbers;
mod run;
mod span;
pub mod suite;
mod taking;

pub use ears::Ears;
pub use embedded::EmbeddedBus;
pub use nats::NatsBus;
pub use numbers::Numbers;
pub use run::{Consumer, bodies, consume, unreadable};

use async_trait::async_trait;
use jiff::Timestamp;
use lcr_contracts::{
    Failure,
    events::{CloudEvent, Stream},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// How a subscriber hears a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Durable, from the log's beginning, shared by all replicas that name the same consumer.
    Work(&'static str),
    /// Every replica, from now on, lossy: for live pages, epochs and revocations.
    Watch,
}

/// A batch in hand. Dropping it without `ack` means it comes again.
#[derive(Debug)]
pub struct Batch {
    pub events: Vec<CloudEvent>,
    /// Only of a `watch`: events may have been missed before these, so anything may have changed. There may be none.
    pub resync: bool,
    pub(crate) held: Held,
}

/// What acknowledging a batch does.
#[derive(Debug)]
pub(crate) enum Held {
    Nothing,
    /// Advances cursors: an owner and a place in its log.
    Places(Vec<(String, i64)>),
    /// Forgets events that were put aside and brought back.
    Revived(Vec<Uuid>),
    Messages(nats::work::Messages),
}

/// An event that was put aside, and why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DeadLetter {
    pub event: CloudEvent,
    /// For the log and the operator; holds nothing about a person.
    pub cause: String,
    pub at: Timestamp,
}

impl DeadLetter {
    #[allow(clippy::disallowed_methods, reason = "for people to read; no rule depends on it")]
    pub(crate) fn new(event: &CloudEvent, cause: &str) -> Self {
        // Short enough for the letter to fit wherever its event did.
        let cause = cause.chars().take(500).collect();
        Self { event: event.clone(), cause, at: Timestamp::now() }
    }
}

/// One subscriber's end.
#[async_trait]
pub trait Subscription: Send {
    /// Waits for at least one event; at most 500 at a time.
    async fn next(&mut self) -> Result<Batch, Failure>;
    /// The batch has taken effect and need not come again.
    async fn ack(&mut self, batch: Batch) -> Result<(), Failure>;
    /// Puts an event of a `work` subscription aside: kept until it is revived, and no longer in the way of those
    /// behind it once its batch is acknowledged.
    async fn bury(&mut self, event: &CloudEvent, cause: &str) -> Result<(), Failure>;
}

/// The transport.
#[async_trait]
pub trait Bus: Send + Sync {
    async fn subscribe(&self, stream: Stream, mode: Mode) -> Result<Box<dyn Subscription>, Failure>;
    /// Has the whole log of `stream` delivered to `consumer` again, to rebuild its projection.
    async fn replay(&self, stream: Stream, consumer: &'static str) -> Result<(), Failure>;
    /// How many events `consumer` has still to acknowledge, as far as the bus has them.
    async fn behind(&self, stream: Stream, consumer: &'static str) -> Result<u64, Failure>;
    /// How many events of `stream` are put aside for `consumer`, and the oldest of them, at most 500. Under an owner's
    /// name also those of its own log that the bus does not take.
    async fn dead_letters(
        &self,
        stream: Stream,
        consumer: &'static str,
    ) -> Result<(u64, Vec<DeadLetter>), Failure>;
    /// How many they are, without reading any.
    async fn put_aside(&self, stream: Stream, consumer: &'static str) -> Result<u64, Failure> {
        Ok(self.dead_letters(stream, consumer).await?.0)
    }
    /// Delivers what was put aside to `consumer` again: as many as were listed. Returns how many.
    async fn revive(&self, stream: Stream, consumer: &'static str) -> Result<u64, Failure>;
    /// What is missing before events can be heard, as one sentence; `None` when nothing is.
    fn missing(&self) -> Option<String>;
}
