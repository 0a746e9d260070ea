//! The cache of a cluster, on Redis. An outage must cost a caller little and reads as empty. After a restart or an
//! eviction no old generation may return, so an unknown generation starts at the server's clock.

use std::{
    fmt,
    future::Future,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use async_trait::async_trait;
use redis::{
    AsyncCommands, Client, RedisError, RedisResult, Script,
    aio::{ConnectionManager, ConnectionManagerConfig},
};
use tokio::{sync::Semaphore, time::timeout};

use crate::{Cache, CacheError};

/// The longest call. The alternative, asking the source again, is not much slower.
const CALL_TIMEOUT: Duration = Duration::from_millis(250);
/// After a failure, calls fail at once for this long: a page reads dozens of values.
const PAUSE_AFTER_FAILURE: Duration = Duration::from_millis(500);
/// The most concurrent calls; further calls wait within their deadline.
const MAX_CONCURRENT: usize = 512;
/// The least time that a generation outlives its last use; it lives at least as long as its values. A lost generation
/// only costs its values.
const GENERATION_TTL: Duration = Duration::from_hours(48);

/// Starts a generation at the server's clock in microseconds: later than any before, because none is raised a million
/// times a second.
const GENERATION: &str = r"
local g = redis.call('GET', KEYS[1])
if not g then
  local t = redis.call('TIME')
  g = string.format('%s%06d', t[1], t[2])
  redis.call('SET', KEYS[1], g, 'PX', ARGV[1])
end
return g";

const INVALIDATE: &str = r"
if redis.call('EXISTS', KEYS[1]) == 1 then
  redis.call('INCR', KEYS[1])
  redis.call('PEXPIRE', KEYS[1], ARGV[1])
else
  local t = redis.call('TIME')
  redis.call('SET', KEYS[1], string.format('%s%06d', t[1], t[2]), 'PX', ARGV[1])
end
return 1";

/// Compares and writes in one step, so that no invalidation comes between.
const PUT_IF: &str = r"
if redis.call('GET', KEYS[2]) ~= ARGV[2] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[3])
if redis.call('PTTL', KEYS[2]) < tonumber(ARGV[4]) then redis.call('PEXPIRE', KEYS[2], ARGV[4]) end
return 1";

/// A connection to one Redis.
pub struct RedisCache {
    connection: ConnectionManager,
    generation: Script,
    invalidate: Script,
    put_if: Script,
    room: Semaphore,
    resting: Mutex<Option<Instant>>,
}

impl fmt::Debug for RedisCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RedisCache")
    }
}

impl RedisCache {
    /// Connects at the first call and reconnects as needed. Fails only if the address is invalid.
    pub fn open(url: &str) -> Result<Self, RedisError> {
        // Libraries may link two TLS providers, so install ours for `rediss://`. Installing it twice does no harm.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let config = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(CALL_TIMEOUT))
            .set_response_timeout(Some(CALL_TIMEOUT))
            .set_number_of_retries(0);
        Ok(Self {
            connection: ConnectionManager::new_lazy_with_config(Client::open(url)?, config)?,
            generation: Script::new(GENERATION),
            invalidate: Script::new(INVALIDATE),
            put_if: Script::new(PUT_IF),
            room: Semaphore::new(MAX_CONCURRENT),
            resting: Mutex::default(),
        })
    }

    /// Whether it answers now.
    pub async fn ready(&self) -> bool {
        let mut connection = self.connection.clone();
        let ping = async move { connection.ping::<String>().await };
        self.call_with_timeout(ping).await.is_ok()
    }

    /// Runs one call within its deadline, unless one has just failed.
    async fn call_with_timeout<T>(&self, call: impl Future<Output = RedisResult<T>>) -> Result<T, CacheError> {
        let resting = *self.resting.lock().unwrap_or_else(PoisonError::into_inner);
        if resting.is_some_and(|until| Instant::now() < until) {
            return Err(CacheError::Unavailable);
        }
        let within = timeout(CALL_TIMEOUT, async {
            let Ok(_room) = self.room.acquire().await else { return None };
            // The error text may hold the data that was sent, so it is dropped.
            call.await.ok()
        });
        let answer = within.await.ok().flatten();
        if answer.is_none() {
            tracing::warn!("the cache (Redis) did not answer");
            *self.resting.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now() + PAUSE_AFTER_FAILURE);
        }
        answer.ok_or(CacheError::Unavailable)
    }
}

fn value(key: &str) -> String {
    format!("v:{key}")
}

fn counter(key: &str) -> String {
    format!("g:{key}")
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX).max(1)
}

#[async_trait]
impl Cache for RedisCache {
    async fn get(&self, key: &str) -> Result<Option<String>, CacheError> {
        let mut connection = self.connection.clone();
        self.call_with_timeout(async move { connection.get(value(key)).await }).await
    }

    async fn put_if(
        &self,
        key: &str,
        sealed: String,
        ttl: Duration,
        generation_key: &str,
        generation: u64,
    ) -> Result<bool, CacheError> {
        let mut call = self.put_if.key(value(key));
        call.key(counter(generation_key))
            .arg(sealed)
            .arg(generation)
            .arg(millis(ttl))
            .arg(millis(ttl.max(GENERATION_TTL)));
        let mut connection = self.connection.clone();
        self.call_with_timeout(async move { call.invoke_async(&mut connection).await }).await
    }

    async fn generation(&self, key: &str) -> Result<u64, CacheError> {
        let mut call = self.generation.key(counter(key));
        call.arg(millis(GENERATION_TTL));
        let mut connection = self.connection.clone();
        self.call_with_timeout(async move { call.invoke_async(&mut connection).await }).await
    }

    async fn invalidate(&self, key: &str) -> Result<(), CacheError> {
        let mut call = self.invalidate.key(counter(key));
        call.arg(millis(GENERATION_TTL));
        let mut connection = self.connection.clone();
        let raised: Result<u64, CacheError> =
            self.call_with_timeout(async move { call.invoke_async(&mut connection).await }).await;
        raised.map(|_| ())
    }
}
