//! A batch with a bad event fails and stores none of its items, so that the bus applies each event alone and sets the bad
//! one aside. The same event twice in a batch takes effect once.

use lcr_contracts::{
    FailureKind,
    events::{PushedKind, Stream},
};
use lcr_model::{LocalId, SourceId, SourceIdentity};
use lcr_store::Store;
use serde_json::json;

use super::*;
use crate::testing::Scene;

fn identity() -> SourceIdentity {
    SourceIdentity { source: SourceId::new("st-marker"), local_id: LocalId("7".into()) }
}

fn item(scene: &Scene, item: &str) -> ItemReceived {
    let pushed = json!({ "resources": [{ "resourceType": "ServiceRequest", "id": item, "status": "active" }],
        "name": "", "awaited": false, "discharge_letter": false });
    let sealed = scene.service.pushed_items.keys.seal("feeds/item", &serde_json::to_vec(&pushed).unwrap()).unwrap();
    ItemReceived {
        identity: identity(),
        kind: PushedKind::Referral,
        item: item.into(),
        spell: None,
        version: 1,
        sealed,
    }
}

/// The events with these bodies, as the bus delivers them.
async fn delivered(scene: &Scene, bodies: Vec<ItemReceived>) -> Vec<CloudEvent> {
    let store = &scene.service.store;
    let now = jiff::Timestamp::UNIX_EPOCH;
    store.write(async move |tx| Store::publish(&tx, now, &bodies).await).await.unwrap();
    let rows = store.outbox().after(Stream::Feeds, 0, 10).await.unwrap();
    rows.into_iter().map(|row| row.event).collect()
}

fn consumer(scene: &Scene) -> FeedsConsumer {
    let (pushed_items, hashed_ids) = (scene.service.pushed_items.clone(), scene.service.hashed_ids.clone());
    FeedsConsumer { pushed_items, hashed_ids }
}

async fn stored(scene: &Scene) -> usize {
    scene.service.pushed_items.load(&[identity()]).await.unwrap().len()
}

#[tokio::test]
async fn an_item_that_does_not_open_fails_its_batch_and_alone_leaves_its_neighbours_be() {
    let scene = Scene::with(vec![]).await;
    let altered = ItemReceived { sealed: "altered".into(), ..item(&scene, "2") };
    let events = delivered(&scene, vec![item(&scene, "1"), altered, item(&scene, "3")]).await;
    let consumer = consumer(&scene);
    let failure = consumer.apply(&events).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Internal, "no outage: the bus sets it aside");
    assert_eq!(stored(&scene).await, 0);
    for (event, fails) in events.iter().zip([false, true, false]) {
        assert_eq!(consumer.apply(std::slice::from_ref(event)).await.is_err(), fails);
    }
    assert_eq!(stored(&scene).await, 2);
}

#[tokio::test]
async fn the_same_item_twice_in_a_batch_is_stored_once() {
    let scene = Scene::with(vec![]).await;
    let events = delivered(&scene, vec![item(&scene, "1"), item(&scene, "1")]).await;
    consumer(&scene).apply(&events).await.unwrap();
    consumer(&scene).apply(&events).await.unwrap();
    assert_eq!(stored(&scene).await, 1);
}
