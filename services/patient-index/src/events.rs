//! What patient-index hears: what sources say of people. A batch is placed, kept and published in one
//! transaction. A body that does not open or read fails its batch: it is never left out, the bus puts it aside.

use std::{collections::HashMap, sync::Arc};

use async_trait::async_trait;
use lcr_bus::{Consumer, bodies, unreadable};
use lcr_contracts::{
    Failure,
    events::{CloudEvent, DemographicsReceived, PersonChanged},
};
use lcr_model::{Clock, PersonId, seal::DataKeys};
use lcr_store::Store;
use sea_orm::{DatabaseTransaction, DbErr};

use crate::{
    domain::link::{self, Incoming, Placed, Standing},
    store::{self, IdentityRow},
};

pub struct Demographics {
    pub store: Store,
    pub keys: Arc<DataKeys>,
    pub clock: Arc<dyn Clock>,
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
    let touched: Vec<PersonId> =
        placed.iter().flat_map(|(_, place)| [Some(place.person), place.left]).flatten().collect();
    let learned = |place: &Placed| place.because == link::LEARNED;
    for (arrival, _) in placed.iter().filter(|(_, place)| place.left.is_some() && !learned(place)) {
        tracing::error!(source = %arrival.identity.source, alarm = "identity-moved", "a source gave a known id another NHS number");
    }
    // Identities first, then the standing of each person over all they now have.
    store::keep(tx, &placed, &HashMap::new()).await?;
    let mut given_up = give(tx, &placed).await?;
    let mut survivors = Vec::new();
    for (arrival, person) in late {
        given_up.extend(store::give(tx, &arrival.identity, person, &arrival.patient.replaces).await?.left);
        survivors.push(person);
    }
    for (_, place) in placed.iter().filter(|(_, place)| learned(place)) {
        let left: Vec<PersonId> = place.left.into_iter().collect();
        store::remember(tx, &left, place.person).await?;
    }
    let touched: Vec<PersonId> =
        touched.into_iter().chain(given_up.iter().copied()).chain(survivors).collect();
    let before = store::person_rows(tx, &touched).await?;
    let mut of_person: HashMap<PersonId, Vec<IdentityRow>> = HashMap::new();
    for row in store::identities_of(tx, &touched).await? {
        of_person.entry(PersonId(row.person)).or_default().push(row);
    }
    // Somebody whom every identity has left stays, with none.
    for person in placed.iter().filter_map(|(_, place)| place.left).chain(given_up) {
        of_person.entry(person).or_default();
    }
    let mut standings: HashMap<PersonId, (i64, Standing)> = HashMap::new();
    let mut changes = Vec::with_capacity(of_person.len());
    for (person, rows) in of_person {
        let patients: Vec<_> = rows.iter().map(IdentityRow::as_patient).collect();
        let standing = link::standing(&patients.iter().collect::<Vec<_>>());
        let version = before.get(&person).map_or(1, |row| row.version + 1);
        changes.push(PersonChanged {
            person,
            version,
            identities: rows.iter().map(IdentityRow::identity).collect(),
            practice: standing.practice.clone(),
            marks: standing.marks(),
        });
        standings.insert(person, (version, standing));
    }
    store::keep(tx, &[], &standings).await?;
    Store::publish(tx, now, &changes).await
}

/// A merge told by a message that is older than what is held: the rest of it changes nothing, the merge still does.
fn late_merges<'i>(
    incoming: &'i [Incoming],
    placed: &[Option<Placed>],
    held: &link::Held,
) -> Vec<(&'i Incoming, PersonId)> {
    let older = incoming.iter().zip(placed).filter(|(_, place)| place.is_none());
    let merging = older.map(|(arrival, _)| arrival).filter(|arrival| !arrival.patient.replaces.is_empty());
    merging.filter_map(|arrival| Some((arrival, held.identities.get(&arrival.identity)?.0))).collect()
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
