//! A batch of events is one transaction. A bad event in it is set aside alone, and the same event twice takes effect once.

use lcr_bus::Bus as _;

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn an_update_that_does_not_open_is_set_aside_and_its_neighbours_are_linked() {
    let scene = Scene::new().await;
    let [first, other, last] = [0, 3, 4].map(|at: usize| UPDATES[at].event(&scene.keys));
    let altered = DemographicsReceived { sealed: "altered".into(), ..other };
    scene.publish_events(&[first, altered, last], 3).await;
    assert_eq!(scene.people().await, names(&[&["gp/1"], &["st-hildas/78"]]));
    assert_eq!(scene.bus.count_dead_letters(Stream::Feeds, "patient-index").await.unwrap(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_update_twice_in_a_batch_is_applied_once() {
    let scene = Scene::new().await;
    let update = UPDATES[0].event(&scene.keys);
    scene.publish_events(&[update.clone(), update], 2).await;
    assert_eq!(scene.people().await, names(&[&["gp/1"]]));
    let published = scene.index.store.outbox().after(Stream::People, 0, 10).await.unwrap();
    assert_eq!(published.len(), 1);
    assert_eq!(scene.bus.count_dead_letters(Stream::Feeds, "patient-index").await.unwrap(), 0);
}
