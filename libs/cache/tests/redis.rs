//! The Redis cache passes the suite on a real server and survives its restart.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test that cannot go on has failed")]

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use lcr_cache::{Cache, CacheError, RedisCache, suite};
use lcr_testkit::servers::Redis;

const MINUTE: Duration = Duration::from_mins(1);

#[tokio::test]
async fn the_redis_cache_passes_the_suite() {
    suite::run(Arc::new(RedisCache::open(&Redis::shared().url()).unwrap())).await.unwrap();
}

#[tokio::test]
async fn a_redis_outage_costs_little_and_revives_no_old_generation() {
    let redis = Redis::start();
    let cache = RedisCache::open(&redis.url()).unwrap();
    let before = cache.generation("group").await.unwrap();
    cache.invalidate("group").await.unwrap();
    assert!(!cache.put_if("key", "old".into(), MINUTE, "group", before).await.unwrap());
    let current = cache.generation("group").await.unwrap();
    assert!(current > before);
    redis.kill();
    let started = Instant::now();
    for _ in 0..100 {
        assert_eq!(cache.get("key").await, Err(CacheError::Unavailable));
    }
    assert!(started.elapsed() < Duration::from_secs(2), "a dead cache costs {:?}", started.elapsed());
    redis.restart();
    lcr_testkit::eventually(MINUTE, "the cache connects again", async || cache.ready().await).await;
    // A late write under the old generation is refused, whether or not it was read meanwhile.
    assert!(!cache.put_if("key", "late".into(), MINUTE, "group", current).await.unwrap());
    assert!(cache.generation("group").await.unwrap() > current);
    assert!(!cache.put_if("key", "late".into(), MINUTE, "group", current).await.unwrap());
    assert_eq!(cache.get("key").await, Ok(None));
}

#[tokio::test]
async fn only_an_invalid_address_is_an_error() {
    assert!(RedisCache::open("not an address").is_err());
    let nobody = RedisCache::open("redis://127.0.0.1:1/").unwrap();
    assert!(!nobody.ready().await);
}

#[tokio::test]
async fn a_tls_address_is_never_used_without_tls() {
    let plain = Redis::shared().url();
    let cache = RedisCache::open(&plain.replace("redis://", "rediss://")).unwrap();
    assert!(!cache.ready().await, "a server that speaks no TLS is not spoken to");
    assert_eq!(cache.get("key").await, Err(CacheError::Unavailable));
    assert!(RedisCache::open(&plain).unwrap().ready().await);
}

#[tokio::test]
async fn a_generation_lasts_as_long_as_the_longest_value_under_it() {
    const FORTNIGHT: Duration = Duration::from_hours(14 * 24);
    let redis = Redis::shared();
    let cache = RedisCache::open(&redis.url()).unwrap();
    let now = cache.generation("lasting").await.unwrap();
    for (key, ttl) in [("long", FORTNIGHT), ("short", MINUTE)] {
        assert!(cache.put_if(key, "value".into(), ttl, "lasting", now).await.unwrap());
    }
    let client = redis::Client::open(redis.url()).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    let left: u64 = redis::cmd("PTTL").arg("g:lasting").query_async(&mut connection).await.unwrap();
    assert!(left > 13 * 24 * 3_600_000, "{left} ms left");
}
