//! An objection outlives what happens to identities (`access.md`, "Choices"): merged people keep the most restrictive,
//! unmerged ones both keep it, what is linked later inherits; and a stay makes a relationship that ends with it.
//! Through the bus and the store; audit is one that keeps what it is given, or refuses.

#![allow(clippy::unwrap_used, reason = "tests")]

#[path = "objections/scene.rs"]
mod scene;

use std::{sync::atomic::Ordering, time::Duration};

use lcr_contracts::{
    Kind,
    audit::What,
    choices::{ChoiceStatus, NewChoice},
    consent::{Confirm, Refusal},
    events::LOGIN_SOURCE,
};
use lcr_model::{PersonId, Role, UserId};

use scene::{HOSPITAL, PRACTICE, Scene, caller, identity};

const WHOLE: NewChoice =
    NewChoice { direction: lcr_contracts::choices::Direction::Whole, organisation: None, reason: None };

#[tokio::test(flavor = "multi_thread")]
async fn merged_people_keep_the_most_restrictive_and_unmerged_ones_both_keep_it() {
    let scene = Scene::set().await;
    let (anna, other) = (PersonId::new(), PersonId::new());
    let (a, b, late) = (identity("gp", "a"), identity("st-hildas", "b"), identity("community", "c"));
    let login = identity(LOGIN_SOURCE, "patient-user");
    scene.person(anna, 1, &[a.clone(), login.clone()]).await;
    scene.person(other, 1, std::slice::from_ref(&b)).await;
    let (gp, patient) = (caller(Role::Gp, PRACTICE), caller(Role::Patient, ""));
    scene.consent.api.object(&patient, anna, WHOLE).await.unwrap();
    assert_eq!(scene.opens(&gp, anna, 1, std::slice::from_ref(&a)).await, Err(Refusal::Objected));
    assert_eq!(scene.opens(&gp, other, 1, std::slice::from_ref(&b)).await, Ok(()));
    // Merged into the other: the survivor is closed, and what is linked later too.
    scene.person(other, 2, &[a.clone(), b.clone()]).await;
    assert_eq!(scene.opens(&gp, other, 2, &[a.clone(), b.clone()]).await, Err(Refusal::Objected));
    scene.person(other, 3, &[a.clone(), b.clone(), late.clone()]).await;
    // Unmerged again: both keep it, by person and by every identity there was.
    scene.person(other, 4, &[b.clone(), late.clone()]).await;
    scene.person(anna, 5, &[a.clone(), login]).await;
    assert_eq!(scene.opens(&gp, other, 4, std::slice::from_ref(&b)).await, Err(Refusal::Objected));
    assert_eq!(scene.opens(&gp, anna, 5, std::slice::from_ref(&a)).await, Err(Refusal::Objected));
    let third = PersonId::new();
    scene.person(third, 1, std::slice::from_ref(&late)).await;
    assert_eq!(scene.opens(&gp, third, 1, std::slice::from_ref(&late)).await, Err(Refusal::Objected));
    // Withdrawn by the person: that opens their own record, and nobody else's.
    let choice = scene.consent.api.choices(&patient, anna).await.unwrap().choices[0].id;
    let receipt = scene.consent.api.withdraw(&patient, anna, choice).await.unwrap();
    assert_eq!(receipt.choice.status, ChoiceStatus::Withdrawn);
    assert_eq!(scene.opens(&gp, anna, 5, std::slice::from_ref(&a)).await, Ok(()));
    assert_eq!(scene.opens(&gp, other, 4, std::slice::from_ref(&b)).await, Err(Refusal::Objected));
    assert_eq!(scene.opens(&gp, third, 1, std::slice::from_ref(&late)).await, Err(Refusal::Objected));
    // And what the other withdraws opens only theirs, and tells nothing of who made it first.
    let practice = caller(Role::Receptionist, PRACTICE);
    let theirs = scene.consent.api.choices(&practice, other).await.unwrap().choices;
    assert_eq!((theirs.len(), theirs[0].made_by.as_str()), (1, "carried over from a linked record"));
    scene.consent.api.withdraw(&practice, other, theirs[0].id).await.unwrap();
    scene.person(other, 6, &[b.clone(), late.clone()]).await;
    assert_eq!(scene.opens(&gp, other, 6, std::slice::from_ref(&b)).await, Ok(()), "it does not come back");
    assert_eq!(scene.opens(&gp, third, 1, std::slice::from_ref(&late)).await, Err(Refusal::Objected));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_choice_is_on_the_log_before_it_holds_and_is_not_taken_when_it_cannot_be() {
    let scene = Scene::set().await;
    let anna = PersonId::new();
    let identities = [identity("gp", "a"), identity(LOGIN_SOURCE, "patient-user")];
    scene.person(anna, 1, &identities).await;
    let patient = caller(Role::Patient, "");
    scene.log.away.store(true, Ordering::Relaxed);
    let refused = scene.consent.api.object(&patient, anna, WHOLE).await.unwrap_err();
    assert_eq!(refused.kind, Kind::CannotRecord);
    let shown = scene.decided(&caller(Role::Gp, PRACTICE), anna, 1, &[]).await.unwrap_err();
    assert_eq!(shown.kind, Kind::CannotRecord, "nor is anything shown");
    scene.log.away.store(false, Ordering::Relaxed);
    assert!(scene.consent.api.choices(&patient, anna).await.unwrap().choices.is_empty(), "nothing half done");
    scene.consent.api.object(&patient, anna, WHOLE).await.unwrap();
    let entries = scene.log.entries.lock().unwrap();
    assert!(
        entries.iter().any(|entry| entry.what == What::Choices && entry.reason.starts_with("objection made"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stay_opens_the_record_to_its_hospital_and_the_fence_rises_when_it_changes() {
    let scene = Scene::set().await;
    let anna = PersonId::new();
    let a = [identity("gp", "a")];
    scene.person(anna, 1, &a).await;
    let (here, elsewhere) = (caller(Role::Consultant, HOSPITAL), caller(Role::Consultant, "Z9H02"));
    assert_eq!(scene.opens(&here, anna, 1, &a).await, Err(Refusal::NoRelationship));
    scene.stay(anna, 1, None).await;
    assert_eq!(scene.opens(&here, anna, 1, &a).await, Ok(()));
    assert_eq!(scene.opens(&elsewhere, anna, 1, &a).await, Err(Refusal::NoRelationship));
    // Long gone; and an older word of the same stay changes nothing.
    scene.stay(anna, 3, Some("2026-02-01T08:00:00Z")).await;
    scene.stay(anna, 2, None).await;
    assert_eq!(scene.opens(&here, anna, 1, &a).await, Err(Refusal::NoRelationship));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_person_and_their_practice_choose_and_nobody_else_learns_of_it() {
    let scene = Scene::set().await;
    let anna = PersonId::new();
    scene.person(anna, 1, &[identity("gp", "a"), identity(LOGIN_SOURCE, "patient-user")]).await;
    for (role, org, may) in [
        (Role::Patient, "", true),
        (Role::Receptionist, PRACTICE, true),
        (Role::Gp, PRACTICE, true),
        (Role::Gp, "Y90002", false),
        (Role::Consultant, HOSPITAL, false),
        (Role::FhirClient, PRACTICE, false),
        (Role::Commissioner, PRACTICE, false),
        (Role::PrivacyOfficer, HOSPITAL, false),
    ] {
        let made = scene.consent.api.object(&caller(role, org), anna, WHOLE).await;
        assert_eq!(made.is_ok(), may, "{role} of {org}");
    }
    let mut stranger = caller(Role::Patient, "");
    stranger.actor.user = UserId::new("somebody-else");
    assert_eq!(scene.consent.api.choices(&stranger, anna).await.unwrap_err().kind, Kind::Forbidden);
    assert_eq!(
        scene.consent.api.choices(&stranger, PersonId::new()).await.unwrap_err().kind,
        Kind::Forbidden
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_restore_forgot_is_done_again_from_the_log_before_anything_is_decided() {
    let before = Scene::set().await;
    let (anna, ben) = (PersonId::new(), PersonId::new());
    let (a, b) = ([identity("gp", "a"), identity(LOGIN_SOURCE, "patient-user")], [identity("gp", "b")]);
    before.person(anna, 1, &a).await;
    before.person(ben, 1, &b).await;
    let (gp, patient) = (caller(Role::Gp, PRACTICE), caller(Role::Patient, ""));
    let practice = caller(Role::Receptionist, PRACTICE);
    let made = before.consent.api.object(&patient, anna, WHOLE).await.unwrap();
    let back = before.consent.api.object(&practice, ben, WHOLE).await.unwrap();
    before.consent.api.withdraw(&practice, ben, back.choice.id).await.unwrap();
    // Everything of consent's own is gone; the log is not, but cannot be reached at first.
    before.log.away.store(true, Ordering::Relaxed);
    let after = Scene::over(before.log.clone()).await;
    after.person(anna, 1, &a).await;
    after.person(ben, 1, &b).await;
    let ask = Confirm { person: anna, session: gp.actor.session, epoch: 0 };
    let waits = after.consent.api.confirm(&gp, ask).await.unwrap_err();
    assert_eq!(waits.kind, Kind::CatchingUp, "nothing is decided before it is compared");
    assert!(after.consent.is_compared().is_err());
    before.log.away.store(false, Ordering::Relaxed);
    for _ in 0..400 {
        if after.consent.is_compared().is_ok() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(after.opens(&gp, anna, 1, &a).await, Err(Refusal::Objected));
    assert_eq!(after.opens(&gp, ben, 1, &b).await, Ok(()), "withdrawn stays withdrawn");
    let held = after.consent.api.choices(&patient, anna).await.unwrap().choices;
    assert_eq!((held.len(), held[0].id, &held[0].number), (1, made.choice.id, &made.number));
    assert_eq!(held[0].made_by, "you");
    assert!(held[0].made_at.duration_since(made.choice.made_at).as_secs() < 1);
    let held = after.consent.api.choices(&practice, ben).await.unwrap().choices;
    assert_eq!((held.len(), held[0].status), (1, ChoiceStatus::Withdrawn));
}
