//! Audit records who saw whose record, when and why. It commits an entry before consent signs a permit, and completes it
//! later with the datasets shown. Each half becomes a leaf of a Merkle tree that anybody can verify. Audit must never change
//! or delete a row before its retention ends, and never store clinical or demographic content.
//!
//! It subscribes to people only to learn which sign-in is which person, so that a patient can read their own log.
//!
//! Flow: `lib → {http, events} → service → store`. Calls nobody.

pub mod domain;
mod events;
mod http;
mod metrics;
pub mod process;
mod service;
mod store;

use std::sync::Arc;

use axum::Router;
use lcr_bus::{Mode, Subscriptions};
use lcr_contracts::{Audit, events::Stream};
use lcr_model::{Clock, SigningKey};
use lcr_runtime::Stop;
use lcr_store::{Durability, Location, Store};
use lcr_web::Authenticator;
use tokio::sync::Notify;

pub use metrics::Metrics;
pub use service::OutsideTree;

/// The dependencies of audit.
#[derive(Debug)]
pub struct Deps {
    /// The location of its own database.
    pub store: Location,
    pub clock: Arc<dyn Clock>,
    pub authenticator: Authenticator,
    pub stop: Stop,
    pub metrics: Metrics,
    /// Signs checkpoints. It is separate from the service's own key.
    pub log_key: SigningKey,
}

/// Why audit did not start.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    #[error("cannot open the store: {0}")]
    Store(#[from] sea_orm::DbErr),
    #[error("the log's key is not an Ed25519 key")]
    Key,
}

/// Audit as other services use it.
#[derive(Clone)]
pub struct Handle {
    pub api: Arc<dyn Audit>,
    pub router: Router,
    pub store: Store,
    /// Verifies checkpoints.
    pub verifier: String,
    service: service::Service,
}

impl std::fmt::Debug for Handle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("audit::Handle")
    }
}

/// Opens the log.
pub async fn build(deps: Deps) -> Result<Handle, BuildError> {
    let signer = domain::key::signer(&deps.log_key).ok_or(BuildError::Key)?;
    let store = Store::open::<store::Migrator>(deps.store, "audit", Durability::Acknowledged).await?;
    let verifier = domain::key::verifier(&deps.log_key);
    let key = domain::row_code::RowKey::derive_from(&deps.log_key).ok_or(BuildError::Key)?;
    let text_keys = domain::text_key::derive_from(&deps.log_key).ok_or(BuildError::Key)?;
    let wake = Arc::new(Notify::new());
    let monitor =
        service::checkpoint_monitor::CheckpointMonitor::new(store.clone(), deps.clock.clone(), verifier.clone());
    let sequencer = service::sequencer::Sequencer {
        store: store.clone(),
        signer: Arc::new(signer),
        verifier: verifier.clone(),
        wake: wake.clone(),
        stop: deps.stop.clone(),
        clock: deps.clock.clone(),
        key: key.clone(),
        monitor: monitor.clone(),
    };
    tokio::spawn(sequencer.run());
    let service = service::Service {
        store: store.clone(),
        appends: store::start_appends(store.clone()),
        clock: deps.clock,
        stop: deps.stop,
        wake,
        metrics: deps.metrics,
        key,
        text_keys: Arc::new(text_keys),
        monitor,
    };
    let api: Arc<dyn Audit> = Arc::new(service.clone());
    let router = http::router(&service, deps.authenticator);
    Ok(Handle { api, router, store, verifier, service })
}

impl Handle {
    /// Fails if entries can no longer be appended.
    pub fn require_ready(&self) -> Result<(), lcr_contracts::Failure> {
        if self.service.stop.is_cancelled() {
            return Err(lcr_contracts::Failure::cannot_record("stopping"));
        }
        Ok(())
    }

    /// Leaves with their rows, for officers.
    pub async fn open_leaves(
        &self,
        caller: &lcr_contracts::Caller,
        first: u64,
        limit: u64,
    ) -> Result<Vec<domain::leaf::OpenLeaf>, lcr_contracts::Failure> {
        self.service.open_leaves(caller, first, limit).await
    }

    /// Subscribes to completed views and people. Call it once every store is attached to the bus.
    pub fn listen(&self, subscriptions: &Subscriptions) {
        let consumer = Arc::new(events::Completions { service: self.service.clone() });
        let bus_metrics = &self.service.metrics.bus;
        subscriptions.subscribe(Stream::Audit, Mode::Work("audit"), consumer, bus_metrics.clone());
        let logins = Arc::new(events::Logins(self.service.clone()));
        subscriptions.subscribe(Stream::People, Mode::Work("audit"), logins, bus_metrics.clone());
        tokio::spawn(self.service.clone().sample_queue());
    }
}
