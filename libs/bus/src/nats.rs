//! The bus of a cluster, on NATS `JetStream`. Owners' relays hand their outboxes over (`relay`), consumers pull
//! (`work`) or listen (`watch`). The broker is transport: everything it holds can be lost and is handed over again,
//! so nothing here may treat it as the only copy of an event.

mod back;
mod consumer;
mod dead;
mod prepared;
mod relay;
mod replay;
mod send;
mod streams;
mod watch;
pub(crate) mod work;

use std::{
    fmt,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use async_nats::{ConnectOptions, Event, jetstream};
use async_trait::async_trait;
use lcr_contracts::{Failure, Kind, events::Stream};
use lcr_store::Store;
use tokio::sync::watch as latest;

use self::prepared::Prepared;
use crate::{Bus, DeadLetter, Mode, Subscription, run::jittered};

/// No call waits longer for the broker.
pub(crate) const DEADLINE: Duration = Duration::from_secs(5);
/// What is asked while the servers choose a leader is answered by none of them, ever: it is soon asked again.
const ANSWER: Duration = Duration::from_secs(2);
/// Messages that are sent and not yet acknowledged, at most: room for many chunks of the relay at once, since a
/// chunk that waits for room holds what it has.
const IN_FLIGHT: usize = 16_384;

/// The handle to the broker. Cheap to clone.
#[derive(Clone)]
pub struct NatsBus {
    client: async_nats::Client,
    jetstream: jetstream::Context,
    /// Counts whatever may have cost messages: each connection made, each overflow.
    gaps: latest::Receiver<u64>,
    prepared: Arc<Prepared>,
    /// The stores whose logs are handed over from here.
    logs: Arc<RwLock<Vec<Store>>>,
}

impl fmt::Debug for NatsBus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NatsBus")
    }
}

/// Comma separated.
fn addresses(urls: &str) -> Option<Vec<async_nats::ServerAddr>> {
    let read =
        |url: &str| url.trim().parse::<async_nats::ServerAddr>().ok().filter(|it| !it.host().is_empty());
    urls.split(',').map(read).collect()
}

impl NatsBus {
    /// Whether `urls` are addresses that can be tried.
    pub fn reads(urls: &str) -> bool {
        addresses(urls).is_some()
    }

    /// `urls` are comma separated; `replicas` is how many servers keep each stream. Returns at once: the connection
    /// is made, and made again, for ever in the background. Only addresses that do not read are an error.
    pub async fn connect(urls: &str, replicas: usize) -> Result<Self, Failure> {
        let addresses =
            addresses(urls).ok_or_else(|| Failure::bad_request("The bus' address does not read."))?;
        let (sender, gaps) = latest::channel(0);
        let sender = Arc::new(sender);
        let options = ConnectOptions::new()
            .retry_on_initial_connect()
            .max_reconnects(None)
            .reconnect_delay_callback(delay)
            .connection_timeout(DEADLINE)
            .request_timeout(Some(ANSWER))
            .ping_interval(Duration::from_secs(10))
            .event_callback(move |event| {
                note(&sender, &event);
                std::future::ready(())
            });
        // The library reads an address's user and password, and signs in with neither unless it is told to.
        let login =
            addresses.first().and_then(|to| Some((to.username()?.to_owned(), to.password()?.to_owned())));
        let options = match login {
            Some((user, password)) => options.user_and_password(user, password),
            None => options,
        };
        let client = options.connect(addresses).await.map_err(|error| away(&error))?;
        // Without a time of its own a request has the connection's, and an acknowledgement the library's 5 s.
        let jetstream = jetstream::context::ContextBuilder::new()
            .max_ack_inflight(IN_FLIGHT)
            .backpressure_on_inflight(true)
            .build(client.clone());
        let prepared = Arc::new(Prepared::new(client.clone(), jetstream.clone(), replicas.max(1)));
        tokio::spawn(prepared::keep(Arc::downgrade(&prepared), gaps.clone()));
        Ok(Self { client, jetstream, gaps, prepared, logs: Arc::default() })
    }

    /// Hands the log of `store` over for ever. Spawned once in each replica; one of them works at a time.
    pub async fn relay(self, store: Store) {
        self.logs.write().unwrap_or_else(PoisonError::into_inner).push(store.clone());
        relay::run(self, store).await;
    }

    /// How many events of the owner's log the broker has not yet acknowledged.
    pub async fn unsent(store: &Store) -> Result<u64, Failure> {
        let mut unsent = 0;
        for stream in Stream::ALL {
            let count = async {
                let mark = store.relayed(stream).await?;
                store.outbox().count_after(stream, mark.seq).await
            };
            unsent += count.await.map_err(|e| lcr_store::failed(&e))?;
        }
        Ok(unsent)
    }

    /// How many messages of `stream` the broker holds.
    pub async fn stored(&self, stream: Stream) -> Result<u64, Failure> {
        let held = self.jetstream.get_stream(stream.name()).await.map_err(|error| away(&error))?;
        Ok(held.cached_info().state.messages)
    }

    /// Whether events can be heard and handed over: connected, and every stream is there. `missing` says what is not.
    pub fn ready(&self) -> bool {
        self.prepared.missing().is_none()
    }

    /// Counts the connections made so far; changes before anything is said on a new one.
    pub(crate) fn connection(&self) -> u64 {
        self.prepared.connection()
    }

    /// Sees that the streams exist, once after each connection: the broker may have lost them.
    pub(crate) async fn prepare(&self) -> Result<(), Failure> {
        self.prepared.prepare().await
    }

    fn logs(&self) -> Vec<Store> {
        self.logs.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn log_of(&self, owner: &str) -> Option<Store> {
        self.logs().into_iter().find(|log| log.outbox().owner() == owner)
    }
}

/// The broker did not do what it was asked; its own words are for the log and hold no event.
pub(crate) fn away(error: &impl fmt::Display) -> Failure {
    Failure::new(Kind::Unavailable, "The bus did not answer. Try again in a minute.").because(error)
}

/// From a twentieth of a second to two seconds, so that a broker that comes back is not overrun.
fn delay(attempts: usize) -> Duration {
    let doubled = Duration::from_millis(50 << attempts.min(6));
    jittered(doubled.min(Duration::from_secs(2)))
}

fn note(gaps: &latest::Sender<u64>, event: &Event) {
    match event {
        Event::Connected | Event::SlowConsumer(_) => gaps.send_modify(|count| *count += 1),
        _ => {}
    }
    match event {
        Event::Connected => tracing::info!("the bus is connected"),
        Event::Disconnected => tracing::warn!("the bus is not connected"),
        other => tracing::warn!(event = %other, "the bus reports"),
    }
}

#[async_trait]
impl Bus for NatsBus {
    async fn subscribe(&self, stream: Stream, mode: Mode) -> Result<Box<dyn Subscription>, Failure> {
        self.prepare().await?;
        Ok(match mode {
            Mode::Work(consumer) => Box::new(work::Work::open(self, stream, consumer).await?),
            Mode::Watch => Box::new(watch::Watch::open(self, stream).await?),
        })
    }

    async fn replay(&self, stream: Stream, consumer: &'static str) -> Result<(), Failure> {
        self.prepare().await?;
        replay::ask(&self.jetstream, stream, consumer, None).await
    }

    async fn behind(&self, stream: Stream, consumer: &'static str) -> Result<u64, Failure> {
        consumer::behind(&self.jetstream, stream, consumer).await
    }

    async fn dead_letters(
        &self,
        stream: Stream,
        consumer: &'static str,
    ) -> Result<(u64, Vec<DeadLetter>), Failure> {
        self.prepare().await?;
        let (mut count, kept) = dead::list(&self.jetstream, stream, consumer).await?;
        let mut letters: Vec<DeadLetter> = kept.into_iter().map(|(_, letter)| letter).collect();
        if let Some(log) = self.log_of(consumer) {
            let (more, own) = back::list(&log, stream).await?;
            count += more;
            letters.extend(own);
        }
        Ok((count, letters))
    }

    async fn put_aside(&self, stream: Stream, consumer: &'static str) -> Result<u64, Failure> {
        dead::put_aside(&self.jetstream, stream, consumer).await
    }

    async fn revive(&self, stream: Stream, consumer: &'static str) -> Result<u64, Failure> {
        self.prepare().await?;
        let own = match self.log_of(consumer) {
            Some(log) => back::revive(&log, stream).await?,
            None => 0,
        };
        Ok(own + dead::revive(&self.jetstream, stream, consumer).await?)
    }

    fn missing(&self) -> Option<String> {
        self.prepared.missing()
    }
}
