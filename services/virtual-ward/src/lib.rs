//! Virtual ward: a practice's, team's, ward's or consultant's people in hospital, and those who left within 28
//! days. It is a list, not monitoring: nothing is observed, scored or computed about anybody's health. It never
//! shows a row without a permit, and never counts what was not granted.
//!
//! Flow: `lib → {http, events} → service → {domain, store}`. Calls consent.
//!
//! Besides encounters and people (the design's table) it hears the registry: hospitals have names, sources
//! belong to organisations, and a team's list is made of the practices that are part of it. It hears pushed items
//! too, for the discharge letter and the results that were still awaited. Ended sessions and choices are watched,
//! for open lists.
//!
//! Everything kept is a copy or a fold of what others own and can publish again (`replay`). Its own log is another
//! matter: consent's relationships follow it, so what was told must not be forgotten by a power cut, and the store
//! commits to disk. Versions it publishes are by the clock: a rebuilt log goes on above what was told before.

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
use lcr_bus::{Ears, Mode};
use lcr_contracts::{Consent, VirtualWard, events::Stream};
use lcr_model::{Clock, seal::DataKeys};
use lcr_runtime::Stop;
use lcr_store::{Durability, Location, Store};
use lcr_web::Gate;
use tokio::sync::broadcast;
use utoipa::openapi::OpenApi;

pub use metrics::Numbers;
pub use preview::{Listed, Merged, Preview, preview};

/// Changes an open list may be behind before it looks at everything again.
const NEWS: usize = 256;

/// What virtual-ward needs.
pub struct Deps {
    /// Where its own data is.
    pub store: Location,
    pub clock: Arc<dyn Clock>,
    pub gate: Gate,
    pub data_keys: Arc<DataKeys>,
    pub consent: Arc<dyn Consent>,
    pub metrics: Numbers,
    pub stop: Stop,
}

impl std::fmt::Debug for Deps {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("virtual_ward::Deps")
    }
}

/// What virtual-ward is to the others.
#[derive(Clone)]
pub struct Handle {
    pub api: Arc<dyn VirtualWard>,
    pub router: Router,
    pub document: OpenApi,
    pub store: Store,
    projections: Arc<events::Projections>,
    watch: Arc<events::Watch>,
    service: service::Service,
    numbers: Numbers,
}

impl std::fmt::Debug for Handle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("virtual_ward::Handle")
    }
}

pub async fn build(deps: Deps) -> Result<Handle, sea_orm::DbErr> {
    let store = Store::open::<store::Migrator>(deps.store, "virtual-ward", Durability::Acknowledged).await?;
    let (news, _) = broadcast::channel(NEWS);
    let service = service::Service {
        store: store.clone(),
        clock: deps.clock.clone(),
        consent: deps.consent,
        keys: deps.gate.keys.clone(),
        data_keys: deps.data_keys.clone(),
        news: news.clone(),
        stop: deps.stop,
        numbers: deps.metrics.clone(),
    };
    let api: Arc<dyn VirtualWard> = Arc::new(service.clone());
    let (router, document) = http::router(api.clone(), deps.gate);
    let projections = Arc::new(events::Projections {
        store: store.clone(),
        keys: deps.data_keys,
        clock: deps.clock,
        news: news.clone(),
    });
    let watch = Arc::new(events::Watch { news });
    Ok(Handle { api, router, document, store, projections, watch, service, numbers: deps.metrics })
}

impl Handle {
    /// Starts hearing hospitals, the index and the registry, and what open lists must know of.
    pub fn listen(&self, ears: &Ears) {
        for stream in [Stream::Feeds, Stream::People, Stream::Partners] {
            let (projections, heard) = (self.projections.clone(), self.numbers.bus.clone());
            ears.hear(stream, Mode::Work("virtual-ward"), projections, heard);
        }
        tokio::spawn(self.service.clone().look_at_delays());
        let projections = self.projections.clone();
        let stop = self.service.stop.clone();
        tokio::spawn(async move { projections.keep_folding_old(stop).await });
        for stream in events::WATCHED {
            let (watch, heard) = (self.watch.clone(), self.numbers.bus.clone());
            ears.hear(stream, Mode::Watch, watch, heard);
        }
    }
}
