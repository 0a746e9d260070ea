//! The source systems and how they are reached. Reads only.

mod bytes;
mod connector;
mod copies;
pub mod fhir;
pub mod links;
mod medicine_names;
mod pace;
mod search;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, RwLock},
};

use lcr_cache::SealedCache;
use lcr_contracts::identity::Registry;
use lcr_model::{Clock, SourceId};
use lcr_web::Outbound;

pub use bytes::ByteBudget;
pub use connector::{Connector, Health, RetryBudget};
pub use fhir::FhirError;
pub use search::Progress;

use crate::metrics::SourceNumbers;

/// The registry and a connector for each of its systems.
#[derive(Debug)]
pub struct Sources {
    outbound: Outbound,
    cache: SealedCache,
    clock: Arc<dyn Clock>,
    numbers: SourceNumbers,
    state: RwLock<Arc<State>>,
}

#[derive(Debug, Default)]
pub struct State {
    pub registry: Registry,
    pub connectors: BTreeMap<SourceId, Arc<Connector>>,
}

impl Sources {
    pub fn new(
        outbound: Outbound,
        cache: SealedCache,
        clock: Arc<dyn Clock>,
        numbers: SourceNumbers,
    ) -> Self {
        Self { outbound, cache, clock, numbers, state: RwLock::default() }
    }

    /// What is known now.
    pub fn now(&self) -> Arc<State> {
        self.state.read().map(|state| state.clone()).unwrap_or_default()
    }

    /// Which sources are skipped, looked at for ever: a breaker closes by the clock, and tells nobody.
    pub async fn look(self: Arc<Self>) {
        let told = tokio::sync::Mutex::new(BTreeSet::new());
        lcr_observe::sample(|| async {
            let state = self.now();
            let now = state.connectors.iter().map(|(id, one)| (id.clone(), one.health().paused));
            self.numbers.skipped(now, &mut *told.lock().await);
        })
        .await;
    }

    /// Takes a new registry; connectors of unchanged systems keep their breakers and health.
    pub fn adopt(&self, registry: Registry) {
        let before = self.now();
        let connectors = registry.systems.iter().filter_map(|system| {
            let kept = before.connectors.get(&system.id).filter(|kept| kept.system() == system).cloned();
            let connector = kept.or_else(|| {
                let made = Connector::new(
                    system.clone(),
                    self.outbound.clone(),
                    self.cache.clone(),
                    self.clock.clone(),
                    self.numbers.clone(),
                );
                made.map(Arc::new)
            })?;
            Some((system.id.clone(), connector))
        });
        let state = Arc::new(State { connectors: connectors.collect(), registry });
        if let Ok(mut slot) = self.state.write() {
            *slot = state;
        }
    }
}
