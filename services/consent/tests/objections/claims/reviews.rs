//! The reviews of claims: who reviews which, and what a claim that was not justified ends.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn who_was_not_justified_claims_the_same_person_again_only_after_a_day() {
    let scene = Scene::new().await;
    let (person, api) = (with_person(&scene).await, &scene.consent.api);
    let receipt = make(&scene, &nurse(), person).await.unwrap();
    let not_justified = || ClaimReview { outcome: ClaimOutcome::NotJustified, text: "spoke to the team".into() };
    api.review_claim(&officer(HOSPITAL), receipt.id, not_justified()).await.unwrap();
    assert_eq!(kind_of(make(&scene, &nurse(), person).await), Some(FailureKind::Forbidden));
    let launching = nurse().through(ServiceName::Gateway);
    assert_eq!(kind_of(api.record_launch(&launching, person).await), Some(FailureKind::Forbidden), "by another way");
    assert_eq!(opens(&scene, &nurse(), person).await, Err(Refusal::NoRelationship));
    make(&scene, &named(nurse(), "a-colleague"), person).await.unwrap();
    let other = PersonId::new();
    scene.person(other, 1, &[identity("gp", "b")]).await;
    make(&scene, &nurse(), other).await.unwrap();
    scene.clock.advance(SignedDuration::from_hours(25));
    make(&scene, &nurse(), person).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_reviews_at_once_one_is_recorded() {
    let scene = Scene::new().await;
    let (person, api) = (with_person(&scene).await, &scene.consent.api);
    let receipt = make(&scene, &nurse(), person).await.unwrap();
    let review = async |outcome| {
        let text = "spoke to the team".to_owned();
        kind_of(api.review_claim(&officer(HOSPITAL), receipt.id, ClaimReview { outcome, text }).await)
    };
    let both = tokio::join!(review(ClaimOutcome::Justified), review(ClaimOutcome::NotJustified));
    assert!(both == (None, Some(FailureKind::Conflict)) || both == (Some(FailureKind::Conflict), None), "{both:?}");
    let entries = scene.log.entries.lock().unwrap();
    let is_review =
        |reason: &ReasonCode| matches!(reason, ReasonCode::ClaimJustified(_) | ReasonCode::ClaimNotJustified(_));
    assert_eq!(entries.iter().filter(|entry| is_review(&entry.reason)).count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_review_ends_a_claim_that_was_not_justified() {
    let scene = Scene::new().await;
    let person = with_person(&scene).await;
    let receipt = make(&scene, &nurse(), person).await.unwrap();
    let review = |outcome| ClaimReview { outcome, text: "spoke to the team".into() };
    let api = &scene.consent.api;
    let list = api.claims(&officer(HOSPITAL)).await.unwrap();
    assert_eq!((list.waiting.len(), list.waiting[0].text.as_deref()), (1, Some("at the desk")));
    assert_eq!(list.waiting[0].made_by, format!("Somebody, community nurse, {HOSPITAL}"));
    assert_eq!(api.count_claims(&officer(HOSPITAL)).await.unwrap().claims, 1);
    assert!(api.claims(&officer("Y90001")).await.unwrap().waiting.is_empty(), "of another organisation");
    let not_justified = || review(ClaimOutcome::NotJustified);
    let refused = api.review_claim(&officer("Y90001"), receipt.id, not_justified()).await;
    assert_eq!(kind_of(refused), Some(FailureKind::NotFound));
    let own = named(caller(Role::PrivacyOfficer, HOSPITAL), "staff-user");
    assert_eq!(kind_of(api.review_claim(&own, receipt.id, not_justified()).await), Some(FailureKind::Forbidden));
    assert_eq!(kind_of(api.review_claim(&nurse(), receipt.id, not_justified()).await), Some(FailureKind::Forbidden));
    assert_eq!(opens(&scene, &nurse(), person).await, Ok(()));
    api.review_claim(&officer(HOSPITAL), receipt.id, not_justified()).await.unwrap();
    assert_eq!(opens(&scene, &nurse(), person).await, Err(Refusal::NoRelationship));
    let again = api.review_claim(&officer(HOSPITAL), receipt.id, review(ClaimOutcome::Justified)).await;
    assert_eq!(kind_of(again), Some(FailureKind::Conflict));
    let list = api.claims(&officer(HOSPITAL)).await.unwrap();
    assert_eq!((list.waiting.len(), list.reviewed[0].review.as_deref()), (0, Some("spoke to the team")));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_record_office_reviews_claims_of_organisations_without_an_officer() {
    let scene = Scene::new().await;
    let person = with_person(&scene).await;
    let office =
        PartnersChanged { version: 1, organisation: Some(organisation(OFFICE, "record-office")), system: None };
    scene.publish(office, Stream::Partners).await;
    make(&scene, &nurse(), person).await.unwrap();
    let api = &scene.consent.api;
    assert_eq!(api.count_claims(&officer(OFFICE)).await.unwrap().claims, 1);
    api.count_claims(&officer(HOSPITAL)).await.unwrap();
    assert_eq!(api.count_claims(&officer(OFFICE)).await.unwrap().claims, 1, "a count is no look at the queue");
    api.claims(&officer(HOSPITAL)).await.unwrap();
    assert_eq!(api.count_claims(&officer(OFFICE)).await.unwrap().claims, 0, "the hospital has an officer now");
    scene.clock.advance(SignedDuration::from_hours(29 * 24));
    assert_eq!(api.count_claims(&officer(OFFICE)).await.unwrap().claims, 1, "who has not looked for four weeks");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_launch_of_a_person_whom_no_system_here_holds_waits_for_an_officer() {
    let scene = Scene::new().await;
    let (person, api) = (with_person(&scene).await, &scene.consent.api);
    let launching = nurse().through(ServiceName::Gateway);
    let receipt = api.record_launch(&launching, person).await.unwrap();
    assert_eq!(receipt.relationship.kind(), RelationshipKind::LaunchedHere);
    assert_eq!(opens(&scene, &nurse(), person).await, Ok(()));
    assert_eq!(api.count_claims(&officer(HOSPITAL)).await.unwrap().claims, 1);
    let review = ClaimReview { outcome: ClaimOutcome::NotJustified, text: "nobody knows them here".into() };
    api.review_claim(&officer(HOSPITAL), receipt.id, review).await.unwrap();
    assert_eq!(opens(&scene, &nurse(), person).await, Err(Refusal::NoRelationship));
    // Once a system here holds them, the launch needs no officer.
    scene.person(person, 2, &[identity("gp", "a"), identity("st-hildas", "a")]).await;
    api.record_launch(&launching, person).await.unwrap();
    assert_eq!(api.count_claims(&officer(HOSPITAL)).await.unwrap().claims, 0);
    // The person's practice opens them anyway.
    let gp = caller(Role::Gp, PRACTICE).through(ServiceName::Gateway);
    api.record_launch(&gp, person).await.unwrap();
    assert_eq!(api.count_claims(&officer(PRACTICE)).await.unwrap().claims, 0);
}
