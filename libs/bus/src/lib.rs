//! Publish and subscribe between services. A service publishes an event by writing it to its outbox; this crate
//! delivers it. Delivery is at least once, and unordered between owners, so consumers must be idempotent. No code here may
//! drop an event that a `Work` subscription has not acknowledged.

mod batch;
mod consumer_loop;
pub mod embedded;
mod metrics;
pub mod nats;
mod span;
mod subscriptions;
pub mod suite;

pub use crate::consumer_loop::{Consumer, bodies, consume, unreadable_body};
pub use crate::embedded::EmbeddedBus;
pub use crate::metrics::ConsumerMetrics;
pub use crate::nats::NatsBus;
pub use crate::subscriptions::Subscriptions;

use async_trait::async_trait;
use jiff::Timestamp;
use lcr_contracts::{
    Failure,
    events::{CloudEvent, Stream},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The most dead letters listed or redelivered at once.
pub(crate) const MAX_LISTED: u64 = 500;

/// How a subscriber receives a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Durable, from the start of the log. All replicas that name the same consumer share the work.
    Work(&'static str),
    /// Each replica receives every event from now on, and may miss some: for live pages, epochs and revocations.
    Watch,
}

/// Events to process. A batch that is dropped without `ack` is delivered again.
#[derive(Debug)]
pub struct Batch {
    pub events: Vec<CloudEvent>,
    /// Only for `Watch`: events may have been missed before this batch, so the consumer must read everything again. The
    /// batch may be empty.
    pub resync: bool,
    pub(crate) ack_handle: AckHandle,
}

/// What `ack` does for a batch.
#[derive(Debug)]
pub(crate) enum AckHandle {
    Nothing,
    /// Advances cursors: owner and sequence number in its log.
    Positions(Vec<(String, i64)>),
    /// Deletes dead letters that were redelivered.
    Redelivered(Vec<Uuid>),
    Messages(nats::work::PulledMessages),
}

/// An event that could not be processed, and why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DeadLetter {
    pub event: CloudEvent,
    /// For the log and the operator. Never holds anything about a person.
    pub cause: String,
    pub at: Timestamp,
}

impl DeadLetter {
    #[allow(clippy::disallowed_methods, reason = "shown to people only; no rule depends on it")]
    pub(crate) fn new(event: &CloudEvent, cause: &str) -> Self {
        // A short cause, so that the letter fits wherever its event did.
        let cause = cause.chars().take(500).collect();
        Self { event: event.clone(), cause, at: Timestamp::now() }
    }
}

/// A subscriber's connection to one stream.
#[async_trait]
pub trait Subscription: Send {
    /// Waits for events or a resync. Reads at most 500 events per owner.
    async fn next(&mut self) -> Result<Batch, Failure>;
    /// Confirms that the batch was applied and need not be delivered again.
    async fn ack(&mut self, batch: Batch) -> Result<(), Failure>;
    /// Stores an event of a `Work` subscription as a dead letter. Later events are no longer blocked once the batch is
    /// acknowledged.
    async fn dead_letter(&mut self, event: &CloudEvent, cause: &str) -> Result<(), Failure>;
}

/// The transport of events.
#[async_trait]
pub trait Bus: Send + Sync {
    async fn subscribe(&self, stream: Stream, mode: Mode) -> Result<Box<dyn Subscription>, Failure>;
    /// Delivers the whole log of `stream` to `consumer` again, to rebuild its projection.
    async fn replay(&self, stream: Stream, consumer: &'static str) -> Result<(), Failure>;
    /// How many events on the bus `consumer` has not acknowledged yet.
    async fn lag(&self, stream: Stream, consumer: &'static str) -> Result<u64, Failure>;
    /// The number of dead letters of `consumer` in `stream`, and the oldest 500. If `consumer` is an owner, its oversized
    /// events are included.
    async fn dead_letters(&self, stream: Stream, consumer: &'static str) -> Result<(u64, Vec<DeadLetter>), Failure>;
    /// The number of dead letters, without reading them.
    async fn count_dead_letters(&self, stream: Stream, consumer: &'static str) -> Result<u64, Failure> {
        Ok(self.dead_letters(stream, consumer).await?.0)
    }
    /// Delivers the oldest 500 dead letters to `consumer` again. Returns how many.
    async fn redeliver(&self, stream: Stream, consumer: &'static str) -> Result<u64, Failure>;
    /// Why events cannot be delivered yet, as one sentence. `None` if they can.
    fn not_ready_reason(&self) -> Option<String>;
}
