//! Claims and overrides through the store: their order, their end, and whom they serve.

#[path = "claims/limits.rs"]
mod limits;
#[path = "claims/overrides.rs"]
mod overrides;
#[path = "claims/restore.rs"]
mod restore;
#[path = "claims/reviews.rs"]
mod reviews;

use std::sync::atomic::Ordering;

use jiff::SignedDuration;
use lcr_consent::domain::policies::OverridePolicy;
use lcr_contracts::{
    Caller, Failure, FailureKind,
    audit::{AccessKind, Outcome},
    choices::{Direction, NewChoice},
    claims::{ClaimOffer, ClaimOutcome, ClaimReceipt, ClaimReview, NewClaim, NewOverride},
    consent::Refusal,
    events::{LOGIN_SOURCE, PartnersChanged, PersonChanged, Stream},
    vocabulary::ReasonCode,
};
use lcr_model::{
    Clock, OverrideReason, Permission, PersonId, Relationship, RelationshipKind, Role, ServiceName, SourceIdentity,
    UserId,
};

use super::scene::{HOSPITAL, PRACTICE, Scene, caller, identity, organisation};

const OFFICE: &str = "Z9L01";

fn claim() -> NewClaim {
    NewClaim { reason: "person-is-here".into(), permission: Permission::Given, text: Some("at the desk".into()) }
}

fn emergency() -> NewOverride {
    NewOverride { reason: OverrideReason::LifeThreatening, text: "unconscious after a fall".into() }
}

fn nurse() -> Caller {
    caller(Role::CommunityNurse, HOSPITAL)
}

/// The caller as another user.
fn named(caller: Caller, user: &str) -> Caller {
    let mut caller = caller;
    caller.actor.user = UserId::new(user);
    caller
}

fn officer(org: &str) -> Caller {
    named(caller(Role::PrivacyOfficer, org), "officer")
}

fn keys() -> [SourceIdentity; 1] {
    [identity("gp", "a")]
}

async fn with_person(scene: &Scene) -> PersonId {
    let person = PersonId::new();
    scene.person(person, 1, &[identity("gp", "a"), identity(LOGIN_SOURCE, "patient-user")]).await;
    person
}

async fn opens(scene: &Scene, who: &Caller, person: PersonId) -> Result<(), Refusal> {
    scene.open_record(who, person, 1, &keys()).await
}

async fn make(scene: &Scene, who: &Caller, person: PersonId) -> Result<ClaimReceipt, Failure> {
    scene.consent.api.claim(who, person, claim()).await
}

async fn object(scene: &Scene, person: PersonId) {
    let whole = NewChoice { direction: Direction::Whole, organisation: None, reason: None };
    scene.consent.api.object(&caller(Role::Patient, ""), person, whole).await.unwrap();
}

fn kind_of<T>(result: Result<T, Failure>) -> Option<FailureKind> {
    result.err().map(|failure| failure.kind)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_is_on_the_log_before_it_counts_and_ends_after_a_day() {
    let scene = Scene::new().await;
    let person = with_person(&scene).await;
    assert_eq!(opens(&scene, &nurse(), person).await, Err(Refusal::NoRelationship));
    scene.log.unavailable.store(true, Ordering::Relaxed);
    assert_eq!(kind_of(make(&scene, &nurse(), person).await), Some(FailureKind::CannotRecord));
    scene.log.unavailable.store(false, Ordering::Relaxed);
    assert_eq!(opens(&scene, &nurse(), person).await, Err(Refusal::NoRelationship), "not on the log, so not in force");
    assert!(scene.consent.api.claims(&officer(HOSPITAL)).await.unwrap().waiting.is_empty(), "and not in the queue");
    let receipt = make(&scene, &nurse(), person).await.unwrap();
    assert_eq!(receipt.until.duration_since(receipt.made_at), SignedDuration::from_hours(24));
    assert_eq!(opens(&scene, &nurse(), person).await, Ok(()));
    let logged = |outcome, reason: &ReasonCode| {
        let entries = scene.log.entries.lock().unwrap();
        entries
            .iter()
            .filter(|one| one.what == AccessKind::Claim && one.outcome == outcome && one.reason == *reason)
            .count()
    };
    assert_eq!(logged(Outcome::Allowed, &ReasonCode::ClaimMade(receipt.relationship)), 1);
    scene.clock.advance(SignedDuration::from_hours(24) - SignedDuration::from_mins(1));
    assert_eq!(opens(&scene, &nurse(), person).await, Ok(()));
    scene.clock.advance(SignedDuration::from_mins(1));
    assert_eq!(opens(&scene, &nurse(), person).await, Err(Refusal::NoRelationship));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_serves_its_user_in_their_role_and_organisation_alone_and_is_made_once() {
    let scene = Scene::new().await;
    let person = with_person(&scene).await;
    make(&scene, &nurse(), person).await.unwrap();
    for other in
        [named(nurse(), "another-user"), caller(Role::Paramedic, HOSPITAL), caller(Role::CommunityNurse, PRACTICE)]
    {
        assert_eq!(opens(&scene, &other, person).await, Err(Refusal::NoRelationship), "{}", other.actor.role);
    }
    assert_eq!(kind_of(make(&scene, &nurse(), person).await), Some(FailureKind::Conflict), "it is open already");
    for role in [Role::Receptionist, Role::PracticeManager, Role::PrivacyOfficer, Role::FhirClient, Role::Patient] {
        let who = caller(role, HOSPITAL);
        assert_eq!(kind_of(make(&scene, &who, person).await), Some(FailureKind::Forbidden), "{role}");
    }
    let cannot_be_asked = NewClaim { permission: Permission::CannotBeAsked, ..claim() };
    let ward = named(caller(Role::WardNurse, HOSPITAL), "ward-nurse");
    let refused = scene.consent.api.claim(&ward, person, cannot_be_asked).await;
    assert_eq!(kind_of(refused), Some(FailureKind::Forbidden));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_teaches_nothing_about_an_objection_and_none_opens_over_it() {
    let scene = Scene::new().await;
    let person = with_person(&scene).await;
    make(&scene, &nurse(), person).await.unwrap();
    object(&scene, person).await;
    assert_eq!(opens(&scene, &nurse(), person).await, Err(Refusal::Objected), "after a claim the reader is told");
    let stranger = named(nurse(), "stranger");
    let objected = make(&scene, &stranger, person).await.unwrap_err();
    let unknown = make(&scene, &stranger, PersonId::new()).await.unwrap_err();
    assert_eq!(objected, unknown, "as for a person who does not exist");
    assert_eq!(objected.kind, FailureKind::NoRelationship);
    assert_eq!(opens(&scene, &stranger, person).await, Err(Refusal::NoRelationship));
    let refused = scene.consent.api.override_refusal(&stranger, person, emergency(), None).await;
    assert_eq!(kind_of(refused), Some(FailureKind::Forbidden), "nobody overrides under the default policy");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_launch_needs_the_gateway_and_waits_for_no_officer_if_a_system_here_holds_the_person() {
    let scene = Scene::new().await;
    let person = PersonId::new();
    scene.person(person, 1, &[identity("gp", "a"), identity("st-hildas", "a")]).await;
    let (api, launching) = (&scene.consent.api, nurse().through(ServiceName::Gateway));
    assert_eq!(kind_of(api.record_launch(&nurse(), person).await), Some(FailureKind::Forbidden));
    let receipt = api.record_launch(&launching, person).await.unwrap();
    assert_eq!(receipt.relationship.kind(), RelationshipKind::LaunchedHere);
    assert_eq!(api.record_launch(&launching, person).await.unwrap(), receipt, "the same launch");
    assert_eq!(opens(&scene, &nurse(), person).await, Ok(()));
    assert!(api.claims(&officer(HOSPITAL)).await.unwrap().waiting.is_empty());
    let desk = caller(Role::Receptionist, HOSPITAL).through(ServiceName::Gateway);
    assert_eq!(kind_of(api.record_launch(&desk, person).await), Some(FailureKind::Forbidden));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_override_opens_over_an_objection_for_half_an_hour_after_a_fresh_sign_in() {
    let scene = Scene::with_override(OverridePolicy::EmergencyOverride).await;
    let person = with_person(&scene).await;
    object(&scene, person).await;
    let paramedic = caller(Role::Paramedic, HOSPITAL).through(ServiceName::Gateway);
    let reader = caller(Role::Paramedic, HOSPITAL);
    let api = &scene.consent.api;
    let ask = async |who: &Caller, age: i64| {
        let signed_in_at = scene.clock.now() - SignedDuration::from_secs(age);
        api.override_refusal(who, person, emergency(), Some(signed_in_at)).await
    };
    assert_eq!(kind_of(ask(&reader, 10).await), Some(FailureKind::Forbidden), "only the gateway knows the sign-in");
    let late = ask(&paramedic, 301).await.unwrap_err();
    assert_eq!((late.kind, late.outward()), (FailureKind::Forbidden, "Sign in again first."));
    let pharmacist = caller(Role::Pharmacist, HOSPITAL).through(ServiceName::Gateway);
    assert_eq!(kind_of(ask(&pharmacist, 10).await), Some(FailureKind::Forbidden));
    let receipt = ask(&paramedic, 10).await.unwrap();
    assert_eq!(receipt.relationship, Relationship::Override { reason: OverrideReason::LifeThreatening });
    assert_eq!(opens(&scene, &reader, person).await, Ok(()));
    assert_eq!(api.count_claims(&officer(HOSPITAL)).await.unwrap().overrides, 1);
    scene.clock.advance(SignedDuration::from_mins(30));
    assert_eq!(opens(&scene, &reader, person).await, Err(Refusal::NoRelationship));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_launch_that_nothing_confirms_tells_nothing_of_an_objection() {
    let scene = Scene::new().await;
    let person = with_person(&scene).await;
    object(&scene, person).await;
    let launching = nurse().through(ServiceName::Gateway);
    let objected = scene.consent.api.record_launch(&launching, person).await.unwrap_err();
    let unknown = scene.consent.api.record_launch(&launching, PersonId::new()).await.unwrap_err();
    assert_eq!(objected, unknown, "as for a person who does not exist");
    assert_eq!(objected.kind, FailureKind::NoRelationship);
    assert_eq!(opens(&scene, &nurse(), person).await, Err(Refusal::NoRelationship));
    let waiting = scene.consent.api.claims(&officer(HOSPITAL)).await.unwrap().waiting;
    assert_eq!(waiting.len(), 2, "both attempts wait for the officer");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_reader_is_offered_what_their_role_may_claim() {
    let scene = Scene::with_override(OverridePolicy::EmergencyOverride).await;
    let person = with_person(&scene).await;
    let offer = async |role| scene.consent.api.explain(&caller(role, HOSPITAL), person).await.unwrap().offer;
    let paramedic = offer(Role::Paramedic).await;
    assert_eq!(paramedic.claim_with, [Permission::Given, Permission::CannotBeAsked]);
    assert_eq!(paramedic.override_for, OverrideReason::OFFERED);
    assert!(paramedic.would_open.contains(&RelationshipKind::UrgentCaseHere));
    assert_eq!(offer(Role::WardNurse).await.claim_with, [Permission::Given]);
    let desk = offer(Role::Receptionist).await;
    assert!(desk.claim_with.is_empty() && desk.override_for.is_empty());
    make(&scene, &nurse(), person).await.unwrap();
    let open = ClaimOffer { override_for: vec![OverrideReason::LifeThreatening], ..ClaimOffer::default() };
    assert_eq!(offer(Role::CommunityNurse).await, open, "it is open; for a life an override shows labelled items too");
    let rules = scene.consent.api.rules().await.unwrap();
    assert_eq!(rules.override_policy, "emergency-override");
    assert!(rules.policy_version.starts_with("emergency-override/"));
}
