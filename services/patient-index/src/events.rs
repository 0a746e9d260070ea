//! What patient-index hears: what sources say of people. A batch is placed, kept and published in one
//! transaction. A body that does not open or read fails its batch: it is never left out, the bus puts it aside.

use std::{collections::HashMap, sync::Arc};

use async_trait::async_trait;
use lcr_bus::{Consumer, bodies, unreadable};
use lcr_contracts::{
    Failure,
    events::{CloudEvent, DemographicsReceived},
};
use lcr_model::{Clock, PersonId, seal::DataKeys};
use lcr_store::Store;
use sea_orm::{DatabaseTransaction, DbErr};

use crate::{
    domain::link::{self, Incoming, Placed},
    restate::restate,
    store::{self, patient_link, review},
};

pub struct Demographics {
    pub store: Store,
    pub keys: Arc<DataKeys>,
    pub clock: Arc<dyn Clock>,
}

impl Demographics {
    /// Erases where restricted people live, which nothing of this version stores.
    pub async fn forget_places(&self) {
        let erased =
            self.store.write::<_, DbErr, _>(|tx| Box::pin(async move { store::forget_all_places(tx).await }));
        match erased.await {
            Ok(0) => {}
            Ok(rows) => tracing::warn!(
                rows,
                "places of restricted people were stored by another version and are erased"
            ),
            Err(error) => {
                tracing::error!(
                    cause = Failure::from(error).inward(),
                    "places of restricted people were not erased"
                );
            }
        }
    }
}

#[async_trait]
impl Consumer for Demographics {
    async fn apply(&self, events: &[CloudEvent]) -> Result<(), Failure> {
        let incoming = events.iter().filter_map(|event| self.open(event).transpose());
        let incoming: Vec<Incoming> = incoming.collect::<Result<_, Failure>>()?;
        let now = self.clock.now();
        self.store
            .write::<_, DbErr, _>(move |tx| Box::pin(async move { apply(tx, now, incoming).await }))
            .await?;
        Ok(())
    }
}

impl Demographics {
    /// `None` for events of other types.
    fn open(&self, event: &CloudEvent) -> Result<Option<Incoming>, Failure> {
        let Some(body) = bodies::<DemographicsReceived>(std::slice::from_ref(event))?.pop() else {
            return Ok(None);
        };
        let plain = self.keys.open("feeds/demographics", &body.sealed).map_err(|_| unreadable(event))?;
        let patient = serde_json::from_slice(&plain).map_err(|_| unreadable(event))?;
        Ok(Some(Incoming { identity: body.identity, version: body.version, patient }))
    }
}

async fn apply(tx: &DatabaseTransaction, now: jiff::Timestamp, incoming: Vec<Incoming>) -> Result<(), DbErr> {
    let mut held = store::held(tx, &incoming).await?;
    let placed = link::place(&incoming, &mut held, PersonId::new);
    let late = late_merges(&incoming, &placed, &held);
    let placed: Vec<(&Incoming, &Placed)> = incoming
        .iter()
        .zip(&placed)
        .filter_map(|(arrival, place)| Some((arrival, place.as_ref()?)))
        .collect();
    if placed.is_empty() && late.is_empty() {
        return Ok(());
    }
    let mut touched: Vec<PersonId> =
        placed.iter().flat_map(|(_, place)| [Some(place.person), place.left]).flatten().collect();
    let learned = |place: &Placed| place.because == link::LEARNED;
    for (arrival, _) in placed.iter().filter(|(_, place)| place.left.is_some() && !learned(place)) {
        tracing::error!(source = %arrival.identity.source, alarm = "identity-moved", "a source gave a known id another NHS number");
    }
    // Identities first, then the standing of each person over all they now have.
    store::keep(tx, &placed, &HashMap::new()).await?;
    touched.extend(review(tx, now, &placed).await?);
    touched.extend(give(tx, &placed).await?);
    for (arrival, person) in late {
        touched.extend(store::give(tx, &arrival.identity, person, &arrival.patient.replaces).await?.left);
        touched.push(person);
    }
    for (_, place) in placed.iter().filter(|(_, place)| learned(place)) {
        let left: Vec<PersonId> = place.left.into_iter().collect();
        store::remember(tx, &left, place.person).await?;
    }
    touched.extend(follow_links(tx, &placed).await?);
    touched.extend(settle(tx, now, &touched).await?);
    restate(tx, now, touched).await
}

/// Closes the reviews about identities of these people that are in doubt no more; returns who had their numbers.
async fn settle(
    tx: &DatabaseTransaction,
    now: jiff::Timestamp,
    people: &[PersonId],
) -> Result<Vec<PersonId>, DbErr> {
    let rows = store::identities_of(tx, people).await?;
    let settled: Vec<_> =
        rows.iter().filter(|row| !row.number_doubted).map(store::IdentityRow::identity).collect();
    review::withdraw(tx, now, settled.iter()).await
}

/// Opens the reviews that these arrivals ask for; returns everybody concerned.
async fn review(
    tx: &DatabaseTransaction,
    now: jiff::Timestamp,
    placed: &[(&Incoming, &Placed)],
) -> Result<Vec<PersonId>, DbErr> {
    let mut concerned = Vec::new();
    for (arrival, place) in placed {
        if let (Some((person, differs)), Some(number)) =
            (place.puts_in_doubt, link::valid_number(&arrival.patient))
        {
            for identity in store::doubt_number(tx, person, &number).await? {
                review::open(tx, now, &identity, place.person, differs).await?;
            }
            concerned.push(person);
        }
        if let Some((holder, differs)) = place.doubt {
            review::open(tx, now, &arrival.identity, holder, differs).await?;
            concerned.push(holder);
            tracing::warn!(source = %arrival.identity.source, "a known NHS number came with another first name; a review is open");
        }
    }
    Ok(concerned)
}

/// Brings together records that a source says are one person's; returns everybody concerned.
async fn follow_links(
    tx: &DatabaseTransaction,
    placed: &[(&Incoming, &Placed)],
) -> Result<Vec<PersonId>, DbErr> {
    let said = placed.iter().map(|(arrival, _)| (&arrival.identity, &arrival.patient));
    patient_link::keep(tx, said).await?;
    let followed = patient_link::follow(tx, placed.iter().map(|(arrival, _)| &arrival.identity)).await?;
    if followed.refused > 0 {
        tracing::error!(
            alarm = "merge-refused",
            "a source linked records with different NHS numbers; they stay apart"
        );
    }
    Ok(followed.left.into_iter().chain(followed.joined).collect())
}

/// A merge told by a message that is older than what is held: the rest of it changes nothing, the merge still does.
fn late_merges<'i>(
    incoming: &'i [Incoming],
    placed: &[Option<Placed>],
    held: &link::Held,
) -> Vec<(&'i Incoming, PersonId)> {
    let older = incoming.iter().zip(placed).filter(|(_, place)| place.is_none());
    let merging = older.map(|(arrival, _)| arrival).filter(|arrival| !arrival.patient.replaces.is_empty());
    merging.filter_map(|arrival| Some((arrival, held.identities.get(&arrival.identity)?.person))).collect()
}

/// Ids that sources merged go to the person of the id they kept; returns who lost one.
async fn give(tx: &DatabaseTransaction, placed: &[(&Incoming, &Placed)]) -> Result<Vec<PersonId>, DbErr> {
    let mut left = Vec::new();
    for (arrival, place) in placed.iter().filter(|(arrival, _)| !arrival.patient.replaces.is_empty()) {
        let given = store::give(tx, &arrival.identity, place.person, &arrival.patient.replaces).await?;
        if given.refused > 0 {
            tracing::error!(source = %arrival.identity.source, alarm = "merge-refused", "a source merged ids with different NHS numbers; they stay apart");
        }
        left.extend(given.left);
    }
    Ok(left)
}
