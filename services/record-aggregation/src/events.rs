//! The consumers of other services' events: the registry, pushed items with the sources' own ids of people, and the ward's
//! stays. A batch that cannot be processed must fail as a whole.

use std::sync::Arc;

use async_trait::async_trait;
use lcr_bus::{Consumer, bodies};
use lcr_contracts::{
    Failure,
    events::{CloudEvent, DemographicsReceived, ItemReceived, WardChanged},
};

use crate::{
    care_list_sync::CareListSync,
    hashed_ids::HashedIds,
    patient_list_sync::PatientListSync,
    service::{PushedItems, Service, WardStays},
};

/// Stores the registry. A changed source gets a new connector, and its lists are read.
pub struct RegistryConsumer {
    pub service: Arc<Service>,
    pub patient_lists: Arc<PatientListSync>,
    pub care_lists: Arc<CareListSync>,
}

#[async_trait]
impl Consumer for RegistryConsumer {
    async fn apply(&self, events: &[CloudEvent]) -> Result<(), Failure> {
        let changes = lcr_store::registry::changes_in(events)?;
        let store = &self.service.store;
        store.write(async move |tx| lcr_store::registry::keep(&tx, &changes).await).await?;
        let registry = lcr_store::registry::load(store.read()).await?;
        self.service.sources.set_registry(registry);
        self.patient_lists.reader.wake();
        self.care_lists.reader.wake();
        Ok(())
    }
}

/// Stores pushed items, and the ids behind hashed local ids.
pub struct FeedsConsumer {
    pub pushed_items: PushedItems,
    pub hashed_ids: HashedIds,
}

#[async_trait]
impl Consumer for FeedsConsumer {
    async fn apply(&self, events: &[CloudEvent]) -> Result<(), Failure> {
        self.hashed_ids.save(bodies::<DemographicsReceived>(events)?).await?;
        self.pushed_items.save(bodies::<ItemReceived>(events)?).await
    }
}

/// Stores the ward's stays.
pub struct WardConsumer(pub WardStays);

#[async_trait]
impl Consumer for WardConsumer {
    async fn apply(&self, events: &[CloudEvent]) -> Result<(), Failure> {
        self.0.save(bodies::<WardChanged>(events)?).await
    }
}

#[cfg(test)]
#[path = "events_tests.rs"]
mod tests;
