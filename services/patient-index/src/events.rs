//! Consumes demographics from sources. A batch is linked, stored and published in one transaction. An event that cannot be
//! unsealed or read is never skipped: its batch fails, and the bus stores it as a dead letter.

use std::{collections::HashMap, sync::Arc};

use async_trait::async_trait;
use lcr_bus::{Consumer, bodies, unreadable_body};
use lcr_contracts::{
    Failure,
    events::{CloudEvent, DemographicsReceived},
};
use lcr_model::{Clock, PersonId, seal::DataKeys};
use lcr_store::Store;
use sea_orm::{DatabaseTransaction, DbErr};

use crate::{
    domain::link::{self, IdentityUpdate, Placement},
    publish_people::publish_people,
    store::{self, patient_link, review},
};

/// Links the people in `feeds.demographics`.
pub struct Demographics {
    pub store: Store,
    pub keys: Arc<DataKeys>,
    pub clock: Arc<dyn Clock>,
}

impl Demographics {
    /// Erases addresses of restricted people that another version stored. This version stores none.
    pub async fn erase_restricted_addresses(&self) {
        let erased = self.store.write(async move |tx| store::erase_all_restricted_addresses(&tx).await);
        match erased.await {
            Ok(0) => {}
            Ok(rows) => {
                tracing::warn!(rows, "places of restricted people were stored by another version and are erased");
            }
            Err(error) => {
                tracing::error!(cause = Failure::from(error).inward(), "places of restricted people were not erased");
            }
        }
    }
}

#[async_trait]
impl Consumer for Demographics {
    async fn apply(&self, events: &[CloudEvent]) -> Result<(), Failure> {
        let updates = events.iter().filter_map(|event| self.unseal(event).transpose());
        let updates: Vec<IdentityUpdate> = updates.collect::<Result<_, Failure>>()?;
        let now = self.clock.now();
        self.store.write(async move |tx| apply(&tx, now, updates).await).await?;
        Ok(())
    }
}

impl Demographics {
    /// `None` for events of other types.
    fn unseal(&self, event: &CloudEvent) -> Result<Option<IdentityUpdate>, Failure> {
        let Some(body) = bodies::<DemographicsReceived>(std::slice::from_ref(event))?.pop() else {
            return Ok(None);
        };
        let plain = self.keys.open("feeds/demographics", &body.sealed).map_err(|_| unreadable_body(event))?;
        let patient = serde_json::from_slice(&plain).map_err(|_| unreadable_body(event))?;
        Ok(Some(IdentityUpdate { identity: body.identity, version: body.version, patient }))
    }
}

async fn apply(tx: &DatabaseTransaction, now: jiff::Timestamp, updates: Vec<IdentityUpdate>) -> Result<(), DbErr> {
    let mut state = store::load_state(tx, &updates).await?;
    let placed = link::place_identities(&updates, &mut state, PersonId::new);
    let late = late_merges(&updates, &placed, &state);
    let placed: Vec<(&IdentityUpdate, &Placement)> =
        updates.iter().zip(&placed).filter_map(|(update, placement)| Some((update, placement.as_ref()?))).collect();
    if placed.is_empty() && late.is_empty() {
        return Ok(());
    }
    let mut affected: Vec<PersonId> =
        placed.iter().flat_map(|(_, placement)| [Some(placement.person), placement.left]).flatten().collect();
    let is_learned = |placement: &Placement| placement.because == link::NUMBER_LEARNED;
    for (update, _) in placed.iter().filter(|(_, placement)| placement.left.is_some() && !is_learned(placement)) {
        tracing::error!(source = %update.identity.source, alarm = "identity-moved", "a source gave a known id another NHS number");
    }
    // Store identities first, because each person is recomputed from all of them.
    store::store_placements(tx, &placed, &HashMap::new()).await?;
    affected.extend(open_reviews(tx, now, &placed).await?);
    affected.extend(apply_merges(tx, &placed).await?);
    for (update, person) in late {
        affected.extend(store::give_identities(tx, &update.identity, person, &update.patient.replaces).await?.left);
        affected.push(person);
    }
    for (_, placement) in placed.iter().filter(|(_, placement)| is_learned(placement)) {
        let left: Vec<PersonId> = placement.left.into_iter().collect();
        store::record_survivor(tx, &left, placement.person).await?;
    }
    affected.extend(apply_links(tx, &placed).await?);
    affected.extend(close_settled_reviews(tx, now, &affected).await?);
    publish_people(tx, now, affected).await
}

/// Closes reviews of identities that are no longer in doubt. Returns the people who had the numbers.
async fn close_settled_reviews(
    tx: &DatabaseTransaction,
    now: jiff::Timestamp,
    people: &[PersonId],
) -> Result<Vec<PersonId>, DbErr> {
    let rows = store::identities_of(tx, people).await?;
    let settled: Vec<_> = rows.iter().filter(|row| !row.number_doubted).map(store::IdentityRow::identity).collect();
    review::withdraw(tx, now, settled.iter()).await
}

/// Opens the reviews that these placements require. Returns the people affected.
async fn open_reviews(
    tx: &DatabaseTransaction,
    now: jiff::Timestamp,
    placed: &[(&IdentityUpdate, &Placement)],
) -> Result<Vec<PersonId>, DbErr> {
    let mut affected = Vec::new();
    for (update, placement) in placed {
        if let (Some((person, differs)), Some(number)) = (placement.puts_in_doubt, link::valid_number(&update.patient))
        {
            for identity in store::doubt_number(tx, person, &number).await? {
                review::open(tx, now, &identity, placement.person, differs).await?;
            }
            affected.push(person);
        }
        if let Some((holder, differs)) = placement.doubt {
            review::open(tx, now, &update.identity, holder, differs).await?;
            affected.push(holder);
            tracing::warn!(source = %update.identity.source, "a known NHS number came with another first name; a review is open");
        }
    }
    Ok(affected)
}

/// Applies `Patient.link` of these updates. Returns the people affected.
async fn apply_links(
    tx: &DatabaseTransaction,
    placed: &[(&IdentityUpdate, &Placement)],
) -> Result<Vec<PersonId>, DbErr> {
    let records = placed.iter().map(|(update, _)| (&update.identity, &update.patient));
    patient_link::store_links(tx, records).await?;
    let result = patient_link::apply_links(tx, placed.iter().map(|(update, _)| &update.identity)).await?;
    if result.refused > 0 {
        tracing::error!(alarm = "merge-refused", "a source linked records with different NHS numbers; they stay apart");
    }
    Ok(result.left.into_iter().chain(result.joined).collect())
}

/// The merges in updates that are older than the stored identity. Only the merge of such an update still counts.
fn late_merges<'i>(
    updates: &'i [IdentityUpdate],
    placed: &[Option<Placement>],
    state: &link::IndexState,
) -> Vec<(&'i IdentityUpdate, PersonId)> {
    let older = updates.iter().zip(placed).filter(|(_, placement)| placement.is_none());
    let merging = older.map(|(update, _)| update).filter(|update| !update.patient.replaces.is_empty());
    merging.filter_map(|update| Some((update, state.identities.get(&update.identity)?.person))).collect()
}

/// Gives ids that a source merged to the person of the remaining id. Returns the people who lost an identity.
async fn apply_merges(
    tx: &DatabaseTransaction,
    placed: &[(&IdentityUpdate, &Placement)],
) -> Result<Vec<PersonId>, DbErr> {
    let mut left = Vec::new();
    for (update, placement) in placed.iter().filter(|(update, _)| !update.patient.replaces.is_empty()) {
        let result = store::give_identities(tx, &update.identity, placement.person, &update.patient.replaces).await?;
        if result.refused > 0 {
            tracing::error!(source = %update.identity.source, alarm = "merge-refused", "a source merged ids with different NHS numbers; they stay apart");
        }
        left.extend(result.left);
    }
    Ok(left)
}
