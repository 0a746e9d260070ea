//! What consent hears: who people are, who has agreed, which sessions ended. Each change that could alter a
//! decision raises the fence after it is committed.

use std::sync::Arc;

use async_trait::async_trait;
use lcr_bus::{Consumer, bodies};
use lcr_contracts::{
    Failure,
    events::{CloudEvent, PartnersChanged, PersonChanged, SessionEnded},
};
use sea_orm::DbErr;

use crate::{service::Service, store};

pub struct Projections {
    pub service: Arc<Service>,
}

#[async_trait]
impl Consumer for Projections {
    async fn apply(&self, events: &[CloudEvent]) -> Result<(), Failure> {
        for ended in bodies::<SessionEnded>(events) {
            self.service.epochs.end(ended.session);
        }
        self.people(bodies(events)).await?;
        self.partners(bodies(events)).await
    }
}

impl Projections {
    async fn people(&self, changes: Vec<PersonChanged>) -> Result<(), Failure> {
        if changes.is_empty() {
            return Ok(());
        }
        let keep = self
            .service
            .store
            .write::<_, DbErr, _>(move |tx| Box::pin(async move { store::keep_person(tx, &changes).await }));
        for person in keep.await? {
            self.service.epochs.raise(person);
        }
        Ok(())
    }

    async fn partners(&self, changes: Vec<PartnersChanged>) -> Result<(), Failure> {
        if changes.is_empty() {
            return Ok(());
        }
        let keep = self.service.store.write::<_, DbErr, _>(move |tx| {
            Box::pin(async move { lcr_store::registry::keep(tx, &changes).await })
        });
        keep.await?;
        self.service.registry_changed().await;
        Ok(())
    }
}
