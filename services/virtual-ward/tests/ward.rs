//! The virtual ward through its store, its bus and its API, with a fake consent that signs real permits.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

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
    HOSPITAL, PRACTICE, admitted, ask, at, caller, gp, hospital_system, identity, message, moved, names,
    person_changed, practice_list, ward, wards,
};
use lcr_contracts::{
    FailureKind,
    consent::Refusal,
    events::{PartnersChanged, PersonChanged, Stay, Stream, WardChanged},
    registry::{Feed, Stage, StageRule},
    spell::{CodedName, FieldUpdate, SpellEvent, SpellMessage},
    ward::{ListCategory, ListOf},
};
use lcr_model::{Dataset, OdsCode, PersonId, Role, permit::Hide};
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

#[tokio::test(flavor = "multi_thread")]
async fn only_granted_people_are_listed_and_an_empty_list_is_authorised_too() {
    let scene = Scene::new().await;
    let count_questions = |view| {
        let asked = scene.consent.questions.lock().unwrap();
        asked.iter().filter(|one| one.view == view && !one.datasets.is_empty()).count()
    };
    let nobody = ask(practice_list(), 0);
    assert_eq!(scene.ward.api.inpatients(&gp(), nobody.clone()).await.unwrap().rows, []);
    assert_eq!(count_questions(nobody.view), 1, "recorded");
    for (local, decision) in [("H1", FakeDecision::grant_all()), ("H2", FakeDecision::Refuse(Refusal::Objected))] {
        let person = scene.person(local).await;
        scene.set_decision(person, decision);
        scene.publish_messages(&[admitted(&format!("V{local}"), local, MORNING)]).await;
    }
    assert_eq!(scene.inpatients(practice_list()).await.rows.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_without_lists_an_ended_session_and_a_lagging_consent_get_different_errors() {
    let scene = Scene::new().await;
    let person = scene.person("H1").await;
    scene.publish_messages(&[admitted("V1", "H1", MORNING)]).await;
    for (refusal, kind) in [
        (Refusal::Role, FailureKind::Forbidden),
        (Refusal::SessionEnded, FailureKind::Unauthenticated),
        (Refusal::CatchingUp, FailureKind::CatchingUp),
    ] {
        scene.set_decision(person, FakeDecision::Refuse(refusal));
        let answer = scene.ward.api.inpatients(&gp(), ask(practice_list(), 0)).await;
        assert_eq!(answer.unwrap_err().kind, kind);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_whose_decisions_keep_changing_is_authorised_again_until_they_hold() {
    let scene = Scene::new().await;
    scene.person("H1").await;
    scene.publish_messages(&[admitted("V1", "H1", MORNING)]).await;
    // Far more changes than a few retries would survive.
    scene.consent.changes_before_confirm.store(25, std::sync::atomic::Ordering::Relaxed);
    assert_eq!(scene.inpatients(practice_list()).await.rows.len(), 1, "the reader need not ask again");
    scene.consent.changes_before_confirm.store(25, std::sync::atomic::Ordering::Relaxed);
    assert_eq!(scene.discharges(practice_list()).await.rows.len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_without_lists_always_gets_the_same_answer() {
    let scene = Scene::new().await;
    scene.person("H1").await;
    scene.publish_messages(&[admitted("V1", "H1", MORNING)]).await;
    scene.consent.refuse_lists.store(true, std::sync::atomic::Ordering::Relaxed);
    let mut answers = vec![];
    for of in [
        practice_list(),
        ListOf::Practice(OdsCode::new("X99999")),
        ListOf::Team(OdsCode::new("X9999")),
        ListOf::Ward("J27".into()),
        ListOf::Ward("no such ward".into()),
        ListOf::Consultant("nobody".into()),
        ListOf::Watched,
    ] {
        answers.push(scene.ward.api.inpatients(&gp(), ask(of.clone(), 0)).await.unwrap_err());
        answers.push(scene.ward.api.discharges(&gp(), ask(of, 28)).await.unwrap_err());
    }
    assert_eq!(answers[0].kind, FailureKind::Forbidden);
    assert!(answers.iter().all(|one| *one == answers[0]), "{answers:?}");
    let asked = scene.consent.questions.lock().unwrap();
    assert!(asked.iter().all(|one| one.people.is_empty()), "no candidate was searched");
}

/// The answer to a reader without a link does not reveal whether the practice has anybody in hospital.
#[tokio::test(flavor = "multi_thread")]
async fn a_list_without_access_looks_like_a_list_that_does_not_exist() {
    let scene = Scene::new().await;
    let person = scene.person("H1").await;
    scene.publish_messages(&[admitted("V1", "H1", MORNING)]).await;
    scene.set_decision(person, FakeDecision::Refuse(Refusal::NoRelationship));
    let theirs = scene.inpatients(practice_list()).await;
    let none = scene.inpatients(ListOf::Practice(OdsCode::new("X99999"))).await;
    assert_eq!((&theirs.rows, &theirs.hospitals, theirs.unmatched), (&none.rows, &none.hospitals, none.unmatched));
}

#[tokio::test(flavor = "multi_thread")]
async fn more_than_200_people_are_asked_about_in_several_questions() {
    let scene = Scene::new().await;
    let people: Vec<(PersonId, String)> = (0..230).map(|at| (PersonId::new(), format!("H{at}"))).collect();
    let words: Vec<_> = people.iter().map(|(person, local)| person_changed(*person, 1, PRACTICE, local)).collect();
    scene.publish(&words).await;
    for (person, _) in &people {
        scene.set_decision(*person, FakeDecision::grant_all());
    }
    let stays: Vec<_> = people.iter().map(|(_, local)| admitted(local, local, MORNING)).collect();
    scene.publish_messages(&stays).await;
    let list = ask(practice_list(), 0);
    assert_eq!(scene.ward.api.inpatients(&gp(), list.clone()).await.unwrap().rows.len(), 230);
    let asked = scene.consent.questions.lock().unwrap();
    let sizes: Vec<usize> = asked.iter().filter(|one| one.view == list.view).map(|one| one.people.len()).collect();
    assert_eq!(sizes, [0, 200, 30], "the role first");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_teams_area_alone_gives_name_place_and_expected_date() {
    let scene = Scene::new().await;
    let person = scene.person("H1").await;
    let consultant = CodedName { code: None, name: "Dr Ash".into() };
    let one = admitted("V1", "H1", MORNING);
    let expected_discharge = FieldUpdate::Set("2026-11-18".parse().unwrap());
    scene
        .publish_messages(&[SpellMessage { consultant: FieldUpdate::Set(consultant), expected_discharge, ..one }])
        .await;
    let clearances = vec!["ward-list:row-only"];
    scene.set_decision(person, FakeDecision::Grant { clearances, hide: vec![], without: vec![] });
    let list = scene.inpatients(ListOf::Team(OdsCode::new("Y9T01"))).await;
    let row = &list.rows[0];
    assert_eq!((row.who.patient.family.as_str(), wards(&list)), ("SMITH", vec!["J27".to_owned()]));
    assert_eq!(row.expected_discharge.as_ref().unwrap().value.passed_days, 2);
    assert!(row.consultant.is_none() && row.admitted.is_none() && row.needed.is_none());
    assert!(names(&row.hidden).is_superset(&["admitted", "consultant", "needed", "plan", "reside"].into()));
    assert!(!names(&row.hidden).contains("place"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_protected_location_is_in_no_cell_of_the_row() {
    let scene = Scene::new().await;
    let person = scene.person("H1").await;
    let consultant = FieldUpdate::Set(CodedName { code: None, name: "Dr Ash".into() });
    scene.publish_messages(&[SpellMessage { consultant, ..admitted("V1", "H1", MORNING) }]).await;
    scene.set_decision(person, FakeDecision::Grant { clearances: vec![], hide: vec![Hide::Location], without: vec![] });
    let row = scene.inpatients(practice_list()).await.rows.remove(0);
    assert!(row.who.location_protected && row.place.is_none() && row.consultant.is_none());
    assert!(names(&row.hidden).is_superset(&["consultant", "hospital", "place", "source"].into()));
    let said = serde_json::to_string(&row).unwrap();
    for tells in ["J27", "Hilda", "st-hildas", "Dr Ash"] {
        // The id of the stay comes from the test and names the source.
        assert!(!said.replace("st-hildas-V1", "").contains(tells), "{tells}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_needs_encounters_and_a_discreet_system_is_never_listed() {
    let scene = Scene::new().await;
    let person = scene.person("H1").await;
    let quiet = SpellMessage { identity: identity("quiet", "H1"), ..admitted("V2", "H1", MORNING) };
    scene.publish_messages(&[admitted("V1", "H1", MORNING), quiet]).await;
    assert_eq!(scene.inpatients(practice_list()).await.rows.len(), 1);
    let without = vec![Dataset::Encounters];
    scene.set_decision(person, FakeDecision::Grant { clearances: vec![], hide: vec![], without });
    assert_eq!(scene.inpatients(practice_list()).await.rows.len(), 0);
}
