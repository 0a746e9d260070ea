//! After a restore claims, their reviews and early ends come back from the audit log, before anything is decided.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn claims_and_reviews_lost_in_a_restore_are_reapplied() {
    let before = Scene::with_override(OverridePolicy::EmergencyOverride).await;
    let api = &before.consent.api;
    let people = [with_person(&before).await, PersonId::new(), PersonId::new()];
    for (person, local) in people.iter().zip(["a", "b", "c"]).skip(1) {
        before.person(*person, 1, &[identity("gp", local)]).await;
    }
    let [open, judged, ended] = people;
    let made = make(&before, &nurse(), open).await.unwrap();
    let receipt = make(&before, &nurse(), judged).await.unwrap();
    let review = ClaimReview { outcome: ClaimOutcome::NotJustified, text: "spoke to the team".into() };
    api.review_claim(&officer(HOSPITAL), receipt.id, review).await.unwrap();
    let paramedic = caller(Role::Paramedic, HOSPITAL);
    let asking = paramedic.through(ServiceName::Gateway);
    let emergency = api.override_refusal(&asking, ended, emergency(), Some(before.clock.now())).await.unwrap();
    api.end_override(&paramedic, ended, emergency.id).await.unwrap();
    // Consent's store is empty. The audit log is complete.
    let after = Scene::with_log_and_override(before.log.clone(), OverridePolicy::EmergencyOverride).await;
    for (person, local) in people.iter().zip(["a", "b", "c"]) {
        after.person(*person, 1, &[identity("gp", local)]).await;
    }
    lcr_testkit::eventually(std::time::Duration::from_secs(10), "consent has reconciled with the log", async || {
        after.consent.require_reconciled().is_ok()
    })
    .await;
    assert_eq!(opens(&after, &nurse(), open).await, Ok(()));
    assert_eq!(opens(&after, &nurse(), judged).await, Err(Refusal::NoRelationship), "it was not justified");
    assert_eq!(opens(&after, &paramedic, ended).await, Err(Refusal::NoRelationship), "it was ended");
    assert_eq!(kind_of(make(&after, &nurse(), judged).await), Some(FailureKind::Forbidden), "the review bars another");
    let list = after.consent.api.claims(&officer(HOSPITAL)).await.unwrap();
    let waiting: Vec<_> = list.waiting.iter().map(|claim| (claim.id, claim.text.clone())).collect();
    assert!(waiting.contains(&(made.id, None)), "it waits for the officer again, without its words");
    assert_eq!(list.reviewed.iter().map(|claim| claim.id).collect::<Vec<_>>(), [receipt.id]);
}
