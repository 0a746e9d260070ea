//! The bus on three servers that keep every stream together, one of which may fail.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use futures::StreamExt;
use lcr_bus::{Bus, NatsBus, suite};
use lcr_testkit::{Certificate, servers::NatsCluster};
use tokio::task::JoinHandle;

use crate::{
    nats::{PATIENCE, take_all},
    scene::Owner,
};

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

    /// Waits until every server has all of every stream: before, a second must not fail.
    async fn until_whole(&self) {
        let urls = self.servers.url("nats", "127.0.0.1");
        let client = async_nats::connect(urls.split(',').collect::<Vec<_>>()).await.unwrap();
        let jetstream = async_nats::jetstream::new(client);
        let started = Instant::now();
        loop {
            let streams: Vec<_> = jetstream.streams().collect().await;
            let whole = |info: &async_nats::jetstream::stream::Info| {
                let replicas = info.cluster.as_ref().map(|cluster| &cluster.replicas);
                replicas
                    .is_some_and(|all| all.len() == 2 && all.iter().all(|one| one.current && !one.offline))
            };
            if !streams.is_empty() && streams.iter().all(|info| info.as_ref().is_ok_and(whole)) {
                return;
            }
            assert!(started.elapsed() < PATIENCE, "a server does not catch up");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
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
async fn one_of_three_servers_may_fail_and_what_it_held_is_heard() {
    let mut scene = Three::new().await;
    let bus = scene.bus().await;
    scene.owner.publish(20).await;
    scene.servers.kill(0);
    scene.owner.publish(20).await;
    assert_eq!(take_all(&bus, "steady", 40).await, 40);
    scene.servers.restart(0);
    scene.until_whole().await;
}

#[tokio::test]
async fn with_tls_the_servers_must_be_who_somebody_vouches_for() {
    let scene = Three::new().await;
    let bus = NatsBus::connect(&scene.servers.url("tls", "localhost"), 3).await.unwrap();
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert!(!bus.ready(), "nobody here vouches for the test's own authority");
    assert!(bus.missing().is_some());
}
