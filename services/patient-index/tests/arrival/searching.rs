//! What a search reveals, to whom and how often: no more than is needed to find the right person, and never where a
//! restricted person lives (ACCESS.md, Q-29).

use lcr_contracts::{
    FailureKind,
    audit::AccessKind,
    patient_index::{PatientSummary, SearchAnswer},
};

use lcr_model::ViewId;

use super::*;

fn at_home(scene: &Scene, local: &str, restricted: bool, version: i64) -> DemographicsReceived {
    let update = TestUpdate("st-hildas", "", "", "1945-07-14");
    let patient = SourcePatient {
        title: Some("Mrs".into()),
        address: Some("1 Hidden Lane, LS1 4AP".into()),
        postcode: Some("LS1 4AP".into()),
        restricted,
        authority: true,
        ..update.patient()
    };
    let sealed = scene.keys.seal("feeds/demographics", &serde_json::to_vec(&patient).unwrap()).unwrap();
    let identity = SourceIdentity { source: SourceId::new("st-hildas"), local_id: LocalId(local.into()) };
    DemographicsReceived { identity, version, sealed }
}

fn by_postcode() -> SearchQuery {
    SearchQuery { postcode: Some("LS1 4AP".into()), ..SearchQuery::default() }
}

fn by_name() -> SearchQuery {
    let text = |text: &str| Some(text.to_owned());
    SearchQuery { family: text("Smith"), birth_date: text("1945-07-14"), ..SearchQuery::default() }
}

async fn search(scene: &Scene, query: SearchQuery) -> SearchAnswer {
    scene.index.api.search(&caller(ServiceName::Gateway), query).await.unwrap()
}

fn gp_of(practice: &str) -> Caller {
    let mut caller = caller(ServiceName::Gateway);
    caller.actor.org = OdsCode::new(practice);
    caller
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_is_shown_only_with_a_relationship() {
    let scene = Scene::new().await;
    scene.publish_events(&[at_home(&scene, "1", false, 1)], 1).await;
    let found = async |practice: &str| -> PatientSummary {
        let found = scene.index.api.search(&gp_of(practice), by_name()).await.unwrap();
        found.people.into_iter().next().unwrap()
    };
    let (stranger, own) = (found("Y90001").await, found("Y90002").await);
    assert_eq!((stranger.address, stranger.title), (None, None));
    assert_eq!(own.address.as_deref(), Some("1 Hidden Lane, LS1 4AP"));
    assert_eq!(own.title.as_deref(), Some("Mrs"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_care_list_names_known_people_in_the_order_asked_under_one_decision() {
    let scene = Scene::new().await;
    scene.publish_events(&[at_home(&scene, "1", false, 1), at_home(&scene, "2", false, 1)], 2).await;
    let found = search(&scene, by_name()).await.people;
    let mut asked: Vec<PersonId> = found.iter().rev().map(|one| one.id).collect();
    asked.push(PersonId(uuid::Uuid::nil()));
    scene.rules.asked.lock().unwrap().clear();
    let listed = scene.index.api.summaries(&gp_of("Y90002"), asked.clone(), ViewId::new()).await.unwrap();
    let ids: Vec<PersonId> = listed.iter().map(|one| one.id).collect();
    assert_eq!(ids, asked[..asked.len() - 1]);
    assert_eq!(*scene.rules.asked.lock().unwrap(), [AccessKind::CareList]);
    let many = vec![asked[0]; 101];
    let refused = scene.index.api.summaries(&gp_of("Y90002"), many, ViewId::new()).await.unwrap_err();
    assert_eq!(refused.kind, FailureKind::TooLarge);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_is_found_by_their_id_in_a_source_and_that_is_recorded_as_a_search() {
    let scene = Scene::new().await;
    scene.publish_events(&[at_home(&scene, "1", false, 1)], 1).await;
    let known = search(&scene, by_name()).await.people.remove(0);
    scene.rules.asked.lock().unwrap().clear();
    let of = async |local: &str| {
        let identity = SourceIdentity { source: SourceId::new("st-hildas"), local_id: LocalId(local.into()) };
        scene.index.api.person_of(&caller(ServiceName::Gateway), identity).await.unwrap().map(|one| one.id)
    };
    assert_eq!((of("1").await, of("2").await), (Some(known.id), None));
    assert_eq!(*scene.rules.asked.lock().unwrap(), [AccessKind::Search, AccessKind::Search]);
}

#[tokio::test(flavor = "multi_thread")]
async fn restricted_people_leave_no_trace_in_a_search_by_postcode() {
    for hidden in [0, 1, 5, 60] {
        for shown in [19, 20, 21] {
            let scene = Scene::new().await;
            let ids = (0..hidden).map(|at| (at, true)).chain((hidden..hidden + shown).map(|at| (at, false)));
            let events: Vec<_> = ids.map(|(at, restricted)| at_home(&scene, &at.to_string(), restricted, 1)).collect();
            scene.publish_events(&events, 100).await;
            let answer = search(&scene, by_postcode()).await;
            assert_eq!(answer.people.len(), shown.min(20), "{hidden} hidden");
            assert_eq!(answer.more, shown > 20, "{hidden} hidden of {}", hidden + shown);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_index_does_not_store_where_a_restricted_person_lives() {
    use sea_orm::{ConnectionTrait, Statement};
    let scene = Scene::new().await;
    let stored_address = async || {
        let sql = "SELECT coalesce(address, '') || postcode_key AS place FROM identity";
        let db = scene.index.store.read();
        let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap();
        row.unwrap().try_get::<String>("", "place").unwrap()
    };
    scene.publish_events(&[at_home(&scene, "1", false, 1)], 1).await;
    assert_eq!(stored_address().await, "1 Hidden Lane, LS1 4APLS14AP");
    scene.publish_events(&[at_home(&scene, "1", true, 2)], 1).await;
    assert_eq!(stored_address().await, "");
    // A replica of the previous version stores it during an upgrade.
    let store_address = "UPDATE identity SET address = '1 Hidden Lane', postcode_key = 'LS14AP'";
    scene.index.store.read().execute_unprepared(store_address).await.unwrap();
    scene.index.erase_restricted_addresses().await;
    assert_eq!(stored_address().await, "");
    let patient = search(&scene, by_name()).await.people.remove(0);
    assert!(patient.location_protected && patient.address.is_none());
    scene.publish_events(&[at_home(&scene, "1", false, 3)], 1).await;
    assert_eq!(
        stored_address().await,
        "1 Hidden Lane, LS1 4APLS14AP",
        "the address returns after the restriction ends"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_who_searches_too_often_is_refused() {
    let scene = Scene::new().await;
    scene.publish(&UPDATES, 7).await;
    let often = caller(ServiceName::Gateway);
    for _ in 0..lcr_patient_index::SEARCHES_PER_MINUTE.get() {
        scene.index.api.search(&often, by_name()).await.unwrap();
    }
    let refused = scene.index.api.search(&often, by_name()).await.unwrap_err();
    assert_eq!(refused.kind, FailureKind::TooManyRequests);
    assert!(scene.index.api.search(&often, by_name()).await.is_err());
    let alerts = scene.rules.asked.lock().unwrap().iter().filter(|what| **what == AccessKind::UnusualSearch).count();
    assert_eq!(alerts, 1, "one audit entry per minute");
    let mut other = caller(ServiceName::Gateway);
    other.actor.user = UserId::new("user-2");
    assert!(scene.index.api.search(&other, by_name()).await.is_ok(), "another user is not affected");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_may_search_ten_times_as_often_as_a_user_and_no_more() {
    let scene = Scene::new().await;
    let mut machine = caller(ServiceName::Gateway);
    machine.actor.kind = ActorKind::Client;
    let of_user = lcr_patient_index::SEARCHES_PER_MINUTE.get();
    // The limit refills while the test runs.
    let (least, most) = (10 * of_user, 50 * of_user);
    let mut allowed = 0;
    while allowed < most && scene.index.api.search(&machine, by_name()).await.is_ok() {
        allowed += 1;
    }
    assert!((least..most).contains(&allowed), "{allowed}");
}
