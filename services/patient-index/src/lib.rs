//! Patient index: who is who. It mints person ids, keeps every identity a source has told of, links those that
//! are surely one person, and finds people for those who may search. An id is never reused, and no demographics
//! leave it but the identity stub.
//!
//! Flow: `lib → {http, events} → service → {domain, store}`. Calls consent.

pub mod domain;
mod events;
mod http;
mod metrics;
pub mod process;
mod restate;
mod service;
mod store;

use std::{num::NonZeroU32, sync::Arc, time::Duration};

use axum::Router;
use lcr_bus::{Ears, Mode};
use lcr_contracts::{Consent, PatientIndex, events::Stream};
use lcr_model::{Clock, seal::DataKeys};
use lcr_store::{Durability, Location, Store};
use lcr_web::{Gate, rate::Rates};
use utoipa::openapi::OpenApi;

pub use metrics::Numbers;

/// How often one person may search in a minute, where no setting says otherwise: more than a busy reception does.
pub const SEARCHES_PER_MINUTE: NonZeroU32 = NonZeroU32::MIN.saturating_add(59);

/// How often places of restricted people are looked for that a replica of the version before stored during an upgrade, or
/// after one was taken back.
const FORGET_AGAIN: Duration = Duration::from_mins(5);

/// What patient-index needs.
pub struct Deps {
    /// Where its own data is.
    pub store: Location,
    pub clock: Arc<dyn Clock>,
    pub gate: Gate,
    pub data_keys: Arc<DataKeys>,
    pub consent: Arc<dyn Consent>,
    /// How often one person may search in a minute.
    pub searches_per_minute: NonZeroU32,
    pub metrics: Numbers,
}

impl std::fmt::Debug for Deps {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("patient_index::Deps")
    }
}

/// What patient-index is to the others.
#[derive(Clone)]
pub struct Handle {
    pub api: Arc<dyn PatientIndex>,
    pub router: Router,
    pub document: OpenApi,
    pub store: Store,
    consumer: Arc<events::Demographics>,
    numbers: Numbers,
}

impl std::fmt::Debug for Handle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("patient_index::Handle")
    }
}

pub async fn build(deps: Deps) -> Result<Handle, sea_orm::DbErr> {
    let store = Store::open::<store::Migrator>(deps.store, "patient-index", Durability::Acknowledged).await?;
    let api: Arc<dyn PatientIndex> = Arc::new(service::Service {
        store: store.clone(),
        clock: deps.clock.clone(),
        consent: deps.consent,
        keys: deps.gate.keys.clone(),
        rates: Rates::a_minute(deps.searches_per_minute, deps.searches_per_minute),
        told: Rates::a_minute(NonZeroU32::MIN, NonZeroU32::MIN),
        numbers: deps.metrics.clone(),
    });
    let (router, document) = http::router(api.clone(), deps.gate);
    let consumer =
        Arc::new(events::Demographics { store: store.clone(), keys: deps.data_keys, clock: deps.clock });
    Ok(Handle { api, router, document, store, consumer, numbers: deps.metrics })
}

impl Handle {
    /// Starts hearing what sources say of people.
    pub fn listen(&self, ears: &Ears) {
        let (consumer, heard) = (self.consumer.clone(), self.numbers.bus.clone());
        ears.hear(Stream::Feeds, Mode::Work("patient-index"), consumer, heard);
        let me = self.clone();
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(FORGET_AGAIN).await;
                me.forget_places().await;
            }
        });
    }

    /// Erases where restricted people live, which nothing of this version stores.
    pub async fn forget_places(&self) {
        self.consumer.forget_places().await;
    }
}
