//! What a partner may send in error: it is stored, and grants nothing that it does not say.

use lcr_contracts::{care_list::CareListQuery, consent::Refusal, events::CareLink};
use lcr_model::{CareLinkKind, OdsCode, Role};

use super::{
    city::{COMMUNITY, City, caseload, hours, link},
    scene::{HOSPITAL, caller},
};

#[tokio::test(flavor = "multi_thread")]
async fn what_grants_nothing_is_stored() {
    for city in City::both().await {
        let (anna, nurse) = (city.person("a").await, caller(Role::CommunityNurse, COMMUNITY));
        let backwards = link(CareLinkKind::Caseload, hours(-1), hours(-2));
        let foreign = CareLink { organisation: OdsCode::new(HOSPITAL), ..caseload() };
        let unregistered = CareLink { organisation: OdsCode::new("Z9X99"), kind: CareLinkKind::Referral, ..caseload() };
        let later_version = link("of-a-later-version".into(), hours(-1), None);
        let cancelled = CareLink { stands: false, ..caseload() };
        let all = [backwards, foreign, unregistered, later_version, cancelled];
        for (number, link) in all.iter().enumerate() {
            city.send(&format!("l{number}"), "a", 1, link).await;
            assert_eq!(city.open(&nurse, anna).await, Err(Refusal::NoRelationship), "{link:?}");
        }
        let consultant = caller(Role::Consultant, HOSPITAL);
        assert_eq!(city.open(&consultant, anna).await, Err(Refusal::NoRelationship), "not from the trust's caseload");
        assert_eq!(city.stored().await, 5);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suspended_partners_links_grant_nothing_until_it_is_back() {
    for city in City::both().await {
        let (anna, nurse) = (city.person("a").await, caller(Role::CommunityNurse, COMMUNITY));
        city.send("l1", "a", 1, &caseload()).await;
        assert_eq!(city.open(&nurse, anna).await, Ok(()));
        city.suspend(2, true).await;
        assert_eq!(city.open(&nurse, anna).await, Err(Refusal::NoRelationship));
        city.suspend(3, false).await;
        assert_eq!(city.open(&nurse, anna).await, Ok(()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_whom_a_group_names_twice_is_listed_once_and_leaves_with_the_last_link() {
    for city in City::both().await {
        let (anna, nurse) = (city.person("a").await, caller(Role::CommunityNurse, COMMUNITY));
        city.send("l1", "a", 1, &caseload()).await;
        city.send("l2", "a", 1, &caseload()).await;
        let query = CareListQuery { kind: None, offset: 0, limit: 10 };
        let list = city.scene.consent.api.care_list(&nurse, query).await.unwrap();
        assert_eq!((list.people.len(), list.total), (1, 1));
        city.send("l1", "a", 2, &CareLink { stands: false, ..caseload() }).await;
        assert_eq!(city.open(&nurse, anna).await, Ok(()));
        city.send("l2", "a", 2, &CareLink { stands: false, ..caseload() }).await;
        assert_eq!(city.open(&nurse, anna).await, Err(Refusal::NoRelationship));
    }
}
