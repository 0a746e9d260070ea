//! The bus on three NATS servers that replicate every stream. Each server may fail.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use lcr_bus::{Bus, NatsBus, suite};
use lcr_testkit::{Certificate, servers::NatsCluster};
use tokio::task::JoinHandle;

use crate::{
    nats::{EventIds, TIMEOUT, receive},
    scene::Owner,
};

/// Usually six to nine seconds, sometimes twelve, plus a busy machine.
const RECOVERY_TIMEOUT: Duration = Duration::from_secs(25);

struct ThreeServers {
    owner: Owner,
    servers: NatsCluster,
    relay: Option<JoinHandle<()>>,
}

impl ThreeServers {
    async fn new() -> Self {
        let owner = Owner::new("owner").await;
        let servers = NatsCluster::start(&Certificate::new(&owner.folder, "localhost"));
        Self { owner, servers, relay: None }
    }

    async fn bus(&mut self) -> NatsBus {
        let bus = NatsBus::connect(&self.servers.url("nats", "127.0.0.1"), 3).await.unwrap();
        let started = Instant::now();
        while bus.not_ready_reason().is_some() {
            assert!(started.elapsed() < TIMEOUT, "{:?}", bus.not_ready_reason());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        if let Some(before) = self.relay.replace(tokio::spawn(bus.clone().relay(self.owner.store.clone()))) {
            before.abort();
        }
        bus
    }
}

impl suite::SuiteFixture for ThreeServers {
    async fn reopen(&mut self) -> Arc<dyn Bus> {
        Arc::new(self.bus().await)
    }

    async fn publish(&mut self, count: usize) {
        self.owner.publish(count).await;
    }
}

#[tokio::test]
async fn a_bus_of_three_servers_passes_the_suite() {
    suite::run(&mut ThreeServers::new().await).await.unwrap();
}

#[tokio::test]
async fn any_one_of_three_servers_may_fail_without_loss() {
    let mut scene = ThreeServers::new().await;
    let bus = scene.bus().await;
    let mut seen = EventIds::new();
    for one in 0..3 {
        scene.owner.publish(20).await;
        scene.servers.kill(one);
        scene.owner.publish(20).await;
        let (started, all) = (Instant::now(), 40 * (one + 1));
        assert_eq!(receive(&bus, "steady", &mut seen, all).await, all, "without server {one}");
        assert!(started.elapsed() < RECOVERY_TIMEOUT, "without server {one}: {:?}", started.elapsed());
        scene.servers.restart(one);
    }
}

#[tokio::test]
async fn a_server_with_an_unknown_certificate_is_refused() {
    let scene = ThreeServers::new().await;
    let bus = NatsBus::connect(&scene.servers.url("tls", "localhost"), 3).await.unwrap();
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert!(!bus.ready(), "the test's own CA is not trusted here");
    assert!(bus.not_ready_reason().is_some());
}
