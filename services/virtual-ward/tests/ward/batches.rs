//! A batch of events is one transaction. A bad message in it is set aside alone. (That the same message twice in a batch takes
//! effect once: `a_change_is_published_once_and_a_copy_not_at_all`.)

use lcr_bus::Bus as _;
use lcr_contracts::events::EncounterReceived;

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_does_not_open_is_set_aside_and_its_neighbours_are_listed() {
    let scene = Scene::new().await;
    for local in ["H1", "H2", "H3"] {
        scene.person(local).await;
    }
    let admission = |visit: &str, local: &str| scene.event(&admitted(visit, local, MORNING));
    let altered = EncounterReceived { sealed: "altered".into(), ..admission("V2", "H2") };
    scene.publish(&[admission("V1", "H1"), altered, admission("V3", "H3")]).await;
    assert_eq!(scene.inpatients(practice_list()).await.rows.len(), 2);
    assert_eq!(scene.published().await.len(), 2);
    assert_eq!(scene.bus.count_dead_letters(Stream::Feeds, "virtual-ward").await.unwrap(), 1);
}
