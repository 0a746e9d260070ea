//! What consent hears: who people are, who is in which hospital, who has agreed, which sessions ended. Each change
//! that could alter a decision raises the fence after it is committed.

use std::sync::Arc;

use async_trait::async_trait;
use lcr_bus::{Consumer, bodies};
use lcr_contracts::{
    Failure,
    events::{ChoiceChanged, CloudEvent, PartnersChanged, PersonChanged, SessionEnded, Stay, WardChanged},
};
use lcr_model::{PersonId, SpellId};
use sea_orm::{DatabaseTransaction, DbErr};

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
        self.stays(bodies(events)).await?;
        self.partners(bodies(events)).await
    }
}

/// Choices made through another replica: their fence is raised here too.
pub struct ChoicesElsewhere {
    pub service: Arc<Service>,
}

#[async_trait]
impl Consumer for ChoicesElsewhere {
    async fn apply(&self, events: &[CloudEvent]) -> Result<(), Failure> {
        for changed in bodies::<ChoiceChanged>(events) {
            self.service.epochs.raise(changed.person);
        }
        Ok(())
    }
}

impl Projections {
    async fn people(&self, changes: Vec<PersonChanged>) -> Result<(), Failure> {
        if changes.is_empty() {
            return Ok(());
        }
        let keep = self.service.store.write::<_, DbErr, _>(move |tx| {
            Box::pin(async move {
                store::keep_logins(tx, &changes).await?;
                let mut raised = inherit(tx, &changes).await?;
                raised.extend(store::keep_person(tx, &changes).await?);
                Ok(raised)
            })
        });
        self.raise(keep.await?);
        Ok(())
    }

    async fn stays(&self, changes: Vec<WardChanged>) -> Result<(), Failure> {
        if changes.is_empty() {
            return Ok(());
        }
        let opened: Vec<(SpellId, i64, Stay)> =
            changes.into_iter().filter_map(|change| self.open(change)).collect();
        let keep = self
            .service
            .store
            .write::<_, DbErr, _>(move |tx| Box::pin(async move { store::keep_stays(tx, &opened).await }));
        self.raise(keep.await?);
        Ok(())
    }

    fn open(&self, change: WardChanged) -> Option<(SpellId, i64, Stay)> {
        let plain = self.service.data_keys.open("ward/stay", &change.sealed).ok();
        let stay = plain.and_then(|plain| serde_json::from_slice(&plain).ok());
        if stay.is_none() {
            tracing::error!(spell = %change.spell, "a stay that does not open was left out");
        }
        Some((change.spell, change.version, stay?))
    }

    fn raise(&self, people: Vec<PersonId>) {
        for person in people {
            self.service.epochs.raise(person);
        }
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

/// An objection covers every identity of whom it covers, and whoever turns out to have one of them: most
/// restrictive wins when people are merged, and what was linked later inherits (`access.md`, "Choices").
async fn inherit(tx: &DatabaseTransaction, changes: &[PersonChanged]) -> Result<Vec<PersonId>, DbErr> {
    use store::choice::{identity_key, person_key};

    if !store::choice::any(tx).await? {
        return Ok(vec![]);
    }
    let keys_of = |change: &PersonChanged| {
        let mut keys: Vec<String> = change.identities.iter().map(identity_key).collect();
        keys.push(person_key(change.person));
        keys
    };
    let all: Vec<String> = changes.iter().flat_map(keys_of).collect();
    let behind = store::choice::behind(tx, &all).await?;
    let mut raised = Vec::new();
    for change in changes {
        let keys = keys_of(change);
        let mut choices: Vec<_> = keys.iter().filter_map(|key| behind.get(key)).flatten().collect();
        choices.sort_unstable_by_key(|row| row.id);
        choices.dedup_by_key(|row| row.id);
        for choice in choices {
            store::choice::widen(tx, choice.id, &keys).await?;
            raised.push(change.person);
        }
    }
    Ok(raised)
}
