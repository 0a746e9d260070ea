//! Overrides: what they open, when they end, and what the log says of them.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn an_override_is_accepted_beside_a_link_that_shows_less() {
    let scene = Scene::with_override(OverridePolicy::EmergencyOverride).await;
    let person = with_person(&scene).await;
    scene.stay(person, 1, None).await;
    let (clinician, gp) = (caller(Role::EdClinician, HOSPITAL), caller(Role::Gp, PRACTICE));
    let api = &scene.consent.api;
    let ask = async |who: &Caller| {
        let who = who.through(ServiceName::Gateway);
        api.override_refusal(&who, person, emergency(), Some(scene.clock.now())).await
    };
    assert_eq!(opens(&scene, &clinician, person).await, Ok(()));
    let offer = async |who: &Caller| api.explain(who, person).await.unwrap().offer;
    let override_for = vec![OverrideReason::LifeThreatening];
    assert_eq!(offer(&clinician).await, ClaimOffer { override_for, ..ClaimOffer::default() }, "the others show less");
    assert_eq!(offer(&gp).await, ClaimOffer::default());
    let receipt = ask(&clinician).await.unwrap();
    assert_eq!(opens(&scene, &clinician, person).await, Ok(()));
    let reason = scene.log.entries.lock().unwrap().last().unwrap().reason.clone();
    assert_eq!(reason, ReasonCode::Relationship(receipt.relationship), "the log says that the override opened it");
    assert_eq!(offer(&clinician).await, ClaimOffer::default(), "it is in force");
    assert_eq!(kind_of(ask(&clinician).await), Some(FailureKind::Conflict), "once");
    assert_eq!(kind_of(ask(&gp).await), Some(FailureKind::Conflict), "the practice sees all of it anyway");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_override_is_ended_early_by_its_user_alone() {
    let scene = Scene::with_override(OverridePolicy::EmergencyOverride).await;
    let (person, api) = (with_person(&scene).await, &scene.consent.api);
    let reader = caller(Role::Paramedic, HOSPITAL);
    let asking = reader.through(ServiceName::Gateway);
    let receipt = api.override_refusal(&asking, person, emergency(), Some(scene.clock.now())).await.unwrap();
    let other = named(reader.clone(), "somebody-else");
    assert_eq!(kind_of(api.end_override(&other, person, receipt.id).await), Some(FailureKind::NotFound));
    assert_eq!(kind_of(api.end_override(&reader, PersonId::new(), receipt.id).await), Some(FailureKind::NotFound));
    assert_eq!(opens(&scene, &reader, person).await, Ok(()));
    api.end_override(&reader, person, receipt.id).await.unwrap();
    assert_eq!(opens(&scene, &reader, person).await, Err(Refusal::NoRelationship));
    api.end_override(&reader, person, receipt.id).await.unwrap();
    let ended = ReasonCode::ClaimEnded(receipt.relationship);
    let entries = scene.log.entries.lock().unwrap();
    assert_eq!(entries.iter().filter(|entry| entry.reason == ended).count(), 1, "once in the log");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_override_names_its_emergency_in_the_log() {
    let scene = Scene::with_override(OverridePolicy::EmergencyOverride).await;
    let asking = caller(Role::Paramedic, HOSPITAL).through(ServiceName::Gateway);
    let harm = NewOverride { reason: OverrideReason::SeriousHarm, ..emergency() };
    let refused = scene.consent.api.override_refusal(&asking, PersonId::new(), harm, Some(scene.clock.now())).await;
    assert_eq!(kind_of(refused), Some(FailureKind::NoRelationship));
    let last = scene.log.entries.lock().unwrap().last().cloned().unwrap();
    let relationship = Relationship::Override { reason: OverrideReason::SeriousHarm };
    assert_eq!((last.outcome, last.reason), (Outcome::Refused, ReasonCode::ClaimRefused(relationship)));
}
