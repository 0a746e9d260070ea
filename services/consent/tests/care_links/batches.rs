//! A batch of events is one transaction. A bad event in it is set aside alone, and the same event twice takes effect once.

use lcr_bus::Bus as _;
use lcr_contracts::events::{CareLinkReceived, Stream, WardChanged};
use lcr_model::Role;

use super::{
    city::{COMMUNITY, City, caseload},
    scene::{HOSPITAL, caller},
};

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_does_not_open_is_set_aside_and_its_neighbours_open_their_records() {
    for city in City::both().await {
        let (anna, ben, nurse) =
            (city.person("a").await, city.person("b").await, caller(Role::CommunityNurse, COMMUNITY));
        let link = |id: &str, local: &str| city.event(id, local, 1, &caseload());
        let altered = CareLinkReceived { sealed: "altered".into(), ..link("l2", "a") };
        city.scene.publish_all(vec![link("l1", "a"), altered, link("l3", "b")], Stream::Feeds).await;
        for person in [anna, ben] {
            assert_eq!(city.open(&nurse, person).await, Ok(()));
        }
        assert_eq!(city.stored().await, 2);
        assert_eq!(city.scene.bus.count_dead_letters(Stream::Feeds, "consent").await.unwrap(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_link_twice_in_a_batch_is_applied_once() {
    for city in City::both().await {
        let anna = city.person("a").await;
        let link = city.event("l1", "a", 1, &caseload());
        city.scene.publish_all(vec![link.clone(), link], Stream::Feeds).await;
        assert_eq!(city.stored().await, 1);
        assert_eq!(city.decided_again().await, [anna]);
        assert_eq!(city.scene.bus.count_dead_letters(Stream::Feeds, "consent").await.unwrap(), 0);
    }
}

/// The first stay comes twice in the batch.
#[tokio::test(flavor = "multi_thread")]
async fn a_stay_that_does_not_open_is_set_aside_and_its_neighbours_open_their_records() {
    for city in City::both().await {
        let (anna, ben, consultant) =
            (city.person("a").await, city.person("b").await, caller(Role::Consultant, HOSPITAL));
        let stay = |spell: &str, person| city.scene.stay_event(spell, person, 1, None);
        let (first, altered) = (stay("s1", anna), WardChanged { sealed: "altered".into(), ..stay("s2", anna) });
        let batch = vec![first.clone(), first, altered, stay("s3", ben)];
        city.scene.publish_all(batch, Stream::Ward).await;
        for person in [anna, ben] {
            assert_eq!(city.open(&consultant, person).await, Ok(()));
        }
        assert_eq!(city.scene.bus.count_dead_letters(Stream::Ward, "consent").await.unwrap(), 1);
    }
}
