//! Publish and subscribe between services (design section 7). Events are published by writing to the owner's
//! outbox; here they are heard. Delivery is at least once and unordered between owners; consumers are
//! idempotent. Nothing here may drop an event a `work` subscription has not acknowledged.

mod cursor;
pub mod embedded;
mod run;
pub mod suite;

pub use embedded::EmbeddedBus;
pub use run::{Consumer, bodies, consume};

use async_trait::async_trait;
use lcr_contracts::{
    Failure,
    events::{CloudEvent, Stream},
};

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
    pub(crate) places: Vec<(String, i64)>,
}

/// One subscriber's end.
#[async_trait]
pub trait Subscription: Send {
    /// Waits for at least one event; at most 500 at a time.
    async fn next(&mut self) -> Result<Batch, Failure>;
    /// The batch has taken effect and need not come again.
    async fn ack(&mut self, batch: Batch) -> Result<(), Failure>;
}

/// The transport.
#[async_trait]
pub trait Bus: Send + Sync {
    async fn subscribe(&self, stream: Stream, mode: Mode) -> Result<Box<dyn Subscription>, Failure>;
    /// Has the whole log of `stream` delivered to `consumer` again, to rebuild its projection.
    async fn replay(&self, stream: Stream, consumer: &'static str) -> Result<(), Failure>;
}
