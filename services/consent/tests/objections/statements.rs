//! A decision costs few statements: on `SQLite` they are most of its cost.

use lcr_contracts::{audit::AccessKind, consent::DecisionRequest, events::LOGIN_SOURCE};
use lcr_model::{PersonId, Role, ViewId};
use lcr_testkit::statements_of;

use super::scene::{HOSPITAL, PRACTICE, Scene, caller, identity};

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_with_its_entry_reads_each_table_once() {
    let scene = Scene::new().await;
    let anna = PersonId::new();
    let ids = [identity("gp", "a"), identity(LOGIN_SOURCE, "patient-user")];
    scene.person(anna, 1, &ids).await;
    scene.stay(anna, 1, None).await;
    // People, stays, links and choices; claims for staff, the sign-in for a patient.
    for who in [caller(Role::Gp, PRACTICE), caller(Role::Consultant, HOSPITAL), caller(Role::Patient, "")] {
        let decide = async || drop(scene.decide(&who, anna, 1, &ids).await.unwrap());
        let statements = statements_of(scene.consent.store.read(), decide).await.unwrap();
        assert!((1..=5).contains(&statements), "{statements} statements for {}", who.actor.role);
    }
    let concerned: Vec<_> = scene.log.entries.lock().unwrap().last().unwrap().concerned.keys().cloned().collect();
    assert_eq!(concerned.len(), 2, "the entry names the practice and the hospital: {concerned:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_without_people_reads_nothing() {
    let scene = Scene::new().await;
    let who = caller(Role::Gp, PRACTICE);
    let search = async || {
        let (audience, view, what) = (who.service, ViewId::new(), AccessKind::Search);
        let ask = DecisionRequest { audience, view, what, people: vec![], datasets: vec![] };
        assert!(scene.consent.api.decide(&who, ask).await.unwrap().permit.is_none());
    };
    assert_eq!(statements_of(scene.consent.store.read(), search).await.unwrap(), 0);
}
