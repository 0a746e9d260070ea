//! Patient-index knows who is who. It mints person ids, stores every identity that a source states, links those that are
//! surely one person, and finds people for users who may search. It must never reuse an id, and no demographics may leave it
//! except the patient summary.
//!
//! Flow: `lib → {http, events} → service → {domain, store}`. Calls consent.

pub mod domain;
mod events;
mod http;
mod metrics;
pub mod process;
mod publish_people;
mod service;
mod store;

use std::{num::NonZeroU32, sync::Arc, time::Duration};

use axum::Router;
use lcr_authorise::Authoriser;
use lcr_bus::{Mode, Subscriptions};
use lcr_contracts::{Consent, PatientIndex, events::Stream};
use lcr_model::{Clock, ServiceName, seal::DataKeys};
use lcr_store::{Durability, Location, Store};
use lcr_web::{Authenticator, rate_limit::RateLimits};

pub use metrics::Metrics;

/// The default number of searches per minute for one user: more than a busy reception needs.
pub const SEARCHES_PER_MINUTE: NonZeroU32 = NonZeroU32::MIN.saturating_add(59);

/// A machine acts for many users: it may search this many times as often as one of them.
const MACHINE_FACTOR: NonZeroU32 = NonZeroU32::MIN.saturating_add(9);

/// How often addresses of restricted people are erased. A replica of the previous version may store them during an upgrade
/// or after a rollback.
const ERASE_INTERVAL: Duration = Duration::from_mins(5);

/// The dependencies of patient-index.
pub struct Deps {
    /// The location of its own database.
    pub store: Location,
    pub clock: Arc<dyn Clock>,
    pub authenticator: Authenticator,
    pub data_keys: Arc<DataKeys>,
    pub consent: Arc<dyn Consent>,
    /// Searches per minute for one user.
    pub searches_per_minute: NonZeroU32,
    pub metrics: Metrics,
}

impl std::fmt::Debug for Deps {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("patient_index::Deps")
    }
}

/// Patient-index as other services use it.
#[derive(Clone)]
pub struct Handle {
    pub api: Arc<dyn PatientIndex>,
    pub router: Router,
    pub store: Store,
    consumer: Arc<events::Demographics>,
    metrics: Metrics,
}

impl std::fmt::Debug for Handle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("patient_index::Handle")
    }
}

pub async fn build(deps: Deps) -> Result<Handle, sea_orm::DbErr> {
    let store = Store::open::<store::Migrator>(deps.store, "patient-index", Durability::Acknowledged).await?;
    let of_machine = deps.searches_per_minute.saturating_mul(MACHINE_FACTOR);
    let api: Arc<dyn PatientIndex> = Arc::new(service::Service {
        store: store.clone(),
        clock: deps.clock.clone(),
        authoriser: Authoriser {
            service: ServiceName::PatientIndex,
            consent: deps.consent,
            keys: deps.authenticator.keys.clone(),
            clock: deps.clock.clone(),
        },
        rates: RateLimits::a_minute(deps.searches_per_minute, deps.searches_per_minute),
        machine_rates: RateLimits::a_minute(of_machine, of_machine),
        alert_rates: RateLimits::a_minute(NonZeroU32::MIN, NonZeroU32::MIN),
        metrics: deps.metrics.clone(),
    });
    let router = http::router(api.clone(), deps.authenticator);
    let consumer = Arc::new(events::Demographics { store: store.clone(), keys: deps.data_keys, clock: deps.clock });
    Ok(Handle { api, router, store, consumer, metrics: deps.metrics })
}

impl Handle {
    /// Subscribes to demographics, and starts erasing addresses of restricted people.
    pub fn listen(&self, subscriptions: &Subscriptions) {
        let (consumer, bus_metrics) = (self.consumer.clone(), self.metrics.bus.clone());
        subscriptions.subscribe(Stream::Feeds, Mode::Work("patient-index"), consumer, bus_metrics);
        let index = self.clone();
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(ERASE_INTERVAL).await;
                index.erase_restricted_addresses().await;
            }
        });
    }

    /// Erases addresses of restricted people that another version stored. This version stores none.
    pub async fn erase_restricted_addresses(&self) {
        self.consumer.erase_restricted_addresses().await;
    }
}
