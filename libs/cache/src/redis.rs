//! The cache of a cluster, on Redis. A Redis that is away costs a caller little and reads as empty; one that
//! restarted or evicted can bring no generation back, because a generation it does not know starts at its clock.

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

/// No call takes longer: asking the source again is the alternative, and it is not much slower.
const DEADLINE: Duration = Duration::from_millis(250);
/// After a failure nobody waits for this long: a page asks for dozens of values.
const REST: Duration = Duration::from_millis(500);
/// Calls under way at once; more than that wait, within their deadline.
const IN_FLIGHT: usize = 512;
/// How long a generation outlives its last use at least; one with a value under it lasts as long as the value. One that
/// has gone starts anew, which only costs the values under it.
const GENERATION_TTL: Duration = Duration::from_hours(48);

/// Starts a generation at the server's clock in microseconds: later than any that was here before, since none is
/// raised a million times a second.
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

/// Compared and written in one step, so that no invalidation comes in between.
const PUT_IF: &str = r"
if redis.call('GET', KEYS[2]) ~= ARGV[2] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[3])
if redis.call('PTTL', KEYS[2]) < tonumber(ARGV[4]) then redis.call('PEXPIRE', KEYS[2], ARGV[4]) end
return 1";

/// The handle to one Redis.
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
    /// Connects when first asked, and again whenever it must. Only an address that does not read is an error.
    pub fn open(url: &str) -> Result<Self, RedisError> {
        // Two TLS providers may be linked by libraries; ours is said once, for `rediss://`. Said twice is fine.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let config = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(DEADLINE))
            .set_response_timeout(Some(DEADLINE))
            .set_number_of_retries(0);
        Ok(Self {
            connection: ConnectionManager::new_lazy_with_config(Client::open(url)?, config)?,
            generation: Script::new(GENERATION),
            invalidate: Script::new(INVALIDATE),
            put_if: Script::new(PUT_IF),
            room: Semaphore::new(IN_FLIGHT),
            resting: Mutex::default(),
        })
    }

    /// Whether it answers now.
    pub async fn ready(&self) -> bool {
        let mut connection = self.connection.clone();
        let ping = async move { connection.ping::<String>().await };
        self.ask(ping).await.is_ok()
    }

    /// Runs one call within its deadline, unless one has just failed.
    async fn ask<T>(&self, call: impl Future<Output = RedisResult<T>>) -> Result<T, CacheError> {
        let resting = *self.resting.lock().unwrap_or_else(PoisonError::into_inner);
        if resting.is_some_and(|until| Instant::now() < until) {
            return Err(CacheError::Unavailable);
        }
        let within = timeout(DEADLINE, async {
            let Ok(_room) = self.room.acquire().await else { return None };
            // Its words may hold what was sent, so they are dropped.
            call.await.ok()
        });
        let answer = within.await.ok().flatten();
        if answer.is_none() {
            tracing::warn!("the cache (Redis) did not answer");
            *self.resting.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now() + REST);
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
        self.ask(async move { connection.get(value(key)).await }).await
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
        self.ask(async move { call.invoke_async(&mut connection).await }).await
    }

    async fn generation(&self, key: &str) -> Result<u64, CacheError> {
        let mut call = self.generation.key(counter(key));
        call.arg(millis(GENERATION_TTL));
        let mut connection = self.connection.clone();
        self.ask(async move { call.invoke_async(&mut connection).await }).await
    }

    async fn invalidate(&self, key: &str) -> Result<(), CacheError> {
        let mut call = self.invalidate.key(counter(key));
        call.arg(millis(GENERATION_TTL));
        let mut connection = self.connection.clone();
        let raised: Result<u64, CacheError> =
            self.ask(async move { call.invoke_async(&mut connection).await }).await;
        raised.map(|_| ())
    }
}
