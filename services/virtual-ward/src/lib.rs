//! The virtual ward: the people of a practice, team, ward or consultant who are in hospital, and those who left within 28
//! days. It is a list, not monitoring: it must never observe, score or compute anything about a person's health, show a row
//! without a permit, or count a stay that was not granted.
//!
//! Flow: `lib → {http, events} → service → {domain, store}`. It calls consent.
//!
//! It subscribes to encounters and demographics, people, the registry (hospital names, the practices of a team) and pushed
//! items (discharge letters, pending results). For open lists it also watches choices and ended sessions.
//!
//! Its tables can be rebuilt by a replay of the owners' logs. Consent's relationships depend on its own outbox, so the store
//! commits to disk. Published versions follow the clock, so that a rebuilt outbox continues above its earlier versions.

pub mod domain;
mod events;
mod http;
mod metrics;
mod preview;
pub mod process;
mod service;
mod store;

use std::sync::Arc;

use axum::Router;
use lcr_authorise::Authoriser;
use lcr_bus::{Mode, Subscriptions};
use lcr_contracts::{Consent, VirtualWard, events::Stream};
use lcr_model::{Clock, ServiceName, seal::DataKeys};
use lcr_runtime::Stop;
use lcr_store::{Durability, Location, Store};
use lcr_web::Authenticator;
use tokio::sync::broadcast;

pub use metrics::Metrics;
pub use preview::{MergedNumber, Preview, PreviewStatus, preview};

/// An open list that misses more notices than this checks everything.
const CHANGE_BUFFER: usize = 256;

/// The dependencies of virtual-ward.
pub struct Deps {
    /// The location of its own database.
    pub store: Location,
    pub clock: Arc<dyn Clock>,
    pub authenticator: Authenticator,
    pub data_keys: Arc<DataKeys>,
    pub consent: Arc<dyn Consent>,
    pub metrics: Metrics,
    pub stop: Stop,
}

impl std::fmt::Debug for Deps {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("virtual_ward::Deps")
    }
}

/// The running service, as other services and the process use it.
#[derive(Clone)]
pub struct Handle {
    pub api: Arc<dyn VirtualWard>,
    pub router: Router,
    pub store: Store,
    projections: Arc<events::Projections>,
    forwarder: Arc<events::ChangeForwarder>,
    service: service::Service,
    metrics: Metrics,
}

impl std::fmt::Debug for Handle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("virtual_ward::Handle")
    }
}

pub async fn build(deps: Deps) -> Result<Handle, sea_orm::DbErr> {
    let store = Store::open::<store::Migrator>(deps.store, "virtual-ward", Durability::Acknowledged).await?;
    let (changes, _) = broadcast::channel(CHANGE_BUFFER);
    let service = service::Service {
        store: store.clone(),
        clock: deps.clock.clone(),
        authoriser: Authoriser {
            service: ServiceName::VirtualWard,
            consent: deps.consent,
            keys: deps.authenticator.keys.clone(),
            clock: deps.clock.clone(),
        },
        data_keys: deps.data_keys.clone(),
        changes: changes.clone(),
        stop: deps.stop,
        metrics: deps.metrics.clone(),
        recent_counts: service::RecentCounts::default(),
    };
    let api: Arc<dyn VirtualWard> = Arc::new(service.clone());
    let router = http::router(api.clone(), deps.authenticator);
    let projections = Arc::new(events::Projections {
        store: store.clone(),
        keys: deps.data_keys,
        clock: deps.clock,
        changes: changes.clone(),
    });
    let forwarder = Arc::new(events::ChangeForwarder { changes });
    Ok(Handle { api, router, store, projections, forwarder, service, metrics: deps.metrics })
}

impl Handle {
    /// Subscribes to its streams and starts the background tasks.
    pub fn listen(&self, subscriptions: &Subscriptions) {
        for stream in [Stream::Feeds, Stream::People, Stream::Partners] {
            let (projections, metrics) = (self.projections.clone(), self.metrics.bus.clone());
            subscriptions.subscribe(stream, Mode::Work("virtual-ward"), projections, metrics);
        }
        tokio::spawn(self.service.clone().run_delay_metrics());
        let projections = self.projections.clone();
        let stop = self.service.stop.clone();
        tokio::spawn(async move { projections.run_refold_loop(stop).await });
        for stream in events::WATCHED_STREAMS {
            let (forwarder, metrics) = (self.forwarder.clone(), self.metrics.bus.clone());
            subscriptions.subscribe(stream, Mode::Watch, forwarder, metrics);
        }
    }
}
