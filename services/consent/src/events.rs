//! What consent hears: who people are, who is in which hospital, who has agreed, which sessions ended. Each change
//! that could alter a decision raises the fence after it is committed.

use std::sync::Arc;

use async_trait::async_trait;
use lcr_bus::{Consumer, bodies};
use lcr_contracts::{
    Failure,
    choices::ChoiceStatus,
    events::{CloudEvent, PartnersChanged, PersonChanged, SessionEnded, Stay, WardChanged},
};
use lcr_model::{PersonId, SpellId};
use sea_orm::{DatabaseTransaction, DbErr};

use crate::{
    service::Service,
    store::{
        self,
        choice::{self, ChoiceRow},
    },
};

pub struct Projections {
    pub service: Arc<Service>,
}

#[async_trait]
impl Consumer for Projections {
    async fn apply(&self, events: &[CloudEvent]) -> Result<(), Failure> {
        self.sessions(bodies(events)?).await?;
        self.people(bodies(events)?).await?;
        self.stays(bodies(events)?).await?;
        self.partners(bodies(events)?).await
    }
}

impl Projections {
    async fn sessions(&self, ended: Vec<SessionEnded>) -> Result<(), Failure> {
        let ended: Vec<_> = ended.into_iter().map(|one| one.session).collect();
        for session in &ended {
            self.service.fence.end(*session);
        }
        if ended.is_empty() || !self.service.store.is_shared() {
            return Ok(());
        }
        let now = self.service.clock.now();
        let keep = self.service.store.write::<_, DbErr, _>(move |tx| {
            Box::pin(async move { store::fence::end(tx, &ended, now).await })
        });
        Ok(keep.await?)
    }

    async fn people(&self, changes: Vec<PersonChanged>) -> Result<(), Failure> {
        if changes.is_empty() {
            return Ok(());
        }
        let (now, raise) = (self.service.clock.now(), self.service.fence.in_store());
        let keep = self.service.store.write::<_, DbErr, _>(move |tx| {
            Box::pin(async move {
                lcr_store::login::keep(tx, &changes).await?;
                let mut raised = inherit(tx, &changes).await?;
                raised.extend(store::keep_person(tx, &changes).await?);
                raise.people(tx, &raised, now).await?;
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
        let opened: Result<Vec<(SpellId, i64, Stay)>, Failure> =
            changes.into_iter().map(|change| self.open(change)).collect();
        let opened = opened?;
        let (now, raise) = (self.service.clock.now(), self.service.fence.in_store());
        let keep = self.service.store.write::<_, DbErr, _>(move |tx| {
            Box::pin(async move {
                let raised = store::keep_stays(tx, &opened).await?;
                raise.people(tx, &raised, now).await?;
                Ok(raised)
            })
        });
        self.raise(keep.await?);
        Ok(())
    }

    /// One that does not open fails its batch: a stay that was left out would be a relationship nobody knows of.
    fn open(&self, change: WardChanged) -> Result<(SpellId, i64, Stay), Failure> {
        let plain = self.service.data_keys.open("ward/stay", &change.sealed).map_err(Failure::internal)?;
        let stay = serde_json::from_slice(&plain).map_err(|_| Failure::internal("a stay does not read"))?;
        Ok((change.spell, change.version, stay))
    }

    fn raise(&self, people: Vec<PersonId>) {
        for person in people {
            self.service.fence.raise(person);
        }
    }

    async fn partners(&self, changes: Vec<PartnersChanged>) -> Result<(), Failure> {
        if changes.is_empty() {
            return Ok(());
        }
        let (now, raise) = (self.service.clock.now(), self.service.fence.in_store());
        let keep = self.service.store.write::<_, DbErr, _>(move |tx| {
            Box::pin(async move {
                lcr_store::registry::keep(tx, &changes).await?;
                raise.everybody(tx, now).await
            })
        });
        keep.await?;
        self.service.fence.raise_all();
        Ok(())
    }
}

/// Whoever turns out to have an identity that an objection covers inherits it, as a choice of their own (`access.md`,
/// "Choices"): most restrictive wins when people are merged, both keep it when they part, and what one of them
/// withdraws opens nothing of the other's. It is inherited once: withdrawn, it does not come back by itself.
async fn inherit(tx: &DatabaseTransaction, changes: &[PersonChanged]) -> Result<Vec<PersonId>, DbErr> {
    if !choice::any(tx).await? {
        return Ok(vec![]);
    }
    let mut all: Vec<String> = Vec::new();
    for change in changes {
        all.extend(keys_of(change));
    }
    let mut raised = Vec::new();
    let behind = choice::behind(tx, &all).await?;
    for change in changes {
        let keys = keys_of(change);
        let own = choice::of_person(tx, change.person).await?;
        for kept in &own {
            if holds(kept) {
                choice::widen(tx, kept.id, &keys).await?;
            }
        }
        let mut known: Vec<uuid::Uuid> = own.iter().map(|row| row.origin).collect();
        let covering: Vec<ChoiceRow> =
            keys.iter().filter_map(|key| behind.get(key)).flatten().cloned().collect();
        for found in covering {
            if holds(&found) && !known.contains(&found.origin) {
                known.push(found.origin);
                choice::insert(tx, inherited(&found, change.person), &keys).await?;
                raised.push(change.person);
            }
        }
    }
    Ok(raised)
}

fn keys_of(change: &PersonChanged) -> Vec<String> {
    change.identities.iter().map(choice::identity_key).collect()
}

/// One whose standing does not read counts as in force.
fn holds(row: &ChoiceRow) -> bool {
    row.status().map_or(true, ChoiceStatus::in_force)
}

/// A choice of the person's own, without the other's words.
fn inherited(from: &ChoiceRow, person: PersonId) -> ChoiceRow {
    ChoiceRow {
        id: uuid::Uuid::now_v7(),
        person: person.0,
        by_user: String::new(),
        by_words: "carried over from a linked record".to_owned(),
        reason: None,
        review: None,
        review_sealed: None,
        version: 1,
        ..from.clone()
    }
}
