//! Consent decides who may see what of whom. It decides from its own copies of people and agreements, waits until audit
//! has committed the entry, and only then signs a permit. It owns people's choices and
//! users' claims, which are in force once acknowledged.
//! It must never grant on facts older than the question, and it calls nobody but audit.
//!
//! Stays come from virtual-ward (`ward.changed`), not from raw encounters, so that one fold decides who is in hospital.
//!
//! Flow: `lib → {http, events} → service → {domain, store}`. Calls audit.

pub mod domain;
mod events;
mod http;
mod metrics;
pub mod process;
mod service;
mod store;

use std::{
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};

use axum::Router;
use lcr_bus::{Mode, Subscriptions};
use lcr_contracts::{Audit, Consent, events::Stream};
use lcr_model::{Clock, SigningKey, seal::DataKeys};
use lcr_store::{Durability, Location, Store};
use lcr_web::Authenticator;
use tokio::sync::RwLock;

pub use metrics::Metrics;

use domain::policies::{OverridePolicy, Policies};
use service::{Epochs, RecordedViews, Service, Witness};

/// How long a start waits for audit before it serves.
const RECONCILE_TIMEOUT: Duration = Duration::from_secs(1);

/// The dependencies of consent.
pub struct Deps {
    /// The location of its own database.
    pub store: Location,
    pub clock: Arc<dyn Clock>,
    pub authenticator: Authenticator,
    /// The only key that signs permits.
    pub signer: SigningKey,
    pub audit: Arc<dyn Audit>,
    /// Opens stays that virtual-ward sealed, and seals reasons of choices.
    pub data_keys: Arc<DataKeys>,
    /// Whether staff may override a refusal in an emergency.
    pub override_policy: OverridePolicy,
    pub metrics: Metrics,
}

impl std::fmt::Debug for Deps {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("consent::Deps")
    }
}

/// Why consent did not start.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    #[error("cannot open the store: {0}")]
    Store(#[from] sea_orm::DbErr),
    #[error("the policies are invalid: {0}")]
    Policies(String),
}

/// Consent as other services use it.
#[derive(Clone)]
pub struct Handle {
    pub api: Arc<dyn Consent>,
    pub router: Router,
    pub store: Store,
    service: Arc<Service>,
}

impl std::fmt::Debug for Handle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("consent::Handle")
    }
}

pub async fn build(deps: Deps) -> Result<Handle, BuildError> {
    let policies = Policies::shipped(deps.override_policy).map_err(BuildError::Policies)?;
    // Choices exist only here. Everything else is a copy that its owner can publish again.
    let store = Store::open::<store::Migrator>(deps.store, "consent", Durability::Acknowledged).await?;
    let head = store::kept_entry::read_newest_head(store.read()).await?;
    let epochs = Epochs::for_store(&store, deps.clock.now());
    let service = Arc::new(Service {
        store: store.clone(),
        clock: deps.clock,
        policies,
        signer: deps.signer,
        audit: deps.audit,
        data_keys: deps.data_keys,
        epochs,
        views: RecordedViews::default(),
        registry: RwLock::default(),
        metrics: deps.metrics,
        reconciled: AtomicBool::new(false),
        witness: Witness::starting_at(head),
    });
    // Usually finishes before the first question. Without audit, consent can decide nothing anyway.
    let reconciled = tokio::time::timeout(RECONCILE_TIMEOUT, service.reconcile_after_restore()).await;
    if let Ok(Err(failure)) = reconciled {
        tracing::warn!(event = "choices-not-compared", cause = failure.inward(), "trying again");
    }
    tokio::spawn(service.clone().run_checkpoints());
    tokio::spawn(service.clone().run_witness_writer());
    tokio::spawn(service.clone().run_reconciler());
    tokio::spawn(service.clone().run_identity_repair());
    tokio::spawn(service.clone().run_link_recount());
    let api: Arc<dyn Consent> = service.clone();
    let router = http::router(api.clone(), deps.authenticator);
    Ok(Handle { api, router, store, service })
}

impl Handle {
    /// Fails until choices are reconciled with the audit log. Consent decides nothing before.
    pub fn require_reconciled(&self) -> Result<(), String> {
        self.service.require_reconciled().map_err(|_| "not compared with the log yet".to_owned())
    }

    /// Compares appended entries with the audit log, as at `now`. Returns how many are missing or altered.
    pub async fn reconcile(&self, now: jiff::Timestamp) -> Result<u64, lcr_contracts::Failure> {
        self.service.write_witness().await?;
        self.service.reconcile(now).await
    }

    /// Subscribes to people, partners, stays, care links and ended sessions.
    pub fn listen(&self, subscriptions: &Subscriptions) {
        let consumer = Arc::new(events::Projections { service: self.service.clone() });
        let bus_metrics = &self.service.metrics.bus;
        for stream in [Stream::People, Stream::Partners, Stream::Ward, Stream::Feeds] {
            subscriptions.subscribe(stream, Mode::Work("consent"), consumer.clone(), bus_metrics.clone());
        }
        if self.store.is_shared() {
            subscriptions.subscribe(Stream::Identity, Mode::Work("consent"), consumer, bus_metrics.clone());
        } else {
            // A single process holds ended sessions in memory only, so it reads them from the start.
            subscriptions.subscribe_from_start(Stream::Identity, "consent", consumer, bus_metrics.clone());
        }
    }
}
