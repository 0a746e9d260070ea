//! The cache of one process, limited by bytes. Generations must not be evicted while the process runs.

use std::{collections::HashMap, sync::Mutex, time::Duration};

use async_trait::async_trait;
use moka::future::Cache as Moka;

use crate::{Cache, CacheError};

/// Values in memory, at most `bytes`, each with its own time to live.
#[derive(Debug)]
pub struct EmbeddedCache {
    values: Moka<String, ExpiringValue>,
    generations: Mutex<HashMap<String, u64>>,
}

#[derive(Debug, Clone)]
struct ExpiringValue {
    value: String,
    ttl: Duration,
}

struct ValueExpiry;

impl moka::Expiry<String, ExpiringValue> for ValueExpiry {
    fn expire_after_create(&self, _: &String, timed: &ExpiringValue, _: std::time::Instant) -> Option<Duration> {
        Some(timed.ttl)
    }

    /// A rewritten value gets its own time to live.
    fn expire_after_update(
        &self,
        _: &String,
        timed: &ExpiringValue,
        _: std::time::Instant,
        _: Option<Duration>,
    ) -> Option<Duration> {
        Some(timed.ttl)
    }
}

impl EmbeddedCache {
    pub fn new(bytes: u64) -> Self {
        let values = Moka::builder()
            .max_capacity(bytes)
            .weigher(|key: &String, timed: &ExpiringValue| {
                u32::try_from(key.len() + timed.value.len()).unwrap_or(u32::MAX)
            })
            .expire_after(ValueExpiry)
            .build();
        Self { values, generations: Mutex::default() }
    }

    fn read_generation(&self, key: &str) -> Result<u64, CacheError> {
        let generations = self.generations.lock().map_err(|_| CacheError::Unavailable)?;
        Ok(generations.get(key).copied().unwrap_or(0))
    }
}

#[async_trait]
impl Cache for EmbeddedCache {
    async fn get(&self, key: &str) -> Result<Option<String>, CacheError> {
        Ok(self.values.get(key).await.map(|timed| timed.value))
    }

    async fn put_if(
        &self,
        key: &str,
        value: String,
        ttl: Duration,
        generation_key: &str,
        generation: u64,
    ) -> Result<bool, CacheError> {
        if self.read_generation(generation_key)? != generation {
            return Ok(false);
        }
        self.values.insert(key.to_owned(), ExpiringValue { value, ttl }).await;
        Ok(true)
    }

    async fn generation(&self, key: &str) -> Result<u64, CacheError> {
        self.read_generation(key)
    }

    async fn invalidate(&self, key: &str) -> Result<(), CacheError> {
        let mut generations = self.generations.lock().map_err(|_| CacheError::Unavailable)?;
        *generations.entry(key.to_owned()).or_insert(0) += 1;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    #[tokio::test]
    async fn the_embedded_cache_passes_the_suite() {
        crate::suite::run(Arc::new(super::EmbeddedCache::new(1 << 20))).await.unwrap();
    }
}
