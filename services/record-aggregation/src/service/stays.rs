//! Stays of the ward, stored until somebody may look: sealed, the newest version of each.

use lcr_contracts::{
    Failure,
    events::{OnRecord, WardChanged},
};
use lcr_model::{PersonId, seal::DataKeys};
use sea_orm::DbErr;

use super::shelf::Shelf;
use crate::{
    domain::stays::{Sends, Stay},
    store::stays as rows,
};

/// Where a stored stay lives, as sealing names it.
const LIVES_AT: &str = "record-aggregation/stay";

/// What the ward says of one person, and which hospitals it hears.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct OfPerson {
    pub stays: Vec<Stay>,
    pub sends: Vec<Sends>,
}

/// What an event says of the stay for the record; `None` for one of before there was anything to say.
pub fn on_record(keys: &DataKeys, event: &WardChanged) -> Option<Result<OnRecord, Failure>> {
    let sealed = event.record.as_ref()?;
    let unread = |_| Failure::internal("a stay does not read");
    let opened = keys.open("ward/record", sealed).map_err(Failure::internal);
    Some(opened.and_then(|plain| serde_json::from_slice(&plain).map_err(unread)))
}

impl Shelf {
    /// Stores what the ward says. What does not open or read fails the batch, so that the bus puts it aside and it can be
    /// brought back.
    pub async fn take_stays(&self, events: Vec<WardChanged>) -> Result<(), Failure> {
        let (mut stays, mut heard) = (vec![], vec![]);
        for event in events {
            let Some(told) = on_record(&self.keys, &event).transpose()? else { continue };
            heard.push((told.source.0.clone(), told.last_told.as_microsecond()));
            stays.push(self.stay(&event, &told)?);
        }
        if stays.is_empty() {
            return Ok(());
        }
        let write = self.store.write::<_, DbErr, _>(move |tx| {
            Box::pin(async move {
                for (source, last) in heard {
                    rows::heard(tx, &source, last).await?;
                }
                rows::keep(tx, stays).await
            })
        });
        Ok(write.await?)
    }

    fn stay(&self, event: &WardChanged, told: &OnRecord) -> Result<rows::stay::Model, Failure> {
        let person = told.person.filter(|_| told.counts);
        let plain = serde_json::to_vec(told).map_err(Failure::internal)?;
        let sealed = person.map(|_| self.keys.seal(LIVES_AT, &plain)).transpose();
        Ok(rows::stay::Model {
            spell: event.spell.to_string(),
            version: event.version,
            person: person.map(|person| person.to_string()),
            sealed: sealed.map_err(Failure::internal)?,
        })
    }

    /// Every stay of the person that counts.
    pub async fn stays(&self, person: PersonId) -> Result<OfPerson, Failure> {
        let db = self.store.read();
        let found = rows::of(db, person).await.map_err(|e| lcr_store::unavailable(&e))?;
        let sources = rows::sources(db).await.map_err(|e| lcr_store::unavailable(&e))?;
        let open = |row: rows::stay::Model| {
            let plain = self.keys.open(LIVES_AT, &row.sealed?).map_err(Failure::internal);
            let unread = |_| Failure::internal("a stored stay does not read");
            let told = plain.and_then(|plain| serde_json::from_slice(&plain).map_err(unread));
            Some(told.map(|on_record| Stay { spell: lcr_model::SpellId(row.spell), on_record }))
        };
        Ok(OfPerson {
            stays: found.into_iter().filter_map(open).collect::<Result<_, _>>()?,
            sends: sources.into_iter().map(|(source, last)| Sends { source, last }).collect(),
        })
    }
}

#[cfg(test)]
#[path = "stays_tests.rs"]
mod tests;
