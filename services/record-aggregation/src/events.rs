//! What record-aggregation hears: the registry, what sources push and their own ids of people, and stays of the ward. A changed source is asked anew
//! and its list of people read.

use std::sync::Arc;

use async_trait::async_trait;
use lcr_bus::{Consumer, bodies};
use lcr_contracts::{
    Failure,
    events::{CloudEvent, DemographicsReceived, ItemReceived, PartnersChanged, WardChanged},
};
use sea_orm::DbErr;

use crate::{
    hashed_ids::HashedIds,
    roster::Roster,
    service::{Service, Shelf},
};

pub struct Partners {
    pub service: Arc<Service>,
    pub roster: Arc<Roster>,
}

#[async_trait]
impl Consumer for Partners {
    async fn apply(&self, events: &[CloudEvent]) -> Result<(), Failure> {
        let changes: Vec<PartnersChanged> = bodies(events)?;
        let store = &self.service.store;
        store
            .write::<_, DbErr, _>(move |tx| {
                Box::pin(async move { lcr_store::registry::keep(tx, &changes).await })
            })
            .await?;
        let registry =
            lcr_store::registry::load(store.read()).await.map_err(|e| lcr_store::unavailable(&e))?;
        self.service.sources.adopt(registry);
        self.roster.woken.notify_one();
        Ok(())
    }
}

/// Results, documents, referrals and appointments that sources push, and the ids by which they know people whom a hash
/// stands for.
pub struct Pushes {
    pub shelf: Shelf,
    pub hashed_ids: HashedIds,
}

#[async_trait]
impl Consumer for Pushes {
    async fn apply(&self, events: &[CloudEvent]) -> Result<(), Failure> {
        self.hashed_ids.take(bodies::<DemographicsReceived>(events)?).await?;
        self.shelf.take(bodies::<ItemReceived>(events)?).await
    }
}

/// Stays as the ward folds them from hospitals' messages.
pub struct Stays(pub Shelf);

#[async_trait]
impl Consumer for Stays {
    async fn apply(&self, events: &[CloudEvent]) -> Result<(), Failure> {
        self.0.take_stays(bodies::<WardChanged>(events)?).await
    }
}
