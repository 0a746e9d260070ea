//! Creates the broker's streams after each connection, because a restarted broker may have lost them. Says whether the
//! broker is ready, and why not. All services create the same streams at the same time, so the configuration must not
//! depend on the service.

use std::{
    sync::{
        Mutex, PoisonError, Weak,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use async_nats::{
    Client,
    connection::State,
    jetstream::{
        Context,
        stream::{Config, DiscardPolicy, StorageType},
    },
};
use futures::future::join_all;
use lcr_contracts::{Failure, events::Stream};
use tokio::sync::watch;

use crate::nats::{
    stream_names::{self, DEAD, REPLAY_REQUESTS, broadcast_subject},
    unavailable,
};

/// How long to wait after streams could not be created.
const RETRY_INTERVAL: Duration = Duration::from_secs(1);

/// A consumer may be down for this long and still find every event here. After it, the owners replay.
const RETENTION: Duration = Duration::from_hours(14 * 24);
/// A relay that stops before it stores its position sends at most a second's work twice. Five minutes cover the restart of
/// a replica.
const DUPLICATE_WINDOW: Duration = Duration::from_mins(5);

const MIB: i64 = 1 << 20;

/// The size limit of a stream. The oldest messages are dropped first; their owners still have them.
fn max_bytes(stream: Stream) -> i64 {
    match stream {
        // Sealed messages, some with documents: 200,000 a day of 3 KiB for 14 days.
        Stream::Feeds => 8192 * MIB,
        // Ids and marks of half a KiB, 1,000,000 at once when a whole city is loaded; one of a KiB for each view or
        // stay, 50,000 a day.
        Stream::People | Stream::Audit | Stream::Ward => 1024 * MIB,
        // People's choices, sessions, the registry: thousands a day.
        Stream::Consent | Stream::Identity | Stream::Partners => 256 * MIB,
    }
}

pub(crate) struct StreamSetup {
    client: Client,
    jetstream: Context,
    replicas: usize,
    /// The connection on which the streams were last created.
    created_on: AtomicU64,
    /// Why the last attempt failed.
    last_error: Mutex<Option<String>>,
}

impl StreamSetup {
    pub(crate) fn new(client: Client, jetstream: Context, replicas: usize) -> Self {
        Self { client, jetstream, replicas, created_on: AtomicU64::new(0), last_error: Mutex::default() }
    }

    pub(crate) fn connection(&self) -> u64 {
        self.client.statistics().connects.load(Ordering::Acquire)
    }

    fn is_connected(&self) -> bool {
        self.client.connection_state() == State::Connected
    }

    fn has_streams(&self) -> bool {
        self.created_on.load(Ordering::Acquire) == self.connection()
    }

    /// Why the broker is not ready, as one sentence.
    pub(crate) fn not_ready_reason(&self) -> Option<String> {
        if !self.is_connected() {
            return Some("The bus (NATS) is not connected.".to_owned());
        }
        if self.has_streams() {
            return None;
        }
        let error = self.last_error.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let why = error.unwrap_or_else(|| "they are being created".to_owned());
        Some(format!("The bus (NATS) lacks streams: {why}."))
    }

    pub(crate) async fn ensure_streams(&self) -> Result<(), Failure> {
        let now = self.connection();
        if !self.is_connected() {
            return Err(unavailable(&"not connected"));
        }
        if self.created_on.load(Ordering::Acquire) == now {
            return Ok(());
        }
        let created = create_streams(&self.jetstream, self.replicas).await;
        let why = created.as_ref().err().map(|failure| failure.inward().to_owned());
        *self.last_error.lock().unwrap_or_else(PoisonError::into_inner) = why;
        created?;
        self.created_on.store(now, Ordering::Release);
        Ok(())
    }
}

/// Creates the streams after each connection, until the bus is dropped.
pub(crate) async fn keep_streams(setup: Weak<StreamSetup>, mut gaps: watch::Receiver<u64>) {
    while let Some(this) = setup.upgrade() {
        if this.is_connected()
            && let Err(failure) = this.ensure_streams().await
        {
            tracing::warn!(cause = failure.inward(), "the bus cannot be used yet");
        }
        drop(this);
        tokio::select! {
            changed = gaps.changed() => if changed.is_err() { return },
            () = tokio::time::sleep(RETRY_INTERVAL) => {}
        }
    }
}

/// Creates or updates every stream. The error names a stream that failed; the others are still created.
async fn create_streams(jetstream: &Context, replicas: usize) -> Result<(), Failure> {
    let mut wanted: Vec<Config> = Stream::ALL
        .into_iter()
        .map(|stream| {
            let subjects = vec![broadcast_subject(stream), stream_names::all_replays(stream)];
            config(stream.name(), subjects, replicas, max_bytes(stream))
        })
        .collect();
    let dead = config(DEAD, vec![stream_names::ALL_DEAD_LETTERS.into()], replicas, 512 * MIB);
    // Dead letters never expire. If there is no room, storing one fails and is retried.
    wanted.push(Config { max_age: Duration::ZERO, discard: DiscardPolicy::New, ..dead });
    wanted.push(config(REPLAY_REQUESTS, vec![stream_names::ALL_REPLAY_REQUESTS.into()], replicas, 16 * MIB));
    // All at once: servers that elect a leader do not answer, and requests in sequence would outlast the election.
    let made = wanted.into_iter().map(|config| async move {
        let name = config.name.clone();
        let made = jetstream.create_or_update_stream(config).await;
        made.map(drop).map_err(|error| unavailable(&format!("stream {name}: {error}")))
    });
    join_all(made).await.into_iter().collect()
}

fn config(name: &str, subjects: Vec<String>, num_replicas: usize, max_bytes: i64) -> Config {
    Config {
        name: name.to_owned(),
        subjects,
        storage: StorageType::File,
        num_replicas,
        max_bytes,
        max_age: RETENTION,
        duplicate_window: DUPLICATE_WINDOW,
        discard: DiscardPolicy::Old,
        max_messages: -1,
        max_messages_per_subject: -1,
        max_consumers: -1,
        max_message_size: -1,
        allow_direct: true,
        ..Config::default()
    }
}
