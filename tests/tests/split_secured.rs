//! As in production: a bus of three servers and a cache, both over TLS with an authority of the site's own. One server
//! of the bus fails meanwhile, and what waits for it goes out without hands.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::time::{Duration, Instant};

use lcr_model::ServiceName;
use lcr_testkit::{
    Certificate, Folder,
    servers::{NatsCluster, Redis},
};
use lcr_tests::{
    Options, Platform,
    mllp::{Line, accepted, admission},
    split::{self, Around},
};
use sea_orm::{ConnectionTrait, Statement};

/// The two that are left must first choose a leader for each stream.
const WITHOUT_HANDS: Duration = Duration::from_secs(20);

async fn stays(platform: &Platform) -> i64 {
    let store = platform.split().store(ServiceName::VirtualWard).await;
    let query = Statement::from_string(store.read().get_database_backend(), "SELECT COUNT(*) FROM spell");
    store.read().query_one_raw(query).await.unwrap().unwrap().try_get_by_index(0).unwrap()
}

async fn admit(platform: &Platform, from: u32, count: u32) {
    let mut line = Line::open(platform.ports.mllp()).await.unwrap();
    for at in from..from + count {
        let (control, number) = (format!("S{at}"), split::never_issued(u64::from(at)));
        let answer = line.send(&admission(&control, &number, "19500101", &format!("V{at}"))).await.unwrap();
        assert!(accepted(&answer), "{answer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_reach_the_ward_over_tls_while_a_server_of_the_bus_fails() {
    let folder = Folder::new("secured").unwrap();
    let own = Certificate::new(&folder, "localhost");
    let (nats, redis) = (NatsCluster::start(&own), Redis::start_secured(&own));
    let around = Around {
        bus: nats.url("tls", "localhost"),
        bus_seen_from_here: nats.url("nats", "127.0.0.1"),
        bus_replicas: 3,
        cache: redis.url(),
        trust: own.authority.clone(),
    };
    let options = Options { city: false, around: Some(around), ..Options::default() };
    let platform = Platform::start(options).await;
    platform.split().until_heard().await;
    admit(&platform, 0, 10).await;
    nats.kill(0);
    // Taken while a third of the bus is away: they are in the store of feeds, and go out when there is a leader.
    admit(&platform, 10, 10).await;
    let started = Instant::now();
    while stays(&platform).await != 20 {
        let there = stays(&platform).await;
        assert!(started.elapsed() < WITHOUT_HANDS, "without one server: {there} of 20 stays");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    nats.restart(0);
    platform.split().until_heard().await;
    let (status, said) = platform.split().readiness(ServiceName::Gateway, 0).await;
    assert_eq!(status, 200, "{said}");
    assert!(!said.contains("not connected"), "the cache answers over TLS: {said}");
    let gp = platform.actor("gp").await;
    assert_eq!(gp.get("/api/virtual-ward/v1/inpatients?practice=Y90001").await.status, 200);
}
