//! Identity owns organisations, agreements, source systems, users and sessions. It signs people in with their own
//! organisation's provider or a launch from their own system, and states who they are in five-minute tokens. It must never
//! see a password, and stores session secrets only as hashes.
//!
//! Flow: `lib → http → {partners, launch, service, oidc, oauth2} → {organisations, systems, providers, people} → {changed_fields, domain, store}`. Calls partners' identity providers.

mod changed_fields;
mod contract;
mod domain;
mod http;
mod launch;
mod metrics;
mod oauth2;
mod oidc;
mod organisations;
mod partners;
mod patient_login;
mod people;
pub mod process;
mod providers;
mod registrar;
mod seed;
mod service;
mod session_rules;
mod store;
mod systems;

use std::sync::Arc;

use axum::Router;
use lcr_contracts::{Identity, Partners};
use lcr_model::{Clock, seal::DataKeys};
use lcr_store::{Durability, Location, Store};
use lcr_web::{Authenticator, Outbound};

pub use metrics::Metrics;
pub use oidc::settings::ProviderSettings;
pub use seed::Seed;
pub use store::client::ClientSeed;

/// The dependencies of identity.
pub struct Deps {
    /// The location of its own database.
    pub store: Location,
    pub clock: Arc<dyn Clock>,
    pub authenticator: Authenticator,
    pub data_keys: Arc<DataKeys>,
    pub outbound: Outbound,
    /// The address at which browsers reach the platform, such as `http://localhost:8080`.
    pub public_origin: String,
    /// The providers with which people may sign in.
    pub providers: Vec<ProviderSettings>,
    /// In a demonstration, the registry may contain a source that accepts any sender.
    pub demo: bool,
    pub metrics: Metrics,
}

impl std::fmt::Debug for Deps {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("identity::Deps")
    }
}

/// Identity as other services use it.
#[derive(Clone)]
pub struct Handle {
    pub api: Arc<dyn Identity>,
    pub partners: Arc<dyn Partners>,
    pub router: Router,
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
    let oidc = oidc::Oidc::new(deps.providers, &deps.outbound, &deps.public_origin, deps.authenticator.keys.own());
    let service = Arc::new(service::Service {
        store: store.clone(),
        clock: deps.clock,
        keys: deps.authenticator.keys.clone(),
        data_keys: deps.data_keys,
        oidc,
        outbound: deps.outbound,
        client_access: systems::client_access::ClientAccess::default(),
        public_origin: deps.public_origin,
        demo: deps.demo,
        metrics: deps.metrics,
    });
    providers::watch(&service);
    tokio::spawn(organisations::keep_current(service.clone()));
    let checker = service.clone();
    tokio::spawn(async move { checker.oidc.check_providers(&*checker.clock).await });
    let api: Arc<dyn Identity> = service.clone();
    let partners: Arc<dyn Partners> = service.clone();
    let router = http::router(service.clone(), deps.authenticator);
    Ok(Handle { api, partners, router, store, service })
}

impl Handle {
    /// Stores these rows in the registry, except rows that others manage. Publishes the changes.
    pub async fn seed(&self, seed: Seed) -> Result<(), lcr_contracts::Failure> {
        seed::apply(&self.service, seed).await
    }
}
