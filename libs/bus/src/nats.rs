//! The bus of a cluster, on NATS `JetStream`. Each owner's relay publishes its outbox (`relay`); consumers pull (`work`) or
//! listen (`watch`). The broker may lose everything it holds and is then sent it again, so no code here may treat it as
//! the only copy of an event.

mod connect;
mod dead_letters;
mod durable_consumer;
mod oversized;
mod publish;
mod relay;
mod replay;
mod stream_names;
mod stream_setup;
mod watch;
pub(crate) mod work;

use std::{
    fmt,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use async_nats::jetstream;
use async_trait::async_trait;
use lcr_contracts::{Failure, FailureKind, events::Stream};
use lcr_store::Store;
use tokio::sync::watch as latest;

use crate::{Bus, DeadLetter, Mode, Subscription, nats::stream_setup::StreamSetup};

/// The longest wait for the broker in one call.
pub(crate) const CALL_TIMEOUT: Duration = Duration::from_secs(5);
/// The most messages that may wait for an acknowledgement: many relay chunks, because a chunk that waits for room keeps the
/// room it has.
const MAX_UNACKNOWLEDGED: usize = 16_384;

/// A connection to the broker. Cheap to clone.
#[derive(Clone)]
pub struct NatsBus {
    client: async_nats::Client,
    jetstream: jetstream::Context,
    /// Rises whenever messages may have been lost: at each connection and each overflow.
    gaps: latest::Receiver<u64>,
    stream_setup: Arc<StreamSetup>,
    /// The stores whose logs this process relays.
    logs: Arc<RwLock<Vec<Store>>>,
}

impl fmt::Debug for NatsBus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NatsBus")
    }
}

impl NatsBus {
    /// Relays the log of `store` for ever. Spawned once per replica; only the leader relays.
    pub async fn relay(self, store: Store) {
        self.logs.write().unwrap_or_else(PoisonError::into_inner).push(store.clone());
        relay::run(self, store).await;
    }

    /// How many events of the owner's log the broker has not acknowledged yet.
    pub async fn unsent(store: &Store) -> Result<u64, Failure> {
        let mut unsent = 0;
        for stream in Stream::ALL {
            let position = store.relay_position(stream).await?;
            unsent += store.outbox().count_after(stream, position.seq).await?;
        }
        Ok(unsent)
    }

    /// How many messages of `stream` the broker stores.
    pub async fn stored(&self, stream: Stream) -> Result<u64, Failure> {
        let found = self.jetstream.get_stream(stream.name()).await.map_err(|error| unavailable(&error))?;
        Ok(found.cached_info().state.messages)
    }

    /// Whether events can be sent and received: connected, and every stream exists.
    pub fn ready(&self) -> bool {
        self.stream_setup.not_ready_reason().is_none()
    }

    /// The number of connections so far. It changes before anything is sent on a new one.
    pub(crate) fn connection(&self) -> u64 {
        self.stream_setup.connection()
    }

    /// Creates missing streams, once after each connection: the broker may have lost them.
    pub(crate) async fn ensure_streams(&self) -> Result<(), Failure> {
        self.stream_setup.ensure_streams().await
    }

    fn logs(&self) -> Vec<Store> {
        self.logs.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn log_of(&self, owner: &str) -> Option<Store> {
        self.logs().into_iter().find(|log| log.outbox().owner() == owner)
    }
}

/// The failure for a broker that did not answer or refused. The error text goes to the log and holds no event.
pub(crate) fn unavailable(error: &impl fmt::Display) -> Failure {
    Failure::new(FailureKind::Unavailable, "The bus did not answer. Try again in a minute.").because(error)
}

#[async_trait]
impl Bus for NatsBus {
    async fn subscribe(&self, stream: Stream, mode: Mode) -> Result<Box<dyn Subscription>, Failure> {
        self.ensure_streams().await?;
        Ok(match mode {
            Mode::Work(consumer) => Box::new(work::WorkSubscription::open(self, stream, consumer).await?),
            Mode::Watch => Box::new(watch::WatchSubscription::open(self, stream).await?),
        })
    }

    async fn replay(&self, stream: Stream, consumer: &'static str) -> Result<(), Failure> {
        self.ensure_streams().await?;
        durable_consumer::request_replay(&self.jetstream, stream, consumer, None).await
    }

    async fn lag(&self, stream: Stream, consumer: &'static str) -> Result<u64, Failure> {
        durable_consumer::lag(&self.jetstream, stream, consumer).await
    }

    async fn dead_letters(&self, stream: Stream, consumer: &'static str) -> Result<(u64, Vec<DeadLetter>), Failure> {
        self.ensure_streams().await?;
        let (mut count, stored) = dead_letters::list(&self.jetstream, stream, consumer).await?;
        let mut letters: Vec<DeadLetter> = stored.into_iter().map(|(_, letter)| letter).collect();
        if let Some(log) = self.log_of(consumer) {
            let (more, own) = oversized::list(&log, stream).await?;
            count += more;
            letters.extend(own);
        }
        Ok((count, letters))
    }

    async fn count_dead_letters(&self, stream: Stream, consumer: &'static str) -> Result<u64, Failure> {
        dead_letters::count_for(&self.jetstream, stream, consumer).await
    }

    async fn redeliver(&self, stream: Stream, consumer: &'static str) -> Result<u64, Failure> {
        self.ensure_streams().await?;
        let own = match self.log_of(consumer) {
            Some(log) => oversized::retry(&log, stream).await?,
            None => 0,
        };
        Ok(own + dead_letters::redeliver(&self.jetstream, stream, consumer).await?)
    }

    fn not_ready_reason(&self) -> Option<String> {
        self.stream_setup.not_ready_reason()
    }
}
