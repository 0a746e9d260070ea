//! Audit: who saw whose record, when and why. An entry is appended and committed before a permit exists; it is
//! completed, later, with what was shown; each half has its place in a tree that anybody can verify. Nothing here is
//! ever changed or deleted before its retention ends, and no clinical or demographic content is taken in.
//!
//! Differs from the design's table: it also hears people, and keeps of them only which sign-in is which person, since
//! it calls nobody and a person may read their own log.
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
use lcr_bus::{Ears, Mode};
use lcr_contracts::{Audit, events::Stream};
use lcr_model::{Clock, SigningKey};
use lcr_runtime::Stop;
use lcr_store::{Durability, Location, Store};
use lcr_web::Gate;
use tokio::sync::Notify;
use utoipa::openapi::OpenApi;

pub use metrics::Numbers;
pub use service::Outside;

/// What audit needs.
#[derive(Debug)]
pub struct Deps {
    /// Where its own data is.
    pub store: Location,
    pub clock: Arc<dyn Clock>,
    pub gate: Gate,
    pub stop: Stop,
    pub metrics: Numbers,
    /// Signs checkpoints; kept apart from the service's own key.
    pub log_key: SigningKey,
}

/// Why audit did not start.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    #[error("the store did not open: {0}")]
    Store(#[from] sea_orm::DbErr),
    #[error("the log's key is not one")]
    Key,
}

/// What audit is to the others.
#[derive(Clone)]
pub struct Handle {
    pub api: Arc<dyn Audit>,
    pub router: Router,
    pub document: OpenApi,
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
    let key = domain::code::RowKey::of(&deps.log_key).ok_or(BuildError::Key)?;
    let woken = Arc::new(Notify::new());
    let watch = service::watch::Watch::new(store.clone(), deps.clock.clone(), verifier.clone());
    let sequencer = service::sequencer::Sequencer {
        store: store.clone(),
        signer: Arc::new(signer),
        verifier: verifier.clone(),
        woken: woken.clone(),
        stop: deps.stop.clone(),
        clock: deps.clock.clone(),
        key: key.clone(),
        watch: watch.clone(),
    };
    tokio::spawn(sequencer.run());
    let service = service::Service {
        store: store.clone(),
        clock: deps.clock,
        stop: deps.stop,
        woken,
        numbers: deps.metrics,
        key,
        watch,
    };
    let api: Arc<dyn Audit> = Arc::new(service.clone());
    let (router, document) = http::router(&service, deps.gate);
    Ok(Handle { api, router, document, store, verifier, service })
}

impl Handle {
    /// Whether entries can be appended.
    pub fn ready(&self) -> Result<(), lcr_contracts::Failure> {
        if self.service.stop.is_cancelled() {
            return Err(lcr_contracts::Failure::cannot_record("stopping"));
        }
        Ok(())
    }

    /// Leaves with what opens them, for those whose desk the log is.
    pub async fn open_leaves(
        &self,
        caller: &lcr_contracts::Caller,
        first: u64,
        limit: u64,
    ) -> Result<Vec<domain::leaf::OpenLeaf>, lcr_contracts::Failure> {
        self.service.open_leaves(caller, first, limit).await
    }

    /// Starts hearing completions. Called when every store is attached to the bus.
    pub fn listen(&self, ears: &Ears) {
        let consumer = Arc::new(events::Completions { service: self.service.clone() });
        let heard = &self.service.numbers.bus;
        ears.hear(Stream::Audit, Mode::Work("audit"), consumer, heard.clone());
        let logins = Arc::new(events::Logins(self.service.clone()));
        ears.hear(Stream::People, Mode::Work("audit"), logins, heard.clone());
        tokio::spawn(self.service.clone().look_at_what_waits());
    }
}
