//! Identity: organisations, agreements, source systems, users, sessions. It signs people in against their own
//! organisation's provider and vouches for them in five-minute tokens. Passwords are never seen here; session
//! secrets are kept as hashes only.
//!
//! Flow: `lib → http → {service, oidc, oauth2} → {domain, store}`. Calls partners' identity providers.

mod domain;
mod http;
mod login;
mod metrics;
mod oauth2;
mod oidc;
pub mod process;
mod registrar;
mod seed;
mod service;
mod store;

use std::sync::Arc;

use axum::Router;
use lcr_contracts::Identity;
use lcr_model::{Clock, seal::DataKeys};
use lcr_store::{Durability, Location, Store};
use lcr_web::{Gate, Outbound};
use utoipa::openapi::OpenApi;

pub use metrics::Numbers;
pub use oidc::provider::ProviderSettings;
pub use seed::Seed;
pub use store::client::ClientSeed;

/// What identity needs.
pub struct Deps {
    /// Where its own data is.
    pub store: Location,
    pub clock: Arc<dyn Clock>,
    pub gate: Gate,
    pub data_keys: Arc<DataKeys>,
    pub outbound: Outbound,
    /// `http://localhost:8080`: where browsers reach the platform.
    pub public_origin: String,
    /// The providers people may sign in with.
    pub providers: Vec<ProviderSettings>,
    /// A demonstration: the registry may hold a source that takes any sender.
    pub demo: bool,
    pub metrics: Numbers,
}

impl std::fmt::Debug for Deps {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("identity::Deps")
    }
}

/// What identity is to the others.
#[derive(Clone)]
pub struct Handle {
    pub api: Arc<dyn Identity>,
    pub router: Router,
    pub document: OpenApi,
    pub store: Store,
    service: Arc<service::Service>,
}

impl std::fmt::Debug for Handle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("identity::Handle")
    }
}

pub async fn build(deps: Deps) -> Result<Handle, sea_orm::DbErr> {
    let store = Store::open::<store::Migrator>(deps.store, "identity", Durability::Acknowledged).await?;
    let oidc = oidc::Oidc::new(deps.providers, &deps.outbound, &deps.public_origin, deps.gate.keys.own());
    let service = Arc::new(service::Service {
        store: store.clone(),
        clock: deps.clock,
        keys: deps.gate.keys.clone(),
        data_keys: deps.data_keys,
        oidc,
        public_origin: deps.public_origin,
        demo: deps.demo,
        numbers: deps.metrics,
    });
    let checked = service.clone();
    tokio::spawn(async move { checked.oidc.check(&*checked.clock).await });
    let api: Arc<dyn Identity> = service.clone();
    let (router, document) = http::router(service.clone(), deps.gate);
    Ok(Handle { api, router, document, store, service })
}

impl Handle {
    /// Makes the registry hold exactly these rows beside those others manage; publishes what changed.
    pub async fn seed(&self, seed: Seed) -> Result<(), lcr_contracts::Failure> {
        seed::apply(&self.service, seed).await
    }
}
