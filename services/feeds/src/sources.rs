//! The registered source systems and their owners, in memory for every message. Replicated into the store from PARTNERS events; feeds
//! must never change them itself.

use std::sync::{Arc, PoisonError, RwLock};

use async_trait::async_trait;
use lcr_bus::Consumer;
use lcr_contracts::{Failure, events::CloudEvent, registry::Registry};
use lcr_store::{Store, StoreError};

/// The registry as last received. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Sources(Arc<RwLock<Arc<Registry>>>);

impl Sources {
    pub fn current(&self) -> Arc<Registry> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Loads the registry from the store.
    pub async fn refresh(&self, store: &Store) -> Result<(), StoreError> {
        let registry = lcr_store::registry::load(store.read()).await?;
        self.replace(registry);
        Ok(())
    }

    pub fn replace(&self, registry: Registry) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(registry);
    }
}

/// Consumes changes of the registry.
pub struct RegistryConsumer {
    pub store: Store,
    pub sources: Sources,
}

#[async_trait]
impl Consumer for RegistryConsumer {
    async fn apply(&self, events: &[CloudEvent]) -> Result<(), Failure> {
        let changes = lcr_store::registry::changes_in(events)?;
        self.store.write(async move |tx| lcr_store::registry::keep(&tx, &changes).await).await?;
        Ok(self.sources.refresh(&self.store).await?)
    }
}
