//! People at sources whose own id of them is their NHS number: outside this service they have a keyed hash of it, and a
//! source is asked with the id it knows. The id in clear must never leave but in a request to its own source.

use std::{collections::HashMap, sync::Arc};

use lcr_contracts::Failure;
use lcr_model::{
    LocalId, LocalIdKey, SourceId, SourceIdentity,
    seal::{DataKeys, SealError},
};
use lcr_store::Store;

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

    /// The id that each identity's source knows the person by. A hash that this service did not make has none: its source
    /// only sends, or sends under another number than it is asked by.
    pub async fn own_ids(
        &self,
        identities: &[SourceIdentity],
    ) -> Result<HashMap<SourceIdentity, String>, Failure> {
        let (hashes, plain): (Vec<_>, Vec<_>) = identities.iter().partition(|one| one.local_id.is_hash());
        let rows = rows::of(self.store.read(), &hashes).await.map_err(|e| lcr_store::unavailable(&e))?;
        let mut own: HashMap<SourceIdentity, String> =
            plain.into_iter().map(|one| (one.clone(), one.local_id.0.clone())).collect();
        for row in rows {
            let identity = row.identity();
            let id = self.keys.open(&lives_at(&identity), &row.sealed).map_err(Failure::internal)?;
            own.insert(identity, String::from_utf8(id).map_err(|_| Failure::internal("an id is not text"))?);
        }
        Ok(own)
    }
}

fn lives_at(identity: &SourceIdentity) -> String {
    format!("record-aggregation/hashed-id/{}/{}", identity.source, identity.local_id.0)
}

#[cfg(test)]
#[path = "hashed_ids_tests.rs"]
mod tests;
