//! A bus of three servers and a cache over TLS with the site's own certificate authority, as in production. One server of
//! the bus fails, and waiting events are sent without manual work.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::time::Duration;

use lcr_model::ServiceName;
use lcr_testkit::{
    Certificate, Folder, eventually,
    servers::{NatsCluster, Redis},
};
use lcr_tests::{
    Options, Platform,
    mllp::{MllpConnection, admission, is_accepted},
    split::{self, ExternalServers},
};
use sea_orm::{ConnectionTrait, Statement};

/// The remaining two servers must first elect a leader for each stream.
const RECOVERY_TIMEOUT: Duration = Duration::from_secs(20);

async fn stays(platform: &Platform) -> i64 {
    let store = platform.split().store(ServiceName::VirtualWard).await;
    let query = Statement::from_string(store.read().get_database_backend(), "SELECT COUNT(*) FROM spell");
    store.read().query_one_raw(query).await.unwrap().unwrap().try_get_by_index(0).unwrap()
}

async fn send_admissions(platform: &Platform, from: u32, count: u32) {
    let mut hospital = MllpConnection::open(platform.ports.mllp()).await.unwrap();
    for at in from..from + count {
        let (control, number) = (format!("S{at}"), split::unissued_nhs_number(u64::from(at)));
        let answer = hospital.send(&admission(&control, &number, "19500101", &format!("V{at}"))).await.unwrap();
        assert!(is_accepted(&answer), "{answer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_reach_the_ward_over_tls_while_a_server_of_the_bus_fails() {
    let folder = Folder::new("secured").unwrap();
    let own = Certificate::new(&folder, "localhost");
    let (nats, redis) = (NatsCluster::start(&own), Redis::start_secured(&own));
    let external = ExternalServers {
        bus: nats.url("tls", "localhost"),
        bus_plaintext: nats.url("nats", "127.0.0.1"),
        bus_replicas: 3,
        cache: redis.url(),
        trust: own.authority.clone(),
    };
    let options = Options { city: false, external_servers: Some(external), ..Options::default() };
    let platform = Platform::start(options).await;
    platform.split().wait_until_consumed().await;
    send_admissions(&platform, 0, 10).await;
    nats.kill(0);
    // Accepted while one server is down: feeds stores them and sends them when there is a leader.
    send_admissions(&platform, 10, 10).await;
    eventually(RECOVERY_TIMEOUT, "20 stays without one server", async || stays(&platform).await == 20).await;
    nats.restart(0);
    platform.split().wait_until_consumed().await;
    let (status, body) = platform.split().readiness(ServiceName::Gateway, 0).await;
    assert_eq!(status, 200, "{body}");
    assert!(!body.contains("not connected"), "the cache answers over TLS: {body}");
    let gp = platform.actor("gp").await;
    assert_eq!(gp.get("/api/virtual-ward/v1/inpatients?practice=Y90001").await.status, 200);
}
