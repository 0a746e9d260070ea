//! Stores the ward's stays: sealed, and only the newest version of each. It must never store one in clear.

use std::{collections::BTreeMap, sync::Arc};

use lcr_contracts::{
    Failure,
    events::{OnRecord, WardChanged},
};
use lcr_model::{PersonId, seal::DataKeys};
use lcr_store::{Store, StoreError};

use crate::{
    domain::stays::{Stay, WardFeed},
    store::{recent_rows::RecentRows, stays as rows},
};

/// The associated data of a stored stay's seal.
const SEALED_AT: &str = "record-aggregation/stay";

/// One person's stays, and the hospitals that send ward messages.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PersonStays {
    pub stays: Vec<Stay>,
    pub feeds: Vec<WardFeed>,
}

/// Opens the part of a ward event that is for the record; `None` for an event from before it had one.
pub fn open_stay(keys: &DataKeys, event: &WardChanged) -> Option<Result<OnRecord, Failure>> {
    let sealed = event.record.as_ref()?;
    let malformed = |_| Failure::internal("a stay cannot be parsed");
    let opened = keys.open("ward/record", sealed).map_err(Failure::internal);
    Some(opened.and_then(|plain| serde_json::from_slice(&plain).map_err(malformed)))
}

/// The store of everybody's stays.
#[derive(Clone)]
pub struct WardStays {
    pub store: Store,
    pub keys: Arc<DataKeys>,
    /// The hospitals that send ward messages. Another replica's newer message counts a second later.
    pub feeds: Arc<RecentRows<WardFeed>>,
}

impl WardStays {
    /// Stores the stays. A stay that cannot be opened or parsed fails the batch, so that the bus makes it a dead letter.
    pub async fn save(&self, events: Vec<WardChanged>) -> Result<(), Failure> {
        let (mut stays, mut sources) = (vec![], BTreeMap::<String, i64>::new());
        for event in events {
            let Some(stay) = open_stay(&self.keys, &event).transpose()? else { continue };
            let last = sources.entry(stay.source.0.clone()).or_insert(i64::MIN);
            *last = (*last).max(stay.last_message_at.as_microsecond());
            stays.push(self.sealed_row(&event, &stay)?);
        }
        if stays.is_empty() {
            return Ok(());
        }
        let write = self.store.write(async move |tx| {
            rows::save_sources(&tx, sources).await?;
            rows::upsert_newer(&tx, stays).await
        });
        let written = write.await;
        // A write that failed may have been stored all the same.
        self.feeds.clear();
        Ok(written?)
    }

    fn sealed_row(&self, event: &WardChanged, stay: &OnRecord) -> Result<rows::stay::Model, Failure> {
        let person = stay.person.filter(|_| stay.counts);
        let plain = serde_json::to_vec(stay).map_err(Failure::internal)?;
        let sealed = person.map(|_| self.keys.seal(SEALED_AT, &plain)).transpose();
        Ok(rows::stay::Model {
            spell: event.spell.to_string(),
            version: event.version,
            person: person.map(|person| person.to_string()),
            sealed: sealed.map_err(Failure::internal)?,
        })
    }

    /// Loads every stay of the person that counts.
    pub async fn load(&self, person: PersonId) -> Result<PersonStays, Failure> {
        let db = self.store.read();
        let feeds = self.feeds.get_or_read(async {
            let sources = rows::load_sources(db).await?;
            let feed = |(source, last_message)| WardFeed { source, last_message };
            Ok::<_, StoreError>(sources.into_iter().map(feed).collect::<Vec<_>>())
        });
        let (rows, feeds) = tokio::try_join!(rows::load(db, person), feeds)?;
        let open = |row: rows::stay::Model| {
            let plain = self.keys.open(SEALED_AT, &row.sealed?).map_err(Failure::internal);
            let malformed = |_| Failure::internal("a stored stay cannot be parsed");
            let stay = plain.and_then(|plain| serde_json::from_slice(&plain).map_err(malformed));
            Some(stay.map(|on_record| Stay { spell: lcr_model::SpellId(row.spell), on_record }))
        };
        Ok(PersonStays { stays: rows.into_iter().filter_map(open).collect::<Result<_, _>>()?, feeds: feeds.to_vec() })
    }
}

#[cfg(test)]
#[path = "ward_stays_tests.rs"]
mod tests;
