//! Tests of who sees what of a list: it must never show a person or a cell that was not granted.

use lcr_contracts::{
    FailureKind,
    consent::Refusal,
    spell::{CodedName, FieldUpdate, SpellMessage},
    ward::ListOf,
};
use lcr_model::{Dataset, OdsCode, PersonId, permit::Hide};

use super::{
    MORNING,
    fake_consent::FakeDecision,
    fixtures::{PRACTICE, admitted, ask, gp, identity, names, person_changed, practice_list, wards},
    scene::Scene,
};

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
