//! Record aggregation: one person's record from every permitted source at once, each within its own time and
//! budget, each with its state. It only ever reads from a source: there is no write to call (promise 1), and it
//! shows nothing without a permit (promise 2).
//!
//! Flow: `lib → {http, events} → service → {domain, sources, store}`. Calls patient-index, consent and
//! partners' systems.

mod domain;
mod events;
mod facade;
mod hashed_ids;
mod http;
mod metrics;
pub mod process;
mod roster;
mod service;
mod sources;
mod store;
#[cfg(test)]
mod testing;

use std::{sync::Arc, time::Duration};

use axum::Router;
use lcr_bus::{Ears, Mode};
use lcr_cache::SealedCache;
use lcr_contracts::{Consent, PatientIndex, Records, events::Stream};
use lcr_model::{Clock, seal::DataKeys};
use lcr_runtime::Stop;
use lcr_store::{Durability, Location, Store};
use lcr_web::{Gate, Outbound};
use utoipa::openapi::OpenApi;

pub use metrics::Numbers;

/// What record-aggregation needs.
pub struct Deps {
    /// Where its own data is.
    pub store: Location,
    pub clock: Arc<dyn Clock>,
    pub gate: Gate,
    pub data_keys: Arc<DataKeys>,
    pub cache: SealedCache,
    pub outbound: Outbound,
    pub patient_index: Arc<dyn PatientIndex>,
    pub consent: Arc<dyn Consent>,
    /// How long a view waits for its sources; 2 s by default.
    pub deadline: Duration,
    pub metrics: Numbers,
    pub stop: Stop,
}

impl std::fmt::Debug for Deps {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("record_aggregation::Deps")
    }
}

/// What record-aggregation is to the others.
#[derive(Clone)]
pub struct Handle {
    pub api: Arc<dyn Records>,
    pub router: Router,
    pub document: OpenApi,
    pub store: Store,
    service: Arc<service::Service>,
    roster: Arc<roster::Roster>,
}

impl std::fmt::Debug for Handle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("record_aggregation::Handle")
    }
}

pub async fn build(deps: Deps) -> Result<Handle, sea_orm::DbErr> {
    // It owns a log others follow: what it published must not be forgotten by a power cut.
    let store =
        Store::open::<store::Migrator>(deps.store, "record-aggregation", Durability::Acknowledged).await?;
    let registry = lcr_store::registry::load(store.read()).await?;
    let sources = sources::Sources::new(
        deps.outbound.clone(),
        deps.cache,
        deps.clock.clone(),
        deps.metrics.sources.clone(),
    );
    sources.adopt(registry);
    let sources = Arc::new(sources);
    let key = lcr_store::local_id_key::load(&store, &deps.data_keys, "record-aggregation").await?;
    let hashed_ids =
        hashed_ids::HashedIds { store: store.clone(), keys: deps.data_keys.clone(), key: Arc::new(key) };
    let roster = Arc::new(roster::Roster {
        store: store.clone(),
        hashed_ids: hashed_ids.clone(),
        outbound: deps.outbound,
        keys: deps.data_keys.clone(),
        clock: deps.clock.clone(),
        sources: sources.clone(),
        woken: tokio::sync::Notify::new(),
        budget: roster::Budget::default(),
        resting: std::sync::Mutex::default(),
    });
    let service = Arc::new(service::Service {
        store: store.clone(),
        clock: deps.clock.clone(),
        sources,
        deciding: service::Deciding {
            patient_index: deps.patient_index,
            consent: deps.consent,
            keys: deps.gate.keys.clone(),
            clock: deps.clock,
        },
        shelf: service::Shelf { store: store.clone(), keys: deps.data_keys },
        hashed_ids,
        news: tokio::sync::broadcast::channel(service::news::KEPT).0,
        deadline: deps.deadline,
        numbers: deps.metrics,
        sharing: service::Sharing::default(),
        stop: deps.stop,
    });
    let api: Arc<dyn Records> = service.clone();
    let (router, document) = http::router(service.clone(), deps.gate);
    Ok(Handle { api, router, document, store, service, roster })
}

impl Handle {
    /// Starts hearing the registry, what sources push, stays of the ward and what may change a decision, and reading the
    /// lists of people.
    pub fn listen(&self, ears: &Ears) {
        let consumer =
            Arc::new(events::Partners { service: self.service.clone(), roster: self.roster.clone() });
        let (me, heard) = (Mode::Work("record-aggregation"), self.service.numbers.bus.clone());
        ears.hear(Stream::Partners, me, consumer, heard.clone());
        let (service, roster) = (self.service.clone(), self.roster.clone());
        tokio::spawn(lcr_store::registry::follow(self.store.clone(), move |registry| {
            service.sources.adopt(registry);
            roster.woken.notify_one();
        }));
        let (shelf, hashed_ids) = (self.service.shelf.clone(), self.service.hashed_ids.clone());
        let pushes = Arc::new(events::Pushes { shelf, hashed_ids });
        ears.hear(Stream::Feeds, me, pushes, heard.clone());
        let stays = Arc::new(events::Stays(self.service.shelf.clone()));
        ears.hear(Stream::Ward, me, stays, heard.clone());
        for stream in [Stream::Consent, Stream::People, Stream::Identity, Stream::Feeds, Stream::Ward] {
            let (views, keys) = (self.service.news.clone(), self.service.shelf.keys.clone());
            let listener = Arc::new(service::news::Listener { views, keys });
            ears.hear(stream, Mode::Watch, listener, heard.clone());
        }
        tokio::spawn(self.service.sources.clone().look());
        tokio::spawn(self.roster.clone().run());
    }

    /// Whether every source's list of people has been read once: (finished, of, people).
    pub async fn loaded(&self) -> (usize, usize, u64) {
        self.roster.progress().await
    }
}
