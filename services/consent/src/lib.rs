//! Consent: may this be shown, to whom, of whom. It decides from its own copies of who people are and who has
//! agreed, has audit commit the entry, and only then signs a permit. It makes no other call, and never answers
//! yes on facts older than the question.
//!
//! Flow: `lib → {http, events} → service → {domain, store}`. Calls audit.

pub mod domain;
mod events;
mod http;
mod service;
mod store;

use std::{path::PathBuf, sync::Arc};

use axum::Router;
use lcr_bus::{Bus, Mode, consume};
use lcr_contracts::{Audit, Consent, events::Stream};
use lcr_model::{Clock, SigningKey};
use lcr_store::{Durability, Store};
use lcr_web::Gate;
use utoipa::openapi::OpenApi;

use domain::policies::Policies;
use service::{Epochs, Service};

/// What consent needs.
pub struct Deps {
    pub file: PathBuf,
    pub clock: Arc<dyn Clock>,
    pub gate: Gate,
    /// The one key that signs permits.
    pub signer: SigningKey,
    pub audit: Arc<dyn Audit>,
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
    // Everything here but later choices is a copy that its owner can publish again.
    let store = Store::open::<store::Migrator>(&deps.file, "consent", Durability::Acknowledged).await?;
    let epochs = Epochs::starting_at(deps.clock.now());
    let service =
        Arc::new(Service::new(store.clone(), deps.clock, policies, deps.signer, deps.audit, epochs));
    let api: Arc<dyn Consent> = service.clone();
    let (router, document) = http::router(api.clone(), deps.gate);
    Ok(Handle { api, router, document, store, service })
}

impl Handle {
    /// Starts hearing who people are, who has agreed, and which sessions ended.
    pub fn listen(&self, bus: &Arc<dyn Bus>) {
        let consumer = Arc::new(events::Projections { service: self.service.clone() });
        for (stream, mode) in
            [(Stream::People, Mode::Work("consent")), (Stream::Partners, Mode::Work("consent"))]
        {
            tokio::spawn(consume(bus.clone(), stream, mode, consumer.clone()));
        }
        // Ended sessions are held in memory alone, so after a start they are all heard again.
        let bus = bus.clone();
        tokio::spawn(async move {
            while bus.replay(Stream::Identity, "consent").await.is_err() {
                tokio::time::sleep(std::time::Duration::from_secs(1)).await;
            }
            consume(bus, Stream::Identity, Mode::Work("consent"), consumer).await;
        });
    }
}
