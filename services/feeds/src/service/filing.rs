//! Under which number of a person and which key an item is filed: by its names, and by the numbers that the person's
//! number replaced. A correction goes where the item went, whatever number it came under.

use std::collections::HashMap;

use lcr_contracts::events::{Pushed, PushedItem};
use lcr_model::{LocalId, SourceId, SourceIdentity, seal::DataKeys};
use sea_orm::{DatabaseTransaction, DbErr};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::publish::sealed;
use crate::{
    domain::{Item, PatientTold, Withdrawal, digest},
    store::held,
};

/// The most numbers that one replaced, and the most people whose items have one name.
const MOST_REPLACED: usize = 100;
const MOST_OF_A_NAME: usize = 50;

/// An item's person and key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    pub local_id: LocalId,
    pub key: String,
}

/// The last version of an item.
pub struct Last {
    pub version: i64,
    pub item: Option<PushedItem>,
}

/// What one message looks up.
pub struct Filing<'t> {
    tx: &'t DatabaseTransaction,
    keys: &'t DataKeys,
    replaced: HashMap<SourceIdentity, Vec<LocalId>>,
}

impl<'t> Filing<'t> {
    pub fn new(tx: &'t DatabaseTransaction, keys: &'t DataKeys) -> Self {
        Self { tx, keys, replaced: HashMap::new() }
    }

    /// Keeps which numbers a person's number replaces now.
    pub async fn merge(&mut self, patient: &PatientTold) -> Result<(), DbErr> {
        if patient.replaces.is_empty() {
            return Ok(());
        }
        let identity = &patient.identity;
        let mut all = self.replaced(identity).await?;
        for local_id in &patient.replaces {
            let other = SourceIdentity { source: identity.source.clone(), local_id: local_id.clone() };
            let of_other = self.replaced(&other).await?;
            for one in std::iter::once(local_id.clone()).chain(of_other) {
                if one != identity.local_id && !all.contains(&one) && all.len() < MOST_REPLACED {
                    all.push(one);
                }
            }
        }
        self.write(&replaced_row(identity), &all).await?;
        self.replaced.insert(identity.clone(), all);
        Ok(())
    }

    /// Where an item is filed already, else where it is to be.
    pub async fn place(&mut self, item: &Item) -> Result<Place, DbErr> {
        let own = Place { local_id: item.identity.local_id.clone(), key: item.key.clone() };
        let source = &item.identity.source;
        for name in &item.names {
            let places: Vec<Place> = self.read(&name_row(source, item.kind, name)).await?;
            if let Some(place) = self.of_person(&item.identity, places).await? {
                return Ok(place);
            }
        }
        if held::get(self.tx, &row_id(source, item.kind, &own)).await?.is_some() {
            return Ok(own);
        }
        for local_id in self.replaced(&item.identity).await? {
            let before = Place { local_id, key: item.key.clone() };
            if held::get(self.tx, &row_id(source, item.kind, &before)).await?.is_some() {
                return Ok(before);
            }
        }
        Ok(own)
    }

    /// Where what is deleted is filed, with its last version; `None` where that is not known, or it is of several people.
    pub async fn withdrawn(&mut self, one: &Withdrawal) -> Result<Option<(Place, Last)>, DbErr> {
        let places: Vec<Place> = self.read(&name_row(&one.source, one.kind, &one.name)).await?;
        let place = match &one.person {
            Some(local_id) => {
                let identity = SourceIdentity { source: one.source.clone(), local_id: local_id.clone() };
                self.of_person(&identity, places).await?
            }
            None => <[Place; 1]>::try_from(places).ok().map(|[only]| only),
        };
        let Some(place) = place else { return Ok(None) };
        let last = self.last(&one.source, one.kind, &place).await?;
        Ok(last.filter(|last| last.item.is_some()).map(|last| (place, last)))
    }

    pub async fn last(&self, source: &SourceId, kind: Pushed, place: &Place) -> Result<Option<Last>, DbErr> {
        let id = row_id(source, kind, place);
        let Some(row) = held::get(self.tx, &id).await? else { return Ok(None) };
        let plain = row.sealed.and_then(|sealed| self.keys.open(&lives_at(&id), &sealed).ok());
        let item = plain.and_then(|plain| serde_json::from_slice(&plain).ok());
        Ok(Some(Last { version: row.version, item }))
    }

    /// Keeps a version; without the item where no later one needs it.
    pub async fn keep(
        &self,
        source: &SourceId,
        kind: Pushed,
        place: &Place,
        version: i64,
        item: Option<&PushedItem>,
    ) -> Result<(), DbErr> {
        let id = row_id(source, kind, place);
        let sealed = item.map(|item| sealed(self.keys, &lives_at(&id), item)).transpose()?;
        held::keep(self.tx, held::Row { id, version, sealed }).await
    }

    /// Keeps by which names an item and its parts are found again.
    pub async fn name(
        &self,
        source: &SourceId,
        kind: Pushed,
        names: impl Iterator<Item = String>,
        place: &Place,
    ) -> Result<(), DbErr> {
        for name in names {
            let id = name_row(source, kind, &name);
            let mut places: Vec<Place> = self.read(&id).await?;
            if places.contains(place) {
                continue;
            }
            places.retain(|one| one.local_id != place.local_id);
            places.push(place.clone());
            if places.len() > MOST_OF_A_NAME {
                places.remove(0);
            }
            self.write(&id, &places).await?;
        }
        Ok(())
    }

    /// The place that is the person's: under their number, else under one that it replaced.
    async fn of_person(
        &mut self,
        identity: &SourceIdentity,
        places: Vec<Place>,
    ) -> Result<Option<Place>, DbErr> {
        if places.is_empty() {
            return Ok(None);
        }
        let numbers = [vec![identity.local_id.clone()], self.replaced(identity).await?].concat();
        Ok(numbers.iter().find_map(|number| places.iter().find(|place| place.local_id == *number).cloned()))
    }

    /// The numbers that a person's number replaced.
    pub async fn replaced(&mut self, identity: &SourceIdentity) -> Result<Vec<LocalId>, DbErr> {
        if let Some(known) = self.replaced.get(identity) {
            return Ok(known.clone());
        }
        let found: Vec<LocalId> = self.read(&replaced_row(identity)).await?;
        self.replaced.insert(identity.clone(), found.clone());
        Ok(found)
    }

    async fn read<T: DeserializeOwned + Default>(&self, id: &str) -> Result<T, DbErr> {
        let sealed = held::get(self.tx, id).await?.and_then(|row| row.sealed);
        let plain = sealed.and_then(|sealed| self.keys.open(&lives_at(id), &sealed).ok());
        Ok(plain.and_then(|plain| serde_json::from_slice(&plain).ok()).unwrap_or_default())
    }

    async fn write(&self, id: &str, body: &impl Serialize) -> Result<(), DbErr> {
        let sealed = sealed(self.keys, &lives_at(id), body)?;
        held::keep(self.tx, held::Row { id: id.to_owned(), version: 0, sealed: Some(sealed) }).await
    }
}

fn row_id(source: &SourceId, kind: Pushed, place: &Place) -> String {
    digest(&["item", &format!("{kind:?}"), source.as_str(), &place.local_id.0, &place.key])
}

fn name_row(source: &SourceId, kind: Pushed, name: &str) -> String {
    digest(&["item-name", &format!("{kind:?}"), source.as_str(), name])
}

fn replaced_row(identity: &SourceIdentity) -> String {
    digest(&["replaced", identity.source.as_str(), &identity.local_id.0])
}

fn lives_at(id: &str) -> String {
    format!("feeds/items/{id}")
}
