//! Finds where an item (result, document, referral, appointment) is stored: by its names, and by the ids that the
//! person's id replaced. A correction must go where the original went, whichever id it arrives under.

use std::collections::HashMap;

use lcr_contracts::events::{PushedItem, PushedKind};
use lcr_model::{LocalId, SourceId, SourceIdentity, seal::DataKeys};
use sea_orm::DbErr;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::publish::seal;
use crate::{
    domain::{Item, MappedEvent, PatientUpdate, Withdrawal, digest},
    store::last_known::{LastKnown, Row},
};

/// The most ids stored as replaced by one id.
const MAX_REPLACED: usize = 100;
/// The most people whose items may share a name.
const MAX_LOCATIONS_PER_NAME: usize = 50;

/// The person and key under which an item is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemLocation {
    pub local_id: LocalId,
    pub key: String,
}

/// The latest stored version of an item.
pub struct LatestVersion {
    pub version: i64,
    pub item: Option<PushedItem>,
}

/// Looks items up within the transaction of one message, and caches replaced ids.
pub struct ItemIndex<'t> {
    last_known: &'t LastKnown<'t>,
    keys: &'t DataKeys,
    replaced: HashMap<SourceIdentity, Vec<LocalId>>,
}

impl<'t> ItemIndex<'t> {
    pub fn new(last_known: &'t LastKnown<'t>, keys: &'t DataKeys) -> Self {
        Self { last_known, keys, replaced: HashMap::new() }
    }

    /// Stores which ids the patient's id now replaces.
    pub async fn store_replaced(&mut self, patient: &PatientUpdate) -> Result<(), DbErr> {
        if patient.replaces.is_empty() {
            return Ok(());
        }
        let identity = &patient.identity;
        let mut replaced = self.replaced_ids(identity).await?;
        for local_id in &patient.replaces {
            let other = SourceIdentity { source: identity.source.clone(), local_id: local_id.clone() };
            let of_other = self.replaced_ids(&other).await?;
            for local_id in std::iter::once(local_id.clone()).chain(of_other) {
                if local_id != identity.local_id && !replaced.contains(&local_id) && replaced.len() < MAX_REPLACED {
                    replaced.push(local_id);
                }
            }
        }
        self.write_sealed(&replaced_row_id(identity), &replaced)?;
        self.replaced.insert(identity.clone(), replaced);
        Ok(())
    }

    /// Where the item is already stored, else where to store it.
    pub async fn locate(&mut self, item: &Item) -> Result<ItemLocation, DbErr> {
        let own = ItemLocation { local_id: item.identity.local_id.clone(), key: item.key.clone() };
        let source = &item.identity.source;
        for name in &item.names {
            let locations: Vec<ItemLocation> = self.read_sealed(&name_row_id(source, item.kind, name)).await?;
            if let Some(location) = self.location_of_person(&item.identity, locations).await? {
                return Ok(location);
            }
        }
        if self.last_known.get(&item_row_id(source, item.kind, &own)).await?.is_some() {
            return Ok(own);
        }
        for local_id in self.replaced_ids(&item.identity).await? {
            let earlier = ItemLocation { local_id, key: item.key.clone() };
            if self.last_known.get(&item_row_id(source, item.kind, &earlier)).await?.is_some() {
                return Ok(earlier);
            }
        }
        Ok(own)
    }

    /// Where the withdrawn item is stored, with its latest version. `None` if it is unknown or belongs to several people.
    pub async fn locate_withdrawn(
        &mut self,
        withdrawal: &Withdrawal,
    ) -> Result<Option<(ItemLocation, LatestVersion)>, DbErr> {
        let locations: Vec<ItemLocation> =
            self.read_sealed(&name_row_id(&withdrawal.source, withdrawal.kind, &withdrawal.name)).await?;
        let location = match &withdrawal.person {
            Some(local_id) => {
                let identity = SourceIdentity { source: withdrawal.source.clone(), local_id: local_id.clone() };
                self.location_of_person(&identity, locations).await?
            }
            None => <[ItemLocation; 1]>::try_from(locations).ok().map(|[only]| only),
        };
        let Some(location) = location else { return Ok(None) };
        let last = self.latest(&withdrawal.source, withdrawal.kind, &location).await?;
        Ok(last.filter(|last| last.item.is_some()).map(|last| (location, last)))
    }

    pub async fn latest(
        &self,
        source: &SourceId,
        kind: PushedKind,
        location: &ItemLocation,
    ) -> Result<Option<LatestVersion>, DbErr> {
        let id = item_row_id(source, kind, location);
        let Some(row) = self.last_known.get(&id).await? else { return Ok(None) };
        let plain = row.sealed.and_then(|sealed| self.keys.open(&associated_data(&id), &sealed).ok());
        let item = plain.and_then(|plain| serde_json::from_slice(&plain).ok());
        Ok(Some(LatestVersion { version: row.version, item }))
    }

    /// Stores a version. `item` is `None` if no later version needs its content.
    pub fn store_version(
        &self,
        source: &SourceId,
        kind: PushedKind,
        location: &ItemLocation,
        version: i64,
        item: Option<&PushedItem>,
    ) -> Result<(), DbErr> {
        let id = item_row_id(source, kind, location);
        let sealed = item.map(|item| seal(self.keys, &associated_data(&id), item)).transpose()?;
        self.last_known.upsert(Row { id, version, sealed });
        Ok(())
    }

    /// Stores the names by which an item and its parts can be found.
    pub async fn store_names(
        &self,
        source: &SourceId,
        kind: PushedKind,
        names: impl Iterator<Item = String>,
        location: &ItemLocation,
    ) -> Result<(), DbErr> {
        for name in names {
            let id = name_row_id(source, kind, &name);
            let mut locations: Vec<ItemLocation> = self.read_sealed(&id).await?;
            if locations.contains(location) {
                continue;
            }
            locations.retain(|other| other.local_id != location.local_id);
            locations.push(location.clone());
            if locations.len() > MAX_LOCATIONS_PER_NAME {
                locations.remove(0);
            }
            self.write_sealed(&id, &locations)?;
        }
        Ok(())
    }

    /// The person's location: under their id, else under an id it replaced.
    async fn location_of_person(
        &mut self,
        identity: &SourceIdentity,
        locations: Vec<ItemLocation>,
    ) -> Result<Option<ItemLocation>, DbErr> {
        if locations.is_empty() {
            return Ok(None);
        }
        let ids = [vec![identity.local_id.clone()], self.replaced_ids(identity).await?].concat();
        Ok(ids.iter().find_map(|id| locations.iter().find(|location| location.local_id == *id).cloned()))
    }

    /// The ids that a person's id replaced.
    pub async fn replaced_ids(&mut self, identity: &SourceIdentity) -> Result<Vec<LocalId>, DbErr> {
        if let Some(known) = self.replaced.get(identity) {
            return Ok(known.clone());
        }
        let replaced: Vec<LocalId> = self.read_sealed(&replaced_row_id(identity)).await?;
        self.replaced.insert(identity.clone(), replaced.clone());
        Ok(replaced)
    }

    async fn read_sealed<T: DeserializeOwned + Default>(&self, id: &str) -> Result<T, DbErr> {
        let sealed = self.last_known.get(id).await?.and_then(|row| row.sealed);
        let plain = sealed.and_then(|sealed| self.keys.open(&associated_data(id), &sealed).ok());
        Ok(plain.and_then(|plain| serde_json::from_slice(&plain).ok()).unwrap_or_default())
    }

    fn write_sealed(&self, id: &str, body: &impl Serialize) -> Result<(), DbErr> {
        let sealed = seal(self.keys, &associated_data(id), body)?;
        self.last_known.upsert(Row { id: id.to_owned(), version: 0, sealed: Some(sealed) });
        Ok(())
    }
}

/// The rows that an item or a deletion reads in any case.
pub fn needed_row_ids(event: &MappedEvent) -> Vec<String> {
    match event {
        MappedEvent::Item(item) => {
            let source = &item.identity.source;
            let own = ItemLocation { local_id: item.identity.local_id.clone(), key: item.key.clone() };
            let names = item.names.iter().map(|name| name_row_id(source, item.kind, name));
            names.chain([item_row_id(source, item.kind, &own), replaced_row_id(&item.identity)]).collect()
        }
        MappedEvent::Withdrawal(one) => vec![name_row_id(&one.source, one.kind, &one.name)],
        _ => vec![],
    }
}

fn item_row_id(source: &SourceId, kind: PushedKind, location: &ItemLocation) -> String {
    digest(&["item", kind.key(), source.as_str(), &location.local_id.0, &location.key])
}

fn name_row_id(source: &SourceId, kind: PushedKind, name: &str) -> String {
    digest(&["item-name", kind.key(), source.as_str(), name])
}

pub fn replaced_row_id(identity: &SourceIdentity) -> String {
    digest(&["replaced", identity.source.as_str(), &identity.local_id.0])
}

fn associated_data(id: &str) -> String {
    format!("feeds/items/{id}")
}
