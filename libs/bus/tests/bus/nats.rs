//! The NATS bus, on a server started by the test.

mod losses;

use std::{
    collections::HashSet,
    sync::Arc,
    time::{Duration, Instant},
};

use futures::StreamExt;
use lcr_bus::{Bus, Mode, NatsBus, suite};
use lcr_contracts::events::Stream;
use lcr_testkit::servers::Nats;
use tokio::{task::JoinHandle, time::timeout};

use crate::scene::Owner;

pub const TIMEOUT: Duration = Duration::from_secs(50);
/// After this long, no more messages are coming.
const QUIET: Duration = Duration::from_millis(500);

pub struct NatsScene {
    pub owner: Owner,
    pub nats: Nats,
    relay: Option<JoinHandle<()>>,
}

impl NatsScene {
    pub async fn new() -> Self {
        Self { owner: Owner::new("owner").await, nats: Nats::start(), relay: None }
    }

    /// Connects anew and replaces the relay.
    pub async fn bus(&mut self) -> NatsBus {
        let bus = NatsBus::connect(&self.nats.url(), 1).await.unwrap();
        let started = Instant::now();
        while !bus.ready() {
            assert!(started.elapsed() < TIMEOUT, "no connection");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        if let Some(before) = self.relay.take() {
            before.abort();
        }
        self.relay = Some(tokio::spawn(bus.clone().relay(self.owner.store.clone())));
        bus
    }
}

impl suite::SuiteFixture for NatsScene {
    async fn reopen(&mut self) -> Arc<dyn Bus> {
        Arc::new(self.bus().await)
    }

    async fn publish(&mut self, count: usize) {
        self.owner.publish(count).await;
    }
}

pub type EventIds = HashSet<uuid::Uuid>;

/// Receives and acknowledges until `seen` holds `count` distinct events: a killed broker may deliver some again. Subscribes
/// again after an error.
pub async fn receive(bus: &NatsBus, name: &'static str, seen: &mut EventIds, count: usize) -> usize {
    let all = async {
        while seen.len() < count {
            let Ok(mut subscription) = bus.subscribe(Stream::People, Mode::Work(name)).await else {
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            };
            while let Ok(batch) = subscription.next().await {
                let ids: Vec<_> = batch.events.iter().map(|event| event.id).collect();
                if subscription.ack(batch).await.is_ok() {
                    seen.extend(ids);
                }
                if seen.len() >= count {
                    break;
                }
            }
        }
    };
    let _ = timeout(TIMEOUT, all).await;
    seen.len()
}

/// Receives for a consumer that has seen no event yet.
pub async fn receive_all(bus: &NatsBus, name: &'static str, count: usize) -> usize {
    receive(bus, name, &mut EventIds::new(), count).await
}

#[tokio::test]
async fn the_nats_bus_passes_the_suite() {
    suite::run(&mut NatsScene::new().await).await.unwrap();
}

#[tokio::test]
async fn a_new_consumer_receives_expired_events_from_their_owner() {
    let mut scene = NatsScene::new().await;
    let bus = scene.bus().await;
    scene.owner.publish(20).await;
    assert_eq!(receive_all(&bus, "old", 20).await, 20);
    let client = async_nats::connect(scene.nats.url()).await.unwrap();
    let people = async_nats::jetstream::new(client).get_stream("PEOPLE").await.unwrap();
    people.purge().await.unwrap();
    scene.owner.publish(1).await;
    assert_eq!(receive_all(&bus, "new", 21).await, 21);
}

#[tokio::test]
async fn a_new_replica_does_not_reset_the_shared_consumer() {
    let mut scene = NatsScene::new().await;
    let bus = scene.bus().await;
    assert_eq!(receive_all(&bus, "busy", 0).await, 0);
    let mut first = bus.subscribe(Stream::People, Mode::Work("busy")).await.unwrap();
    let client = async_nats::connect(scene.nats.url()).await.unwrap();
    let people = async_nats::jetstream::new(client).get_stream("PEOPLE").await.unwrap();
    let made = people.consumer_info("busy").await.unwrap().created;
    let hears = tokio::spawn(async move {
        loop {
            let batch = first.next().await.unwrap();
            first.ack(batch).await.unwrap();
        }
    });
    let opens = async {
        for _ in 0..150 {
            drop(bus.subscribe(Stream::People, Mode::Work("busy")).await.unwrap());
        }
    };
    let publishes = async {
        for _ in 0..60 {
            scene.owner.publish(50).await;
        }
    };
    tokio::join!(opens, publishes);
    hears.abort();
    assert_eq!(people.consumer_info("busy").await.unwrap().created, made, "its position was lost");
}

#[tokio::test]
async fn two_relays_of_one_owner_do_no_harm() {
    let mut scene = NatsScene::new().await;
    let bus = scene.bus().await;
    let second = tokio::spawn(bus.clone().relay(scene.owner.store.clone()));
    scene.owner.publish(700).await;
    assert_eq!(receive_all(&bus, "one", 700).await, 700);
    second.abort();
}

/// The leader reads the log when a replica reports a commit, so it need not poll fast.
#[tokio::test]
async fn a_replica_without_the_lease_reports_its_commits() {
    let (owners, nats) = (Owner::replicas(2).await, Nats::start());
    let raw = async_nats::connect(nats.url()).await.unwrap();
    let mut reports = raw.subscribe("lcr.committed.owner").await.unwrap();
    let bus = NatsBus::connect(&nats.url(), 1).await.unwrap();
    let relays: Vec<_> = owners.iter().map(|one| tokio::spawn(bus.clone().relay(one.store.clone()))).collect();
    let mut seen = EventIds::new();
    for count in [2, 4] {
        // From the second round on, one of them is the leader.
        while matches!(timeout(QUIET, reports.next()).await, Ok(Some(_))) {}
        for owner in &owners {
            owner.publish(1).await;
        }
        receive(&bus, "one", &mut seen, count).await;
    }
    let mut count = 0;
    while matches!(timeout(QUIET, reports.next()).await, Ok(Some(_))) {
        count += 1;
    }
    assert!(count > 0, "the replica that is not the leader reports");
    relays.iter().for_each(JoinHandle::abort);
}

/// Not a benchmark, but it shows a slowdown by a factor of ten.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_load_passes_in_reasonable_time() {
    let mut scene = NatsScene::new().await;
    let bus = scene.bus().await;
    assert_eq!(receive_all(&bus, "load", 0).await, 0);
    let started = Instant::now();
    for _ in 0..40 {
        scene.owner.publish(500).await;
    }
    let written = started.elapsed();
    assert_eq!(receive_all(&bus, "load", 20_000).await, 20_000);
    println!("20,000 events: written in {written:?}, received after {:?}", started.elapsed());
    assert_eq!(NatsBus::unsent(&scene.owner.store).await.unwrap(), 0);
}
