//! Counts of people by place: only of those whom the reader may see, and without a view of anybody.

use std::sync::atomic::Ordering;

use lcr_contracts::{
    events::{OnRecord, Stream},
    spell::{CodedName, FieldUpdate, Place, SpellEvent, SpellMessage},
    ward::{Counts, ListCategory, ListOf},
    whereabouts::PlaceWords,
};
use lcr_model::{Role, permit::Hide};

use crate::{
    MORNING,
    fake_consent::FakeDecision,
    fixtures::{HOSPITAL, admitted, ask, caller, message, practice_list, ward},
    scene::Scene,
};

async fn counts(scene: &Scene, role: Role, org: &str, of: Option<ListOf>) -> Counts {
    scene.ward.api.counts(&caller(role, org), of).await.unwrap()
}

fn in_emergency(visit: &str, local: &str) -> SpellMessage {
    let arrived = message(SpellEvent::Register, visit, local, MORNING);
    SpellMessage { class: FieldUpdate::Set("E".into()), place: ward("ED"), ..arrived }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hospital_is_counted_by_ward_without_a_view_of_anybody() {
    let scene = Scene::new().await;
    for local in ["H1", "H2", "H3", "H4"] {
        scene.person(local).await;
    }
    let protected = scene.person("H5").await;
    let specialty = CodedName { code: Some("430".into()), name: "430".into() };
    let elderly = |one: SpellMessage| SpellMessage { specialty: FieldUpdate::Set(specialty.clone()), ..one };
    scene
        .publish_messages(&[
            elderly(admitted("V1", "H1", MORNING)),
            SpellMessage { place: ward("Ward J28"), ..admitted("V2", "H2", MORNING) },
            admitted("V3", "H3", MORNING),
            in_emergency("V4", "H4"),
            admitted("V5", "H5", MORNING),
        ])
        .await;
    let hidden = FakeDecision::Grant { clearances: vec![], hide: vec![Hide::Location], without: vec![] };
    scene.set_decision(protected, hidden);
    let all = counts(&scene, Role::WardNurse, HOSPITAL, None).await;
    assert_eq!((all.in_patients, all.emergency), (4, 1));
    let wards: Vec<(&str, u32)> = all.wards.iter().map(|ward| (ward.key.as_str(), ward.people)).collect();
    assert_eq!(wards, [("J27", 2), ("Ward J28", 1)], "a protected person is counted at no ward");
    assert_eq!(all.specialties.len(), 1);
    let shown = scene.ward.store.outbox().after(Stream::Audit, 0, 10).await.unwrap();
    assert!(shown.is_empty(), "a count shows no row");
    assert!(!scene.consent.counted.lock().unwrap().is_empty());
    let views: usize = scene.consent.questions.lock().unwrap().iter().map(|ask| ask.people.len()).sum();
    assert_eq!(views, 0, "a decision about a person would be a view of them");
    assert_eq!(counts(&scene, Role::WardNurse, "Z9H02", None).await.in_patients, 0, "another hospital");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_home_page_that_is_reloaded_at_once_does_not_count_again() {
    let scene = Scene::new().await;
    scene.person("H1").await;
    scene.publish_messages(&[admitted("V1", "H1", MORNING)]).await;
    let (nurse, other) = (caller(Role::WardNurse, HOSPITAL), caller(Role::WardNurse, HOSPITAL));
    for (reader, questions) in [(&nurse, 1), (&nurse, 1), (&other, 2)] {
        assert_eq!(scene.ward.api.counts(reader, None).await.unwrap().in_patients, 1);
        assert_eq!(scene.consent.counted.lock().unwrap().len(), questions, "each session counts for itself");
    }
    let third = caller(Role::WardNurse, HOSPITAL);
    let (one, two) = tokio::join!(scene.ward.api.counts(&third, None), scene.ward.api.counts(&third, None));
    assert_eq!(one.unwrap(), two.unwrap());
    assert_eq!(scene.consent.counted.lock().unwrap().len(), 3, "two requests at once wait for one count");
    scene.consent.refuse_lists.store(true, Ordering::Relaxed);
    assert!(scene.ward.api.counts(&nurse, None).await.is_err(), "a reader without lists learns no stored count");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_whom_the_reader_may_not_see_is_not_counted() {
    let scene = Scene::new().await;
    let person = scene.person("H1").await;
    scene.publish_messages(&[admitted("V1", "H1", MORNING)]).await;
    assert_eq!(counts(&scene, Role::WardNurse, HOSPITAL, None).await.in_patients, 1);
    assert_eq!(counts(&scene, Role::Gp, crate::PRACTICE, Some(practice_list())).await.in_patients, 1);
    scene.set_decision(person, FakeDecision::Refuse(lcr_contracts::consent::Refusal::Objected));
    let all = counts(&scene, Role::WardNurse, HOSPITAL, None).await;
    assert_eq!((all.in_patients, all.wards[0].people), (0, 0), "the ward is known, the person is not");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_emergency_department_and_a_specialty_are_lists_of_their_own() {
    let scene = Scene::new().await;
    for local in ["H1", "H2"] {
        scene.person(local).await;
    }
    let specialty = CodedName { code: Some("430".into()), name: "Elderly medicine".into() };
    let elderly = SpellMessage { specialty: FieldUpdate::Set(specialty), ..admitted("V1", "H1", MORNING) };
    scene.publish_messages(&[elderly, in_emergency("V2", "H2")]).await;
    let list = async |of: ListOf| {
        let list = scene.ward.api.inpatients(&caller(Role::EdClinician, HOSPITAL), ask(of, 0)).await.unwrap();
        list.rows.iter().map(|row| row.category).collect::<Vec<_>>()
    };
    assert_eq!(list(ListOf::Emergency).await, [ListCategory::Emergency]);
    assert_eq!(list(ListOf::Ward("ed".into())).await, [], "an attender is on no ward");
    for spelling in ["430", "elderly  medicine"] {
        assert_eq!(list(ListOf::Specialty(spelling.into())).await, [ListCategory::Main], "{spelling}");
    }
    assert_eq!(list(ListOf::Ward("ward j27".into())).await.len(), 1, "the spelling of a ward does not matter");
}

/// The record shows the stay that is published, so place and time must be those of the row.
#[tokio::test(flavor = "multi_thread")]
async fn the_list_and_the_record_have_one_place_and_one_admission_time_for_a_stay() {
    let scene = Scene::new().await;
    scene.person("H1").await;
    let sent = lcr_contracts::Moment::exact("2026-11-19T03:40:00Z".parse().unwrap());
    let in_bay = Place { ward: Some("J27".into()), bay: Some("C".into()), bed: Some("4".into()), ..Place::default() };
    let arrived = SpellMessage { admitted: FieldUpdate::Set(sent), ..in_emergency("V1", "H1") };
    let admission = SpellMessage {
        event: SpellEvent::ToInpatient,
        place: FieldUpdate::Set(in_bay),
        ..admitted("V1", "H1", "2026-11-20T10:00:00Z")
    };
    scene.publish_messages(&[arrived, admission]).await;
    let row = scene.inpatients(practice_list()).await.rows.remove(0);
    let published = scene.published().await;
    let plain = scene.keys.open("ward/record", published.last().unwrap().record.as_ref().unwrap()).unwrap();
    let on_record: OnRecord = serde_json::from_slice(&plain).unwrap();
    assert_eq!(row.place, on_record.place);
    assert_eq!(row.admitted.map(|cell| cell.value), on_record.admitted);
    let words = PlaceWords::of(&on_record.place.unwrap().value).within_site();
    assert_eq!(words.as_deref(), Some("J27, bay C, bed 4"), "the bay is part of the place");
}
