//! People at sources whose own id of them is their NHS number: outside this service they have a keyed hash of it, and a
//! source is asked with the id it knows. The id in clear must never leave but in a request to its own source.

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
use sea_orm::DbErr;

use crate::store::hashed_id::{self as rows, Model};

/// Cheap to clone.
#[derive(Clone)]
pub struct HashedIds {
    pub store: Store,
    pub keys: Arc<DataKeys>,
    pub key: Arc<LocalIdKey>,
}

impl HashedIds {
    /// The local id of a source's own id, as it is known outside.
    pub fn local_id(&self, source: &SourceId, id: &str) -> LocalId {
        self.key.hash(source, None, id).unwrap_or_else(|| LocalId(id.to_owned()))
    }

    /// What is stored of an id that has a hash.
    pub fn row(&self, identity: &SourceIdentity, id: &str) -> Result<Option<Model>, SealError> {
        if identity.local_id.0 == id {
            return Ok(None);
        }
        let sealed = self.keys.seal(&lives_at(identity), id.as_bytes())?;
        let (source, local_id) = (identity.source.0.clone(), identity.local_id.0.clone());
        Ok(Some(Model { source, local_id, sealed }))
    }

    /// Takes in the ids of people of whom feeds tells by a hash, so that their source can be asked at once. What does not
    /// open or read fails the batch, so that the bus puts it aside and it can be brought back.
    pub async fn take(&self, events: Vec<DemographicsReceived>) -> Result<(), Failure> {
        let hashed = events.into_iter().filter(|event| event.identity.local_id.is_hash());
        let rows: Vec<Option<Model>> = hashed.map(|event| self.told(&event)).collect::<Result<_, _>>()?;
        let rows: Vec<Model> = rows.into_iter().flatten().collect();
        if rows.is_empty() {
            return Ok(());
        }
        let write = self
            .store
            .write::<_, DbErr, _>(move |tx| Box::pin(async move { rows::keep_new(tx, rows).await }));
        Ok(write.await?)
    }

    fn told(&self, event: &DemographicsReceived) -> Result<Option<Model>, Failure> {
        let plain = self.keys.open("feeds/demographics", &event.sealed).map_err(Failure::internal)?;
        let unread = |_| Failure::internal("what is told of a person does not read");
        let told: HashedPatient = serde_json::from_slice(&plain).map_err(unread)?;
        let Some(own) = told.own_id else { return Ok(None) };
        self.row(&event.identity, &own).map_err(Failure::internal)
    }

    /// The id that each identity's source is asked by. A hash of which no id is known here has none: nobody told of the id
    /// yet, what is stored does not open, or it is no id of a FHIR server.
    pub async fn own_ids(
        &self,
        identities: &[SourceIdentity],
    ) -> Result<HashMap<SourceIdentity, String>, Failure> {
        let plain = identities.iter().filter(|one| !one.local_id.is_hash());
        let mut own: HashMap<SourceIdentity, String> =
            plain.map(|one| (one.clone(), one.local_id.0.clone())).collect();
        let hashed = self.behind(identities).await?.into_iter();
        own.extend(hashed.filter_map(|(identity, id)| Some((identity, asked_by(&id)?))));
        Ok(own)
    }

    /// The identities with those under which versions before filed what was pushed: in clear, as sources write the number.
    pub async fn filed_under(&self, identities: &[SourceIdentity]) -> Result<Vec<SourceIdentity>, Failure> {
        let mut all = identities.to_vec();
        for (identity, id) in self.behind(identities).await? {
            for spelling in spellings(id) {
                let one = SourceIdentity { source: identity.source.clone(), local_id: LocalId(spelling) };
                if !all.contains(&one) {
                    all.push(one);
                }
            }
        }
        Ok(all)
    }

    /// What stands behind the hashes among the identities, as far as it is known and opens.
    async fn behind(&self, identities: &[SourceIdentity]) -> Result<Vec<(SourceIdentity, String)>, Failure> {
        let hashes: Vec<_> = identities.iter().filter(|one| one.local_id.is_hash()).collect();
        let rows = rows::of(self.store.read(), &hashes).await.map_err(|e| lcr_store::unavailable(&e))?;
        let open = |row: Model| {
            let identity = row.identity();
            let plain = self.keys.open(&lives_at(&identity), &row.sealed).ok();
            let id = plain.and_then(|plain| String::from_utf8(plain).ok());
            if id.is_none() {
                tracing::error!(source = %identity.source, "the id under which a source knows a person does not open; that source is not asked");
            }
            Some((identity, id?))
        };
        Ok(rows.into_iter().filter_map(open).collect())
    }
}

/// The id to ask a FHIR server with. A number with the name of its authority is none; one that people write with spaces is
/// its digits.
fn asked_by(id: &str) -> Option<String> {
    let number = NhsNumber::parse(id).ok().filter(|_| id.contains(char::is_whitespace));
    let id = number.map_or_else(|| id.to_owned(), String::from);
    (is_usable_id(&id) && !id.contains(':')).then_some(id)
}

fn spellings(id: String) -> Vec<String> {
    let number = NhsNumber::parse(&id).ok().map(|number| {
        let spaced = number.spaced();
        [number.as_str().to_owned(), spaced.replace(' ', "-"), spaced]
    });
    number.into_iter().flatten().chain([id]).collect()
}

fn lives_at(identity: &SourceIdentity) -> String {
    format!("record-aggregation/hashed-id/{}/{}", identity.source, identity.local_id.0)
}

#[cfg(test)]
#[path = "hashed_ids_tests.rs"]
mod tests;
