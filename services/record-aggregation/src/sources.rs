//! The source systems: the registry and a connector for each. It must never write to a source.

mod answer_cache;
mod byte_budget;
mod connector;
pub mod fhir_client;
pub mod links;
mod medicine_names;
mod rate_limit;
mod search;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, RwLock},
};

use lcr_cache::SealedCache;
use lcr_contracts::registry::Registry;
use lcr_model::{Clock, SourceId, seal::DataKeys};
use lcr_web::{AuthenticatedOutbound, Outbound};

pub use answer_cache::AnswerCache;
pub use byte_budget::ByteBudget;
pub use connector::{Connector, Health, PersonAtSource, RetryBudget};
pub use fhir_client::FhirError;
pub use search::Progress;

use crate::metrics::SourceMetrics;

/// The registry and a connector for each of its systems.
#[derive(Debug)]
pub struct Sources {
    outbound: Outbound,
    /// They open the credentials of sources.
    data_keys: Arc<DataKeys>,
    cache: AnswerCache,
    clock: Arc<dyn Clock>,
    metrics: SourceMetrics,
    state: RwLock<Arc<State>>,
}

#[derive(Debug, Default)]
pub struct State {
    pub registry: Arc<Registry>,
    pub connectors: BTreeMap<SourceId, Arc<Connector>>,
}

impl Sources {
    pub fn new(
        outbound: Outbound,
        data_keys: Arc<DataKeys>,
        cache: SealedCache,
        clock: Arc<dyn Clock>,
        metrics: SourceMetrics,
    ) -> Self {
        Self { outbound, data_keys, cache: AnswerCache::new(cache), clock, metrics, state: RwLock::default() }
    }

    /// The client of a source. `None` if it cannot be asked, or its credentials cannot be used.
    pub fn outbound(&self, source: &SourceId) -> Option<AuthenticatedOutbound> {
        self.state().connectors.get(source)?.outbound().cloned()
    }

    /// The current registry and connectors.
    pub fn state(&self) -> Arc<State> {
        self.state.read().map(|state| state.clone()).unwrap_or_default()
    }

    /// Reports for ever which sources are skipped. It samples because a breaker closes by the clock, without an event.
    pub async fn report_skipped(self: Arc<Self>) {
        let reported = tokio::sync::Mutex::new(BTreeSet::new());
        lcr_observe::sample(|| async {
            let state = self.state();
            let skipped = state.connectors.iter().map(|(id, connector)| (id.clone(), connector.health().paused));
            self.metrics.set_skipped(skipped, &mut *reported.lock().await);
        })
        .await;
    }

    /// Sets a new registry. Connectors of unchanged systems keep their breakers and health.
    pub fn set_registry(&self, registry: Registry) {
        let before = self.state();
        let connectors = registry.systems.iter().filter_map(|system| {
            let existing = before.connectors.get(&system.id).filter(|old| old.system() == system).cloned();
            let connector = existing.or_else(|| {
                let new = Connector::new(
                    system.clone(),
                    self.outbound.clone(),
                    &self.data_keys,
                    self.cache.clone(),
                    self.clock.clone(),
                    self.metrics.clone(),
                );
                new.map(Arc::new)
            })?;
            Some((system.id.clone(), connector))
        });
        let state = Arc::new(State { connectors: connectors.collect(), registry: Arc::new(registry) });
        if let Ok(mut slot) = self.state.write() {
            *slot = state;
        }
    }
}
