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
