//! Tests of a broker that loses events or restarts. Nothing may be lost for ever.

use std::time::Duration;

use lcr_bus::{Bus, Mode, Subscription};
use lcr_contracts::events::Stream;
use tokio::time::timeout;

use super::{EventIds, NatsScene, TIMEOUT, receive, receive_all};

#[tokio::test]
async fn events_that_the_broker_loses_are_published_again() {
    let mut scene = NatsScene::new().await;
    let bus = scene.bus().await;
    scene.owner.publish(1200).await;
    assert_eq!(receive_all(&bus, "before", 1200).await, 1200);
    scene.nats.kill();
    scene.owner.publish(10).await;
    assert!(
        bus.not_ready_reason().is_some() || {
            tokio::time::sleep(Duration::from_secs(1)).await;
            bus.not_ready_reason().is_some()
        }
    );
    scene.nats.lose_everything();
    scene.nats.restart();
    // The same consumer and a new one receive everything, including events published meanwhile.
    assert_eq!(receive_all(&bus, "before", 1210).await, 1210);
    assert_eq!(receive_all(&bus, "after", 1210).await, 1210);
}

#[tokio::test]
async fn a_lost_end_of_a_stream_is_published_again() {
    let mut scene = NatsScene::new().await;
    let bus = scene.bus().await;
    let mut seen = EventIds::new();
    scene.owner.publish(50).await;
    assert_eq!(receive(&bus, "tail", &mut seen, 50).await, 50);
    scene.nats.kill();
    scene.nats.remember();
    scene.nats.restart();
    scene.owner.publish(50).await;
    assert_eq!(receive(&bus, "tail", &mut seen, 100).await, 100);
    scene.nats.kill();
    scene.nats.forget();
    scene.nats.restart();
    scene.owner.publish(1).await;
    assert_eq!(receive_all(&bus, "other", 101).await, 101);
    assert_eq!(receive(&bus, "tail", &mut seen, 101).await, 101);
}

#[tokio::test]
async fn a_broker_restart_loses_nothing_and_watchers_resync() {
    let mut scene = NatsScene::new().await;
    let bus = scene.bus().await;
    let mut watch = bus.subscribe(Stream::People, Mode::Watch).await.unwrap();
    let mut seen = EventIds::new();
    for round in 1..=3 {
        scene.owner.publish(100).await;
        scene.nats.kill();
        scene.owner.publish(100).await;
        scene.nats.restart();
        assert_eq!(receive(&bus, "steady", &mut seen, round * 200).await, round * 200);
        timeout(TIMEOUT, wait_for_resync(watch.as_mut())).await.unwrap();
    }
}

/// Waits until a watcher receives a resync.
async fn wait_for_resync(watch: &mut dyn Subscription) {
    while !watch.next().await.is_ok_and(|batch| batch.resync) {}
}
