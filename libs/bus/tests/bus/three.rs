//! The bus on three servers that keep every stream together, each of which may fail.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use lcr_bus::{Bus, NatsBus, suite};
use lcr_testkit::{Certificate, servers::NatsCluster};
use tokio::task::JoinHandle;

use crate::{
    nats::{PATIENCE, Seen, take},
    scene::Owner,
};

/// Six to nine seconds as a rule, twelve now and then, and a busy machine.
const RECOVERS: Duration = Duration::from_secs(25);

struct Three {
    owner: Owner,
    servers: NatsCluster,
    relay: Option<JoinHandle<()>>,
}

impl Three {
    async fn new() -> Self {
        let owner = Owner::new("owner").await;
        let servers = NatsCluster::start(&Certificate::new(&owner.folder, "localhost"));
        Self { owner, servers, relay: None }
    }

    async fn bus(&mut self) -> NatsBus {
        let bus = NatsBus::connect(&self.servers.url("nats", "127.0.0.1"), 3).await.unwrap();
        let started = Instant::now();
        while bus.missing().is_some() {
            assert!(started.elapsed() < PATIENCE, "{:?}", bus.missing());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        if let Some(before) = self.relay.replace(tokio::spawn(bus.clone().relay(self.owner.store.clone()))) {
            before.abort();
        }
        bus
    }
}

impl suite::Bench for Three {
    async fn reopen(&mut self) -> Arc<dyn Bus> {
        Arc::new(self.bus().await)
    }

    async fn publish(&mut self, count: usize) {
        self.owner.publish(count).await;
    }
}

#[tokio::test]
async fn a_bus_of_three_servers_passes_the_suite() {
    suite::run(&mut Three::new().await).await.unwrap();
}

#[tokio::test]
async fn any_one_of_three_servers_may_fail_and_what_it_held_is_heard() {
    let mut scene = Three::new().await;
    let bus = scene.bus().await;
    let mut seen = Seen::new();
    for one in 0..3 {
        scene.owner.publish(20).await;
        scene.servers.kill(one);
        scene.owner.publish(20).await;
        let (started, all) = (Instant::now(), 40 * (one + 1));
        assert_eq!(take(&bus, "steady", &mut seen, all).await, all, "without server {one}");
        assert!(started.elapsed() < RECOVERS, "without server {one}: {:?}", started.elapsed());
        scene.servers.restart(one);
    }
}

#[tokio::test]
async fn with_tls_the_servers_must_be_who_somebody_vouches_for() {
    let scene = Three::new().await;
    let bus = NatsBus::connect(&scene.servers.url("tls", "localhost"), 3).await.unwrap();
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert!(!bus.ready(), "nobody here vouches for the test's own authority");
    assert!(bus.missing().is_some());
}
