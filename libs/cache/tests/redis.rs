//! The clustered cache passes the suite on a real Redis, and outlives its restart.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test that cannot go on has failed")]

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use lcr_cache::{Cache, CacheError, RedisCache, suite};
use lcr_testkit::servers::Redis;

const MINUTE: Duration = Duration::from_mins(1);

#[tokio::test]
async fn the_clustered_cache_passes_the_suite() {
    suite::run(Arc::new(RedisCache::open(&Redis::shared().url()).unwrap())).await.unwrap();
}

#[tokio::test]
async fn a_redis_that_is_away_costs_little_and_brings_no_old_generation_back() {
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
    while !cache.ready().await {
        assert!(started.elapsed() < MINUTE, "it does not connect again");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    // Written late, under what was current before: refused, whether or not somebody has asked meanwhile.
    assert!(!cache.put_if("key", "late".into(), MINUTE, "group", current).await.unwrap());
    assert!(cache.generation("group").await.unwrap() > current);
    assert!(!cache.put_if("key", "late".into(), MINUTE, "group", current).await.unwrap());
    assert_eq!(cache.get("key").await, Ok(None));
}

#[tokio::test]
async fn only_an_address_that_does_not_read_is_an_error() {
    assert!(RedisCache::open("not an address").is_err());
    let nobody = RedisCache::open("redis://127.0.0.1:1/").unwrap();
    assert!(!nobody.ready().await);
}

#[tokio::test]
async fn an_address_with_tls_is_asked_with_tls_and_never_without() {
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
