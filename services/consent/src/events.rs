//! Consumes events about people, stays, care links, partners and ended sessions. Every change that may alter a decision must
//! bump the epochs it affects.

mod care_links;

use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;
use lcr_bus::{Consumer, bodies};
use lcr_contracts::{
    Failure,
    choices::ChoiceStatus,
    events::{CloudEvent, EventBody, PersonChanged, SessionEnded, Stay, WardChanged, event_type},
};
use lcr_model::{PersonId, SpellId};
use lcr_store::registry::RegistryChange;
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
        self.end_sessions(bodies(events)?).await?;
        self.store_people(bodies(events)?, times_of::<PersonChanged>(events)).await?;
        self.store_stays(bodies(events)?).await?;
        self.store_care_links(events).await?;
        self.store_partners(lcr_store::registry::changes_in(events)?).await
    }
}

impl Projections {
    async fn end_sessions(&self, ended: Vec<SessionEnded>) -> Result<(), Failure> {
        let ended: Vec<_> = ended.into_iter().map(|event| event.session).collect();
        for session in &ended {
            self.service.epochs.end_session(*session);
        }
        if ended.is_empty() || !self.service.store.is_shared() {
            return Ok(());
        }
        let now = self.service.clock.now();
        let write = self.service.store.write(async move |tx| store::epochs::end_sessions(&tx, &ended, now).await);
        Ok(write.await?)
    }

    async fn store_people(&self, changes: Vec<PersonChanged>, times: Vec<Timestamp>) -> Result<(), Failure> {
        if changes.is_empty() {
            return Ok(());
        }
        let (now, bump) = (self.service.clock.now(), self.service.epochs.store_bump());
        let write = self.service.store.write(async move |tx| {
            lcr_store::login::keep(&tx, &changes).await?;
            let mut affected = inherit_choices(&tx, &changes).await?;
            affected.extend(store::store_people(&tx, &changes, &times).await?);
            bump.bump_people(&tx, &affected, now).await?;
            Ok(affected)
        });
        self.bump_epochs(write.await?);
        Ok(())
    }

    async fn store_stays(&self, changes: Vec<WardChanged>) -> Result<(), Failure> {
        if changes.is_empty() {
            return Ok(());
        }
        let stays: Result<Vec<(SpellId, i64, Stay)>, Failure> =
            changes.into_iter().map(|change| self.unseal_stay(change)).collect();
        let stays = stays?;
        let (now, bump) = (self.service.clock.now(), self.service.epochs.store_bump());
        let write = self.service.store.write(async move |tx| {
            let affected = store::store_stays(&tx, &stays).await?;
            bump.bump_people(&tx, &affected, now).await?;
            Ok(affected)
        });
        self.bump_epochs(write.await?);
        Ok(())
    }

    /// A stay that does not unseal fails its batch. Leaving it out would lose a relationship.
    fn unseal_stay(&self, change: WardChanged) -> Result<(SpellId, i64, Stay), Failure> {
        let plain = self.service.data_keys.open("ward/stay", &change.sealed).map_err(Failure::internal)?;
        let stay = serde_json::from_slice(&plain).map_err(|_| Failure::internal("a stay does not read"))?;
        Ok((change.spell, change.version, stay))
    }

    fn bump_epochs(&self, people: Vec<PersonId>) {
        for person in people {
            self.service.epochs.bump(person);
        }
    }

    async fn store_partners(&self, changes: Vec<RegistryChange>) -> Result<(), Failure> {
        if changes.is_empty() {
            return Ok(());
        }
        let (now, bump) = (self.service.clock.now(), self.service.epochs.store_bump());
        let write = self.service.store.write(async move |tx| {
            lcr_store::registry::keep(&tx, &changes).await?;
            bump.bump_all(&tx, now).await
        });
        write.await?;
        self.service.epochs.bump_all();
        Ok(())
    }
}

/// The times of the events whose bodies `bodies` returns.
fn times_of<T: EventBody>(events: &[CloudEvent]) -> Vec<Timestamp> {
    let event_type = event_type::<T>();
    events.iter().filter(|event| event.event_type == event_type).map(|event| event.time).collect()
}

/// A person who gets an identity that an objection covers inherits the objection as a choice of their own (ACCESS.md,
/// "Choices"). So a merge keeps the most restrictive choice, and both people keep it after an unmerge. A choice is
/// inherited once: after a withdrawal it does not come back.
async fn inherit_choices(tx: &DatabaseTransaction, changes: &[PersonChanged]) -> Result<Vec<PersonId>, DbErr> {
    if !choice::has_any(tx).await? {
        return Ok(vec![]);
    }
    let all_keys: Vec<String> = changes.iter().flat_map(identity_keys).collect();
    let by_key = choice::find_by_identity_keys(tx, &all_keys).await?;
    let people: Vec<PersonId> = changes.iter().map(|change| change.person).collect();
    let mut choices = choice::find_by_people(tx, &people).await?;
    let (mut affected, mut covers) = (Vec::new(), Vec::new());
    for change in changes {
        let keys = identity_keys(change);
        let own = choices.entry(change.person).or_default();
        for row in own.iter().filter(|row| is_in_force(row)) {
            covers.extend(keys.iter().map(|key| (row.id, key.clone())));
        }
        let covering: Vec<&ChoiceRow> = keys.iter().filter_map(|key| by_key.get(key)).flatten().collect();
        for row in covering {
            if is_in_force(row) && !own.iter().any(|one| one.origin == row.origin) {
                let inherited = inherited_choice(row, change.person);
                choice::insert(tx, inherited.clone(), &keys).await?;
                own.push(inherited);
                affected.push(change.person);
            }
        }
    }
    choice::add_covers(tx, &covers).await?;
    Ok(affected)
}

fn identity_keys(change: &PersonChanged) -> Vec<String> {
    change.identities.iter().map(choice::identity_key).collect()
}

/// A choice with an unreadable status counts as in force.
fn is_in_force(row: &ChoiceRow) -> bool {
    row.status().map_or(true, ChoiceStatus::in_force)
}

/// A choice of the person's own, without the reason and review of the original.
fn inherited_choice(from: &ChoiceRow, person: PersonId) -> ChoiceRow {
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
