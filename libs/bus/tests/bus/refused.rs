//! What a broker that answers may still refuse: a stream it has no room for, an event that is too large.

use std::time::{Duration, Instant};

use lcr_bus::{Bus, Mode, NatsBus};
use lcr_contracts::events::Stream;

use crate::nats::{Clustered, PATIENCE, take_all};

#[tokio::test]
async fn a_bus_whose_streams_cannot_be_made_is_not_ready_and_says_why() {
    let scene = Clustered::new().await;
    // As when storage is short: the broker answers, and refuses one stream.
    let client = async_nats::connect(scene.nats.url()).await.unwrap();
    let jetstream = async_nats::jetstream::new(client);
    let before = async_nats::jetstream::stream::Config {
        name: "BEFORE".into(),
        subjects: vec!["lcr.people.>".into()],
        ..Default::default()
    };
    jetstream.create_stream(before).await.unwrap();
    let bus = NatsBus::connect(&scene.nats.url(), 1).await.unwrap();
    let named = || bus.missing().is_some_and(|what| what.contains("stream PEOPLE"));
    until(named).await;
    assert!(!bus.ready());
    assert!(bus.subscribe(Stream::People, Mode::Watch).await.is_err());
    assert!(jetstream.get_stream("WARD").await.is_ok(), "the others are made");
    jetstream.delete_stream("BEFORE").await.unwrap();
    until(|| bus.ready()).await;
    assert_eq!(bus.missing(), None);
}

async fn until(holds: impl Fn() -> bool) {
    let started = Instant::now();
    while !holds() {
        assert!(started.elapsed() < PATIENCE, "it does not become so");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn an_event_too_large_for_the_bus_is_a_dead_letter_of_its_owner_and_stops_nobody() {
    let mut scene = Clustered::new().await;
    let bus = scene.bus().await;
    scene.owner.publish(1).await;
    scene.owner.publish_large(9 << 20).await;
    scene.owner.publish(1).await;
    assert_eq!(take_all(&bus, "small", 2).await, 2);
    let started = Instant::now();
    while NatsBus::unsent(&scene.owner.store).await.unwrap() > 0 {
        assert!(started.elapsed() < PATIENCE, "the mark does not pass over it");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let (count, letters) = bus.dead_letters(Stream::People, "owner").await.unwrap();
    assert_eq!((count, letters.len(), scene.owner.store.count_kept_back().await.unwrap()), (1, 1, 1));
    assert!(letters[0].cause.starts_with("too-large"));
    // Still too large, it stays.
    assert_eq!(bus.revive(Stream::People, "owner").await.unwrap(), 1);
    while scene.owner.store.count_kept_back().await.unwrap() != 1 {
        assert!(started.elapsed() < PATIENCE, "it is gone");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    // One that fits by now is heard, and is a dead letter no longer.
    let fits = scene.owner.store.outbox().after(Stream::People, 0, 1).await.unwrap().remove(0);
    let at = fits.event.time;
    let kept = lcr_store::KeptBack { row: fits, cause: "was too large".into(), at };
    scene.owner.store.keep_back(vec![kept]).await.unwrap();
    assert_eq!(bus.revive(Stream::People, "owner").await.unwrap(), 2);
    assert_eq!(take_all(&bus, "small", 1).await, 1);
    while scene.owner.store.count_kept_back().await.unwrap() != 1 {
        assert!(started.elapsed() < PATIENCE, "what was heard is still kept");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
