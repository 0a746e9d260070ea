//! Whether the broker can be used: connected, and every stream made on this very connection, since a broker that comes
//! back may have lost them. It is looked at from the start and after each connection, so that what is missing is known
//! before anybody asks for an event, and can be told in words.

use std::{
    sync::{
        Mutex, PoisonError, Weak,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use async_nats::{Client, connection::State, jetstream::Context};
use lcr_contracts::Failure;
use tokio::sync::watch;

use super::{away, streams};

/// How often streams that could not be made are tried again.
const AGAIN: Duration = Duration::from_secs(1);

pub(crate) struct Prepared {
    client: Client,
    jetstream: Context,
    replicas: usize,
    /// The connection on which the streams were last seen to exist.
    on: AtomicU64,
    /// Why they could not be made when last tried.
    trouble: Mutex<Option<String>>,
}

impl Prepared {
    pub(crate) fn new(client: Client, jetstream: Context, replicas: usize) -> Self {
        Self { client, jetstream, replicas, on: AtomicU64::new(0), trouble: Mutex::default() }
    }

    pub(crate) fn connection(&self) -> u64 {
        self.client.statistics().connects.load(Ordering::Acquire)
    }

    fn is_connected(&self) -> bool {
        self.client.connection_state() == State::Connected
    }

    fn is_prepared(&self) -> bool {
        self.on.load(Ordering::Acquire) == self.connection()
    }

    /// What is missing, as one sentence.
    pub(crate) fn missing(&self) -> Option<String> {
        if !self.is_connected() {
            return Some("The bus (NATS) is not connected.".to_owned());
        }
        if self.is_prepared() {
            return None;
        }
        let trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let why = trouble.unwrap_or_else(|| "they are being made".to_owned());
        Some(format!("The bus (NATS) lacks streams: {why}."))
    }

    pub(crate) async fn prepare(&self) -> Result<(), Failure> {
        let now = self.connection();
        if !self.is_connected() {
            return Err(away(&"not connected"));
        }
        if self.on.load(Ordering::Acquire) == now {
            return Ok(());
        }
        let made = streams::make(&self.jetstream, self.replicas).await;
        let why = made.as_ref().err().map(|failure| failure.inward().to_owned());
        *self.trouble.lock().unwrap_or_else(PoisonError::into_inner) = why;
        made?;
        self.on.store(now, Ordering::Release);
        Ok(())
    }
}

/// Keeps it prepared for as long as anybody has it.
pub(crate) async fn keep(prepared: Weak<Prepared>, mut gaps: watch::Receiver<u64>) {
    while let Some(this) = prepared.upgrade() {
        if this.is_connected()
            && let Err(failure) = this.prepare().await
        {
            tracing::warn!(cause = failure.inward(), "the bus cannot be used yet");
        }
        drop(this);
        tokio::select! {
            changed = gaps.changed() => if changed.is_err() { return },
            () = tokio::time::sleep(AGAIN) => {}
        }
    }
}
