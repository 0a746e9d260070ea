//! Consent: may this be shown, to whom, of whom. It decides from its own copies of who people are and who has
//! agreed, has audit commit the entry, and only then signs a permit. It keeps people's choices, in force from the
//! moment they are acknowledged. It makes no other call, and never answers yes on facts older than the question.
//!
//! Differs from the design's table: stays are heard from the ward (`ward.changed`), not as raw encounters, so that
//! one fold alone says who is in hospital; their times travel sealed.
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
use lcr_bus::{Ears, Mode};
use lcr_contracts::{Audit, Consent, events::Stream};
use lcr_model::{Clock, SigningKey, seal::DataKeys};
use lcr_store::{Durability, Location, Store};
use lcr_web::Gate;
use tokio::sync::RwLock;
use utoipa::openapi::OpenApi;

pub use metrics::Numbers;

use domain::policies::Policies;
use service::{Fence, Service, Views, Witness};

/// How long a start waits for audit.
const COMPARED_WITHIN: Duration = Duration::from_secs(1);

/// What consent needs.
pub struct Deps {
    /// Where its own data is.
    pub store: Location,
    pub clock: Arc<dyn Clock>,
    pub gate: Gate,
    /// The one key that signs permits.
    pub signer: SigningKey,
    pub audit: Arc<dyn Audit>,
    /// Opens what the ward seals; seals reasons.
    pub data_keys: Arc<DataKeys>,
    pub metrics: Numbers,
}

impl std::fmt::Debug for Deps {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("consent::Deps")
    }
}

/// Why consent did not start.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    #[error("the store did not open: {0}")]
    Store(#[from] sea_orm::DbErr),
    #[error("the policies do not hold: {0}")]
    Policies(String),
}

/// What consent is to the others.
#[derive(Clone)]
pub struct Handle {
    pub api: Arc<dyn Consent>,
    pub router: Router,
    pub document: OpenApi,
    pub store: Store,
    service: Arc<Service>,
}

impl std::fmt::Debug for Handle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("consent::Handle")
    }
}

pub async fn build(deps: Deps) -> Result<Handle, BuildError> {
    let policies = Policies::shipped().map_err(BuildError::Policies)?;
    // Choices are consent's own; everything else here is a copy that its owner can publish again.
    let store = Store::open::<store::Migrator>(deps.store, "consent", Durability::Acknowledged).await?;
    let head = store::kept_entry::newest_head(store.read()).await?;
    let fence = Fence::over(&store, deps.clock.now());
    let service = Arc::new(Service {
        store: store.clone(),
        clock: deps.clock,
        policies,
        signer: deps.signer,
        audit: deps.audit,
        data_keys: deps.data_keys,
        fence,
        views: Views::default(),
        registry: RwLock::default(),
        numbers: deps.metrics,
        compared: AtomicBool::new(false),
        witness: Witness::of(head),
    });
    // Where audit answers, it is done before anybody asks; where it does not, nothing could be decided either.
    let first = tokio::time::timeout(COMPARED_WITHIN, service.compare()).await;
    if let Ok(Err(failure)) = first {
        tracing::warn!(event = "choices-not-compared", cause = failure.inward(), "trying again");
    }
    tokio::spawn(service.clone().stay_whole());
    tokio::spawn(service.clone().write_down());
    tokio::spawn(service.clone().reconcile_for_ever());
    let api: Arc<dyn Consent> = service.clone();
    let (router, document) = http::router(api.clone(), deps.gate);
    Ok(Handle { api, router, document, store, service })
}

impl Handle {
    /// Why nothing is decided yet, if it is not.
    pub fn is_compared(&self) -> Result<(), String> {
        self.service.is_compared().map_err(|_| "not compared with the log yet".to_owned())
    }

    /// Compares what was appended with the log, as at `now`; how many entries are not there as they were.
    pub async fn reconcile(&self, now: jiff::Timestamp) -> Result<u64, lcr_contracts::Failure> {
        self.service.write_witness().await?;
        self.service.reconcile(now).await
    }

    /// Starts hearing who people are, who is in hospital where, who has agreed, and which sessions ended.
    pub fn listen(&self, ears: &Ears) {
        let consumer = Arc::new(events::Projections { service: self.service.clone() });
        let heard = &self.service.numbers.bus;
        for stream in [Stream::People, Stream::Partners, Stream::Ward] {
            ears.hear(stream, Mode::Work("consent"), consumer.clone(), heard.clone());
        }
        if self.store.is_shared() {
            ears.hear(Stream::Identity, Mode::Work("consent"), consumer, heard.clone());
        } else {
            // In one process ended sessions are held in memory alone.
            ears.hear_all_again(Stream::Identity, "consent", consumer, heard.clone());
        }
    }
}
