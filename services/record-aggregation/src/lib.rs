//! Record aggregation: builds one person's record from all permitted sources at once, with the state of each source. It must
//! never write to a source, and never show anything without a permit (promises 1 and 2 of `services/DESIGN.md`).
//!
//! Flow: `lib → {http, events} → service → {domain, sources, store}`. It calls patient-index, consent and partners' systems.

mod care_list_sync;
mod domain;
mod events;
mod fhir_api;
mod hashed_ids;
mod http;
mod list_reader;
mod metrics;
mod patient_list_sync;
pub mod process;
mod service;
mod sources;
mod store;
#[cfg(test)]
mod testing;

use std::{sync::Arc, time::Duration};

use axum::Router;
use lcr_authorise::Authoriser;
use lcr_bus::{Mode, Subscriptions};
use lcr_cache::SealedCache;
use lcr_contracts::{Consent, PatientIndex, Records, events::Stream};
use lcr_model::{Clock, ServiceName, seal::DataKeys};
use lcr_runtime::Stop;
use lcr_store::{Durability, Location, Store};
use lcr_web::{Authenticator, Outbound};

pub use metrics::Metrics;

/// The dependencies of record-aggregation.
pub struct Deps {
    /// Where its own store is.
    pub store: Location,
    pub clock: Arc<dyn Clock>,
    pub authenticator: Authenticator,
    pub data_keys: Arc<DataKeys>,
    pub cache: SealedCache,
    pub outbound: Outbound,
    pub patient_index: Arc<dyn PatientIndex>,
    pub consent: Arc<dyn Consent>,
    /// How long a view waits for its sources. The default is 2 s.
    pub deadline: Duration,
    pub metrics: Metrics,
    pub stop: Stop,
}

impl std::fmt::Debug for Deps {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("record_aggregation::Deps")
    }
}

/// The running service: its API, routes and store.
#[derive(Clone)]
pub struct Handle {
    pub api: Arc<dyn Records>,
    pub router: Router,
    pub store: Store,
    service: Arc<service::Service>,
    patient_lists: Arc<patient_list_sync::PatientListSync>,
    care_lists: Arc<care_list_sync::CareListSync>,
}

impl std::fmt::Debug for Handle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("record_aggregation::Handle")
    }
}

pub async fn build(deps: Deps) -> Result<Handle, sea_orm::DbErr> {
    // Other services follow its event log, so a published event must survive a power cut.
    let store = Store::open::<store::Migrator>(deps.store, "record-aggregation", Durability::Acknowledged).await?;
    let registry = lcr_store::registry::load(store.read()).await?;
    let sources = sources::Sources::new(
        deps.outbound,
        deps.data_keys.clone(),
        deps.cache,
        deps.clock.clone(),
        deps.metrics.sources.clone(),
    );
    sources.set_registry(registry);
    let sources = Arc::new(sources);
    let key = lcr_store::local_id_key::load(&store, &deps.data_keys, "record-aggregation").await?;
    let hashed_ids = hashed_ids::HashedIds { store: store.clone(), keys: deps.data_keys.clone(), key: Arc::new(key) };
    let reader = || list_reader::ListReader::new(deps.clock.clone(), sources.clone(), list_reader::Budget::default());
    let lists: Arc<store::recent_rows::RecentRows<store::list_progress::Model>> = Arc::default();
    let patient_lists = Arc::new(patient_list_sync::PatientListSync {
        store: store.clone(),
        keys: deps.data_keys.clone(),
        hashed_ids: hashed_ids.clone(),
        lists: lists.clone(),
        reader: reader(),
    });
    let care_lists = Arc::new(care_list_sync::CareListSync {
        store: store.clone(),
        keys: deps.data_keys.clone(),
        hashed_ids: hashed_ids.clone(),
        reader: reader(),
    });
    let service = Arc::new(service::Service {
        store: store.clone(),
        clock: deps.clock.clone(),
        sources,
        decisions: service::DecisionClient {
            patient_index: deps.patient_index,
            authoriser: Authoriser {
                service: ServiceName::RecordAggregation,
                consent: deps.consent,
                keys: deps.authenticator.keys.clone(),
                clock: deps.clock,
            },
        },
        pushed_items: service::PushedItems { store: store.clone(), keys: deps.data_keys.clone() },
        ward_stays: service::WardStays { store: store.clone(), keys: deps.data_keys, feeds: Arc::default() },
        hashed_ids,
        lists,
        changes: tokio::sync::broadcast::channel(service::change_feed::CHANNEL_CAPACITY).0,
        deadline: deps.deadline,
        metrics: deps.metrics,
        sharing: service::AnswerSharing::default(),
        completions: service::start_completions(store.clone()),
        stop: deps.stop,
    });
    let api: Arc<dyn Records> = service.clone();
    let router = http::router(service.clone(), deps.authenticator);
    Ok(Handle { api, router, store, service, patient_lists, care_lists })
}

impl Handle {
    /// Subscribes to the events it needs, and starts reading the sources' lists of people and of episodes.
    pub fn listen(&self, subscriptions: &Subscriptions) {
        let (mode, metrics) = (Mode::Work("record-aggregation"), self.service.metrics.bus.clone());
        let lists = || (self.patient_lists.clone(), self.care_lists.clone());
        let (service, (patient_lists, care_lists)) = (self.service.clone(), lists());
        let registry = Arc::new(events::RegistryConsumer { service, patient_lists, care_lists });
        subscriptions.subscribe(Stream::Partners, mode, registry, metrics.clone());
        let (service, (patient_lists, care_lists)) = (self.service.clone(), lists());
        tokio::spawn(lcr_store::registry::follow(self.store.clone(), move |registry| {
            service.sources.set_registry(registry);
            patient_lists.reader.wake();
            care_lists.reader.wake();
        }));
        let (pushed_items, hashed_ids) = (self.service.pushed_items.clone(), self.service.hashed_ids.clone());
        let feeds = Arc::new(events::FeedsConsumer { pushed_items, hashed_ids });
        subscriptions.subscribe(Stream::Feeds, mode, feeds, metrics.clone());
        let ward = Arc::new(events::WardConsumer(self.service.ward_stays.clone()));
        subscriptions.subscribe(Stream::Ward, mode, ward, metrics.clone());
        let watched =
            [Stream::Consent, Stream::People, Stream::Identity, Stream::Feeds, Stream::Ward, Stream::Partners];
        for stream in watched {
            let (views, keys) = (self.service.changes.clone(), self.service.ward_stays.keys.clone());
            let listener = Arc::new(service::change_feed::ChangeListener { views, keys });
            subscriptions.subscribe(stream, Mode::Watch, listener, metrics.clone());
        }
        tokio::spawn(self.service.sources.clone().report_skipped());
        tokio::spawn(self.patient_lists.clone().run());
        tokio::spawn(self.care_lists.clone().run());
    }

    /// How far the sources' lists of people and of episodes are read: (sources finished, sources in all, people read).
    pub async fn list_progress(&self) -> (usize, usize, u64) {
        let (finished, wanted, people) = self.patient_lists.progress().await;
        (finished.min(self.care_lists.sources_read().await), wanted, people)
    }
}
