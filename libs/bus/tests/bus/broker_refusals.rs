//! What a working broker may refuse: a stream without room, an event that is too large.

use lcr_bus::{Bus, Mode, NatsBus};
use lcr_contracts::events::Stream;
use lcr_testkit::eventually;

use crate::nats::{NatsScene, TIMEOUT, receive_all};

#[tokio::test]
async fn a_bus_without_its_streams_is_not_ready_and_says_why() {
    let scene = NatsScene::new().await;
    // As when storage is short: the broker answers but refuses one stream.
    let client = async_nats::connect(scene.nats.url()).await.unwrap();
    let jetstream = async_nats::jetstream::new(client);
    let before = async_nats::jetstream::stream::Config {
        name: "BEFORE".into(),
        subjects: vec!["lcr.people.>".into()],
        ..Default::default()
    };
    jetstream.create_stream(before).await.unwrap();
    let bus = NatsBus::connect(&scene.nats.url(), 1).await.unwrap();
    let names_the_stream = async || bus.not_ready_reason().is_some_and(|what| what.contains("stream PEOPLE"));
    eventually(TIMEOUT, "the bus names the refused stream", names_the_stream).await;
    assert!(!bus.ready());
    assert!(bus.subscribe(Stream::People, Mode::Watch).await.is_err());
    assert!(jetstream.get_stream("WARD").await.is_ok(), "the others are created");
    jetstream.delete_stream("BEFORE").await.unwrap();
    eventually(TIMEOUT, "the bus is ready", async || bus.ready()).await;
    assert_eq!(bus.not_ready_reason(), None);
}

#[tokio::test]
async fn an_oversized_event_becomes_a_dead_letter_and_blocks_no_other() {
    let mut scene = NatsScene::new().await;
    let bus = scene.bus().await;
    scene.owner.publish(1).await;
    scene.owner.publish_large(9 << 20).await;
    scene.owner.publish(1).await;
    assert_eq!(receive_all(&bus, "small", 2).await, 2);
    eventually(TIMEOUT, "the relay passes it", async || NatsBus::unsent(&scene.owner.store).await.unwrap() == 0).await;
    let count_oversized = async || scene.owner.store.count_oversized().await.unwrap();
    let (count, letters) = bus.dead_letters(Stream::People, "owner").await.unwrap();
    assert_eq!((count, letters.len(), count_oversized().await), (1, 1, 1));
    assert!(letters[0].cause.starts_with("too-large"));
    // It is still too large and stays.
    assert_eq!(bus.redeliver(Stream::People, "owner").await.unwrap(), 1);
    eventually(TIMEOUT, "it is stored again", async || count_oversized().await == 1).await;
    // An event that fits by now is delivered and its dead letter deleted.
    let fits = scene.owner.store.outbox().after(Stream::People, 0, 1).await.unwrap().remove(0);
    let at = fits.event.time;
    let oversized = lcr_store::OversizedEvent { row: fits, cause: "was too large".into(), at };
    scene.owner.store.store_oversized(vec![oversized]).await.unwrap();
    assert_eq!(bus.redeliver(Stream::People, "owner").await.unwrap(), 2);
    assert_eq!(receive_all(&bus, "small", 1).await, 1);
    eventually(TIMEOUT, "the delivered event is no longer stored", async || count_oversized().await == 1).await;
}
