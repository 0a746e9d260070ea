//! Short-lived sealed values. Keys are hashed and values are sealed with the key's name as associated data, so a dump of
//! the cache reveals nothing. A value of an old generation must never be written.

pub mod embedded;
pub mod redis;
pub mod suite;

pub use embedded::EmbeddedCache;
pub use redis::RedisCache;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use lcr_model::seal::DataKeys;
use thiserror::Error;

/// The cache is down. Callers may treat it as empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum CacheError {
    #[error("the cache did not answer")]
    Unavailable,
}

/// The raw cache: text by key with a time to live, and generation counters.
#[async_trait]
pub trait Cache: Send + Sync {
    async fn get(&self, key: &str) -> Result<Option<String>, CacheError>;
    /// Writes only if `generation_key` still has the value `generation`.
    async fn put_if(
        &self,
        key: &str,
        value: String,
        ttl: Duration,
        generation_key: &str,
        generation: u64,
    ) -> Result<bool, CacheError>;
    async fn generation(&self, key: &str) -> Result<u64, CacheError>;
    /// Raises a generation: values of older generations are gone.
    async fn invalidate(&self, key: &str) -> Result<(), CacheError>;
}

/// The cache that services use: hashes keys and seals values.
#[derive(Clone)]
pub struct SealedCache {
    inner: Arc<dyn Cache>,
    keys: Arc<DataKeys>,
}

impl std::fmt::Debug for SealedCache {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SealedCache")
    }
}

/// The place of a value: a group that is invalidated together (a source identity) and a name in it (a dataset).
#[derive(Debug)]
pub struct Slot {
    group: Arc<str>,
    key: String,
}

impl Slot {
    /// The hashed key of the value.
    pub fn key(&self) -> &str {
        &self.key
    }
}

/// A group whose hash is known, so that the slots of its values need one hash each.
pub struct Group {
    name: String,
    hash: Arc<str>,
}

impl Group {
    /// The hashed key of the group.
    pub fn key(&self) -> &Arc<str> {
        &self.hash
    }
}

/// The name may hold a person's id.
impl std::fmt::Debug for Group {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Group")
    }
}

impl SealedCache {
    pub fn new(inner: Arc<dyn Cache>, keys: Arc<DataKeys>) -> Self {
        Self { inner, keys }
    }

    pub fn slot(&self, group: &str, name: &str) -> Slot {
        self.slot_in(&self.group(group), name)
    }

    pub fn group(&self, name: &str) -> Group {
        Group { name: name.to_owned(), hash: self.keys.hash_name(name).into() }
    }

    /// The slot of a value in a group: the same as `slot` gives for the group's name.
    pub fn slot_in(&self, group: &Group, name: &str) -> Slot {
        Slot { group: group.hash.clone(), key: self.keys.hash_name(&format!("{}\u{0}{name}", group.name)) }
    }

    /// Read it before fetching, and pass it to `put`.
    pub async fn generation(&self, slot: &Slot) -> Result<u64, CacheError> {
        self.inner.generation(&slot.group).await
    }

    /// The same for all slots of a group.
    pub async fn generation_of(&self, group: &Group) -> Result<u64, CacheError> {
        self.inner.generation(&group.hash).await
    }

    /// The value, if it is there, opens, and has the group's current generation.
    pub async fn get(&self, slot: &Slot) -> Result<Option<Vec<u8>>, CacheError> {
        let generation = self.inner.generation(&slot.group).await?;
        let Some(sealed) = self.inner.get(&slot.key).await? else { return Ok(None) };
        Ok(self.keys.open(&lives_at(slot, generation), &sealed).ok())
    }

    /// Stores `value` unless the group was invalidated since `generation` was read.
    pub async fn put(&self, slot: &Slot, value: &[u8], ttl: Duration, generation: u64) -> Result<bool, CacheError> {
        let sealed = self.keys.seal(&lives_at(slot, generation), value).map_err(|_| CacheError::Unavailable)?;
        self.inner.put_if(&slot.key, sealed, ttl, &slot.group, generation).await
    }

    pub async fn invalidate(&self, slot: &Slot) -> Result<(), CacheError> {
        self.inner.invalidate(&slot.group).await
    }
}

/// The associated data names slot and generation, so a value of an older generation does not open.
fn lives_at(slot: &Slot, generation: u64) -> String {
    format!("cache/{}/{generation}", slot.key)
}
