//! Local ids that are NHS numbers: other services see a keyed hash, and the source is asked with the id itself. The id in clear
//! must never leave except in a request to its own source.

use std::{collections::HashMap, sync::Arc};

use lcr_contracts::{
    Failure,
    events::{DemographicsReceived, HashedPatient},
};
use lcr_fhir::is_usable_id;
use lcr_model::{
    LocalId, LocalIdKey, NhsNumber, SourceId, SourceIdentity,
    seal::{DataKeys, SealError},
};
use lcr_store::Store;

use crate::store::hashed_id::{self as rows, Model};

/// The ids behind the hashes. Cheap to clone.
#[derive(Clone)]
pub struct HashedIds {
    pub store: Store,
    pub keys: Arc<DataKeys>,
    pub key: Arc<LocalIdKey>,
}

impl HashedIds {
    /// The local id that other services see for a source's own id.
    pub fn local_id(&self, source: &SourceId, id: &str) -> LocalId {
        self.key.hash(source, None, id).unwrap_or_else(|| LocalId(id.to_owned()))
    }

    /// The sealed row of an id; `None` for an id that is not hashed.
    pub fn sealed_row(&self, identity: &SourceIdentity, id: &str) -> Result<Option<Model>, SealError> {
        if identity.local_id.0 == id {
            return Ok(None);
        }
        let sealed = self.keys.seal(&associated_data(identity), id.as_bytes())?;
        let (source, local_id) = (identity.source.0.clone(), identity.local_id.0.clone());
        Ok(Some(Model { source, local_id, sealed }))
    }

    /// Stores the ids behind the hashes in feeds' events, so that the sources can be asked at once. An event that cannot be
    /// opened or parsed fails the batch, so that the bus makes it a dead letter.
    pub async fn save(&self, events: Vec<DemographicsReceived>) -> Result<(), Failure> {
        let hashed = events.into_iter().filter(|event| event.identity.local_id.is_hash());
        let rows: Vec<Option<Model>> = hashed.map(|event| self.row_of_event(&event)).collect::<Result<_, _>>()?;
        let rows: Vec<Model> = rows.into_iter().flatten().collect();
        if rows.is_empty() {
            return Ok(());
        }
        let write = self.store.write(async move |tx| rows::insert_new(&tx, rows).await);
        Ok(write.await?)
    }

    fn row_of_event(&self, event: &DemographicsReceived) -> Result<Option<Model>, Failure> {
        let plain = self.keys.open("feeds/demographics", &event.sealed).map_err(Failure::internal)?;
        let malformed = |_| Failure::internal("a demographics event cannot be parsed");
        let patient: HashedPatient = serde_json::from_slice(&plain).map_err(malformed)?;
        let Some(own_id) = patient.own_id else { return Ok(None) };
        self.sealed_row(&event.identity, &own_id).map_err(Failure::internal)
    }

    /// Loads the ids behind the hashed identities. An id that cannot be opened is logged and left out. If no identity is a hash,
    /// the store is not asked.
    pub async fn load<'a>(&self, identities: &'a [SourceIdentity]) -> Result<IdLookup<'a>, Failure> {
        let hashes: Vec<_> = identities.iter().filter(|one| one.local_id.is_hash()).collect();
        let rows = rows::load(self.store.read(), &hashes).await?;
        let open = |row: Model| {
            let identity = row.identity();
            let plain = self.keys.open(&associated_data(&identity), &row.sealed).ok();
            let id = plain.and_then(|plain| String::from_utf8(plain).ok());
            if id.is_none() {
                tracing::error!(source = %identity.source, "the id by which a source knows a person cannot be opened; the source is not asked");
            }
            Some((identity, id?))
        };
        Ok(IdLookup { identities, hashed: rows.into_iter().filter_map(open).collect() })
    }
}

/// A person's identities, with the ids behind those that are hashes.
pub struct IdLookup<'a> {
    identities: &'a [SourceIdentity],
    hashed: Vec<(SourceIdentity, String)>,
}

impl IdLookup<'_> {
    /// The id to ask each identity's source with. A hash has none if its id is not stored, cannot be opened, or is not an id of a
    /// FHIR server.
    pub fn own_ids(&self) -> HashMap<SourceIdentity, String> {
        let plain = self.identities.iter().filter(|one| !one.local_id.is_hash());
        let plain = plain.map(|one| (one.clone(), one.local_id.0.clone()));
        let hashed = self.hashed.iter().filter_map(|(identity, id)| Some((identity.clone(), request_id(id)?)));
        plain.chain(hashed).collect()
    }

    /// The identities, and those in clear under which earlier versions stored pushed items.
    pub fn with_plain_identities(&self) -> Vec<SourceIdentity> {
        let mut all = self.identities.to_vec();
        for (identity, id) in &self.hashed {
            for spelling in spellings(id) {
                let plain = SourceIdentity { source: identity.source.clone(), local_id: LocalId(spelling) };
                if !all.contains(&plain) {
                    all.push(plain);
                }
            }
        }
        all
    }
}

/// The id to ask a FHIR server with. A number written with spaces becomes its digits; an id prefixed with an authority cannot be
/// used.
fn request_id(id: &str) -> Option<String> {
    let number = NhsNumber::parse(id).ok().filter(|_| id.contains(char::is_whitespace));
    let id = number.map_or_else(|| id.to_owned(), String::from);
    (is_usable_id(&id) && !id.contains(':')).then_some(id)
}

/// The id, and the ways in which an NHS number is written.
fn spellings(id: &str) -> Vec<String> {
    let number = NhsNumber::parse(id).ok().map(|number| {
        let spaced = number.spaced();
        [number.as_str().to_owned(), spaced.replace(' ', "-"), spaced]
    });
    number.into_iter().flatten().chain([id.to_owned()]).collect()
}

fn associated_data(identity: &SourceIdentity) -> String {
    format!("record-aggregation/hashed-id/{}/{}", identity.source, identity.local_id.0)
}

#[cfg(test)]
#[path = "hashed_ids_tests.rs"]
mod tests;
