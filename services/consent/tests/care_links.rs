//! Care links through the bus and the store, in a file and in `PostgreSQL`: a link opens the record while the care lasts,
//! whatever arrives first, and nobody else's.

#![allow(clippy::unwrap_used, reason = "tests")]

#[path = "care_links/bad_input.rs"]
mod bad_input;
#[path = "care_links/batches.rs"]
mod batches;
#[path = "care_links/city.rs"]
mod city;
#[path = "care_links/lists.rs"]
mod lists;
#[path = "objections/scene.rs"]
#[expect(dead_code, reason = "the suite of objections uses the rest")]
mod scene;

use lcr_contracts::{
    consent::Refusal,
    events::{CareLink, ChoiceChanged, PersonChanged, Stream},
};
use lcr_model::{CareLinkKind, OdsCode, PersonId, Role};

use city::{COMMUNITY, City, caseload, hours, link};
use scene::{HOSPITAL, PRACTICE, caller, identity};

#[tokio::test(flavor = "multi_thread")]
async fn a_caseload_opens_the_record_until_it_ends_and_open_pages_are_decided_again() {
    for city in City::both().await {
        let (anna, nurse) = (city.person("a").await, caller(Role::CommunityNurse, COMMUNITY));
        assert_eq!(city.open(&nurse, anna).await, Err(Refusal::NoRelationship));
        city.send("l1", "a", 1, &caseload()).await;
        assert_eq!(city.open(&nurse, anna).await, Ok(()));
        assert_eq!(city.open(&caller(Role::Consultant, HOSPITAL), anna).await, Err(Refusal::NoRelationship));
        city.send("l1", "a", 3, &CareLink { until: hours(-1), ..caseload() }).await;
        assert_eq!(city.open(&nurse, anna).await, Err(Refusal::NoRelationship));
        assert_eq!(city.decided_again().await, [anna, anna]);
        // An older version, and the same version once more, change nothing.
        city.send("l1", "a", 2, &caseload()).await;
        city.send("l1", "a", 3, &caseload()).await;
        assert_eq!(city.open(&nurse, anna).await, Err(Refusal::NoRelationship));
        assert_eq!(city.decided_again().await.len(), 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_of_an_unknown_person_waits_until_the_person_is_known() {
    for city in City::both().await {
        city.send("l1", "a", 1, &caseload()).await;
        assert!(city.decided_again().await.is_empty());
        let anna = city.person("a").await;
        assert_eq!(city.open(&caller(Role::CommunityNurse, COMMUNITY), anna).await, Ok(()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_moves_to_another_person_closes_the_first_record() {
    for city in City::both().await {
        let (anna, ben) = (city.person("a").await, city.person("b").await);
        let nurse = caller(Role::CommunityNurse, COMMUNITY);
        city.send("l1", "a", 1, &caseload()).await;
        city.send("l1", "b", 2, &caseload()).await;
        assert_eq!(city.open(&nurse, anna).await, Err(Refusal::NoRelationship));
        assert_eq!(city.open(&nurse, ben).await, Ok(()));
        let mut again = city.decided_again().await.split_off(1);
        again.sort_unstable();
        let mut both = [anna, ben];
        both.sort_unstable();
        assert_eq!(again, both);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn links_follow_their_identity_through_a_merge_and_an_unmerge() {
    for city in City::both().await {
        let (anna, ben) = (city.person("a").await, city.person("b").await);
        let nurse = caller(Role::CommunityNurse, COMMUNITY);
        city.send("l1", "a", 1, &caseload()).await;
        let (a, b) = (identity("community", "a"), identity("community", "b"));
        city.scene.person(anna, 2, &[]).await;
        city.scene.person(ben, 2, &[a.clone(), b.clone()]).await;
        assert_eq!(city.open(&nurse, anna).await, Err(Refusal::NoRelationship));
        assert_eq!(city.open(&nurse, ben).await, Ok(()));
        city.scene.person(ben, 3, &[b]).await;
        city.scene.person(anna, 3, &[a]).await;
        assert_eq!(city.open(&nurse, anna).await, Ok(()));
        assert_eq!(city.open(&nurse, ben).await, Err(Refusal::NoRelationship));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_childs_caseload_does_not_open_the_parents_record() {
    for city in City::both().await {
        let (child, parent) = (city.person("child").await, city.person("parent").await);
        let nurse = caller(Role::CommunityNurse, COMMUNITY);
        city.send("l1", "child", 1, &caseload()).await;
        assert_eq!(city.open(&nurse, child).await, Ok(()));
        assert_eq!(city.open(&nurse, parent).await, Err(Refusal::NoRelationship));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_former_practice_opens_the_record_for_a_while() {
    for city in City::both().await {
        let (anna, gp) = (PersonId::new(), caller(Role::Gp, PRACTICE));
        for (version, practice) in [(3, "Y90009"), (1, PRACTICE)] {
            let person = PersonChanged {
                person: anna,
                version,
                identities: vec![identity("gp", "a")],
                practice: Some(OdsCode::new(practice)),
                marks: vec![],
            };
            city.scene.publish(person, Stream::People).await;
        }
        assert_eq!(city.open(&gp, anna).await, Ok(()), "the older version arrived last");
        assert_eq!(city.open(&caller(Role::Receptionist, PRACTICE), anna).await, Err(Refusal::NoRelationship));
        assert_eq!(city.open(&caller(Role::Gp, "Y90008"), anna).await, Err(Refusal::NoRelationship));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_officers_of_an_organisation_with_a_link_read_the_entry() {
    for city in City::both().await {
        let anna = city.person("a").await;
        let concerned = || {
            let entries = city.scene.log.entries.lock().unwrap();
            entries.last().unwrap().concerned.contains_key(&OdsCode::new(COMMUNITY))
        };
        assert_eq!(city.open(&caller(Role::Gp, PRACTICE), anna).await, Ok(()));
        assert!(!concerned());
        city.send("l0", "a", 1, &link(CareLinkKind::Appointment, hours(2), None)).await;
        assert_eq!(city.open(&caller(Role::Gp, PRACTICE), anna).await, Ok(()));
        assert!(!concerned(), "a visit is too little");
        city.send("l1", "a", 1, &caseload()).await;
        assert_eq!(city.open(&caller(Role::Gp, PRACTICE), anna).await, Ok(()));
        assert!(concerned());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_without_effect_on_any_page_is_not_announced() {
    for city in City::both().await {
        city.person("a").await;
        city.send("l1", "a", 1, &link(CareLinkKind::Caseload, hours(5), None)).await;
        city.send("l2", "a", 1, &link(CareLinkKind::UrgentCase, hours(-100), None)).await;
        assert!(city.decided_again().await.is_empty());
        city.send("l3", "a", 1, &caseload()).await;
        city.send("l3", "a", 2, &CareLink { team: Some("Night nurses".into()), ..caseload() }).await;
        let events = city.scene.consent.store.outbox().after(Stream::Consent, 0, 10).await.unwrap();
        assert_eq!(events.len(), 1);
        assert!(events[0].event.body::<ChoiceChanged>().unwrap().is_ok());
    }
}
