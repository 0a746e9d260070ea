//! The virtual ward through its store, its bus and its API, with a fake consent that signs real permits.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

#[path = "ward/access.rs"]
mod access;
#[path = "ward/batches.rs"]
mod batches;
#[path = "ward/change_feed.rs"]
mod change_feed;
#[path = "ward/counts.rs"]
mod counts;
#[path = "ward/data_quality.rs"]
mod data_quality;
#[path = "ward/discharges.rs"]
mod discharges;
#[path = "ward/fake_consent.rs"]
mod fake_consent;
#[path = "ward/fixtures.rs"]
mod fixtures;
#[path = "ward/http.rs"]
mod http;
#[path = "ward/scene.rs"]
mod scene;

use fake_consent::FakeDecision;
use fixtures::{
    HOSPITAL, PRACTICE, admitted, ask, at, caller, hospital_system, message, moved, person_changed, practice_list,
    ward, wards,
};
use lcr_contracts::{
    events::{PartnersChanged, PersonChanged, Stay, Stream, WardChanged},
    registry::{Feed, Stage, StageRule},
    spell::{CodedName, FieldUpdate, SpellEvent, SpellMessage},
    ward::{ListCategory, ListOf},
};
use lcr_model::{Dataset, OdsCode, PersonId, Role};
use scene::Scene;

const MORNING: &str = "2026-11-20T09:00:00Z";

#[tokio::test(flavor = "multi_thread")]
async fn an_admission_is_listed_once_the_index_knows_whose_it_is() {
    let scene = Scene::new().await;
    scene.publish_messages(&[admitted("V1", "H1", MORNING)]).await;
    let list = scene.inpatients(practice_list()).await;
    assert_eq!((list.rows.len(), list.unmatched), (0, 1), "only a count");
    let person = scene.person("H1").await;
    let list = scene.inpatients(practice_list()).await;
    assert_eq!((list.rows.len(), list.unmatched), (1, 0));
    let row = &list.rows[0];
    assert_eq!((row.who.person, row.hospital.as_str(), row.category), (Some(person), "St Hilda's", ListCategory::Main));
    assert_eq!((wards(&list), row.days), (vec!["J27".to_owned()], 0));
    // S-50, X-16: each field with its time; the hospital with when it was last heard.
    assert_eq!(row.place.as_ref().unwrap().at, at(MORNING));
    let hospital = list.hospitals.iter().find(|one| one.source.as_str() == "st-hildas").unwrap();
    assert_eq!(hospital.last, Some(at(MORNING)));
    assert!(list.hospitals.iter().all(|one| one.source.as_str() != "quiet"), "a discreet system is named nowhere");
}

/// what is not yet switched on for the reader is missing from the list with a word about it.
#[tokio::test(flavor = "multi_thread")]
async fn a_hospital_whose_stays_are_not_yet_switched_on_for_the_reader_is_marked() {
    let scene = Scene::new().await;
    scene.publish_messages(&[admitted("V1", "H1", MORNING)]).await;
    let is_marked = async || {
        let list = scene.inpatients(practice_list()).await;
        list.hospitals.iter().find(|one| one.source.as_str() == "st-hildas").unwrap().not_yet_on
    };
    assert!(!is_marked().await);
    for (version, unit, receiver, marked) in
        [(2, None, Some(PRACTICE), true), (3, Some("Z9H11"), None, true), (4, None, Some("Y90002"), false)]
    {
        let mut system = hospital_system(Feed::default());
        let (unit, receiver) = (unit.map(OdsCode::new), receiver.map(OdsCode::new));
        let dataset = Dataset::Encounters;
        system.setup.stages.set(StageRule { dataset, unit, receiver, stage: Stage::Off });
        scene.publish(&[PartnersChanged { version, organisation: None, system: Some(system) }]).await;
        assert_eq!(is_marked().await, marked, "version {version}");
    }
}

/// Every order of four.
fn orders() -> Vec<[usize; 4]> {
    let mut all = vec![];
    for a in 0..4 {
        for b in (0..4).filter(|b| *b != a) {
            for c in (0..4).filter(|c| *c != a && *c != b) {
                all.push([a, b, c, 6 - a - b - c]);
            }
        }
    }
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_in_any_order_and_twice_give_the_same_places() {
    let scene = Scene::new().await;
    let orders = orders();
    let local = |at: usize| format!("H{at}");
    for at in 0..orders.len() {
        scene.person(&local(at)).await;
    }
    for (at, order) in orders.iter().enumerate() {
        let (visit, local) = (format!("V{at}"), local(at));
        let taken_back = message(SpellEvent::CancelTransfer, &visit, &local, "2026-11-20T09:25:00Z");
        let messages = [
            admitted(&visit, &local, MORNING),
            moved(&visit, &local, "2026-11-20T09:10:00Z", "J28"),
            SpellMessage { prior_place: ward("J28"), place: ward("J27"), ..taken_back },
            moved(&visit, &local, "2026-11-20T09:40:00Z", "J30"),
        ];
        for at in order {
            // Each message arrives alone, and some arrive twice.
            scene.publish_messages(std::slice::from_ref(&messages[*at])).await;
            if at % 2 == 0 {
                scene.publish_messages(std::slice::from_ref(&messages[*at])).await;
            }
        }
    }
    let list = scene.inpatients(practice_list()).await;
    assert_eq!(wards(&list), vec!["J30"; 24]);
    assert!(list.rows.iter().all(|row| row.warnings.is_empty() && row.disagreements.is_empty()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_published_once_and_a_copy_not_at_all() {
    let scene = Scene::new().await;
    let person = scene.person("H1").await;
    let published = async || {
        let rows = scene.ward.store.outbox().after(Stream::Ward, 0, 100).await.unwrap();
        rows.into_iter().map(|row| row.event.body::<WardChanged>().unwrap().unwrap()).collect::<Vec<_>>()
    };
    let first = admitted("V1", "H1", MORNING);
    scene.publish_messages(&[first.clone(), first.clone()]).await;
    scene.publish_messages(std::slice::from_ref(&first)).await;
    assert_eq!(published().await.len(), 1);
    let again = SpellMessage { control_id: "again".into(), content: "again".into(), ..first };
    scene.publish_messages(&[again]).await;
    assert_eq!(published().await.len(), 1, "a replay under another control id is no change");
    scene.publish_messages(&[moved("V1", "H1", "2026-11-20T10:00:00Z", "J28")]).await;
    let events = published().await;
    assert_eq!(events.len(), 2);
    assert!(events[0].version < events[1].version);
    let stay: Stay = serde_json::from_slice(&scene.keys.open("ward/stay", &events[1].sealed).unwrap()).unwrap();
    assert_eq!((stay.person, stay.organisation.as_str(), stay.ward.as_deref()), (Some(person), HOSPITAL, Some("J28")));
    assert_eq!((stay.from, stay.until, stay.counts), (at(MORNING), None, true));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stay_follows_its_identity_to_another_person() {
    let scene = Scene::new().await;
    let first = scene.person("H1").await;
    scene.publish_messages(&[admitted("V1", "H1", MORNING)]).await;
    let other = PersonId::new();
    scene.set_decision(other, FakeDecision::grant_all());
    // The new owner's event arrives first.
    scene.publish(&[person_changed(other, 1, "Y90002", "H1")]).await;
    assert_eq!(scene.inpatients(practice_list()).await.rows.len(), 0, "an identity claimed by two people has no owner");
    scene.publish(&[PersonChanged { identities: vec![], ..person_changed(first, 2, PRACTICE, "H1") }]).await;
    assert_eq!(scene.inpatients(practice_list()).await.rows.len(), 0);
    let theirs = scene.inpatients(ListOf::Practice(OdsCode::new("Y90002"))).await;
    assert_eq!(theirs.rows[0].who.person, Some(other));
    // An old event changes nothing.
    scene.publish(&[person_changed(first, 1, PRACTICE, "H1")]).await;
    assert_eq!(scene.inpatients(practice_list()).await.rows.len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_list_has_its_own_people() {
    let scene = Scene::new().await;
    let people = [(PRACTICE, "H1"), ("Y90002", "H2"), ("Y90003", "H3")];
    for (practice, local) in people {
        let person = PersonId::new();
        scene.publish(&[person_changed(person, 1, practice, local)]).await;
        scene.set_decision(person, FakeDecision::grant_all());
        let consultant = CodedName { code: Some("C1234567".into()), name: "Dr Ash".into() };
        let one = admitted(&format!("V{local}"), local, MORNING);
        scene.publish_messages(&[SpellMessage { consultant: FieldUpdate::Set(consultant), ..one }]).await;
    }
    let team = ListOf::Team(OdsCode::new("Y9T01"));
    assert_eq!(scene.inpatients(practice_list()).await.rows.len(), 1);
    assert_eq!(scene.inpatients(team).await.rows.len(), 2, "S-64: the practices that are part of the team");
    let count = async |org: &str, of: ListOf| {
        let list = scene.ward.api.inpatients(&caller(Role::Consultant, org), ask(of, 0)).await;
        list.unwrap().rows.len()
    };
    assert_eq!(count(HOSPITAL, ListOf::Ward("j27".into())).await, 3);
    assert_eq!(count(HOSPITAL, ListOf::Consultant("dr ash".into())).await, 3);
    assert_eq!(count(HOSPITAL, ListOf::Consultant("C1234567".into())).await, 3);
    assert_eq!(count("Z9H02", ListOf::Ward("J27".into())).await, 0, "another hospital's ward is not theirs");
}
