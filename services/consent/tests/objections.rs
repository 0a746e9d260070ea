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
    choices::{ChoiceStatus, Direction, NewChoice, Review},
    consent::{Confirm, Refusal},
    events::LOGIN_SOURCE,
};
use lcr_model::{OdsCode, PersonId, Role, UserId};
use sea_orm::Statement;

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
    let theirs = theirs[0].id;
    assert_eq!(scene.consent.api.withdraw(&practice, other, theirs).await.unwrap_err().kind, Kind::Forbidden);
    let signs_in = identity(LOGIN_SOURCE, "other-user");
    scene.person(other, 6, &[b.clone(), late.clone(), signs_in.clone()]).await;
    let mut themself = patient.clone();
    themself.actor.user = UserId::new("other-user");
    scene.consent.api.withdraw(&themself, other, theirs).await.unwrap();
    scene.person(other, 7, &[b.clone(), late.clone()]).await;
    assert_eq!(scene.opens(&gp, other, 7, std::slice::from_ref(&b)).await, Ok(()), "it does not come back");
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
    let asked = Some("Asked us to, by telephone.".to_owned());
    before.consent.api.withdraw_because(&practice, ben, back.choice.id, asked).await.unwrap();
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

#[tokio::test(flavor = "multi_thread")]
async fn what_was_appended_and_is_not_in_the_log_as_it_was_is_missed_within_a_minute() {
    let scene = Scene::set().await;
    let anna = PersonId::new();
    let a = [identity("gp", "a")];
    scene.person(anna, 1, &a).await;
    let gp = caller(Role::Gp, PRACTICE);
    for _ in 0..4 {
        scene.opens(&gp, anna, 1, &a).await.unwrap();
    }
    let later = lcr_model::Clock::now(&lcr_model::SystemClock) + jiff::SignedDuration::from_secs(11);
    {
        let mut entries = scene.log.entries.lock().unwrap();
        entries.remove(1);
        entries[1].reason = "other".into();
    }
    assert_eq!(scene.consent.reconcile(later).await.unwrap(), 2, "one is gone, one was altered");
    // The log grew less than was seen: it was cut off, and nothing is shown.
    scene.log.entries.lock().unwrap().clear();
    let refused = scene.decided(&gp, anna, 1, &a).await.unwrap_err();
    assert_eq!(refused.kind, Kind::CannotRecord);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_explanation_is_on_the_log_and_does_not_tell_who_is_known() {
    let scene = Scene::set().await;
    let (anna, nobody) = (PersonId::new(), PersonId::new());
    scene.person(anna, 1, &[identity("gp", "a"), identity(LOGIN_SOURCE, "patient-user")]).await;
    scene.consent.api.object(&caller(Role::Patient, ""), anna, WHOLE).await.unwrap();
    for (role, org) in [(Role::Gp, "Y90002"), (Role::Consultant, HOSPITAL), (Role::Commissioner, PRACTICE)] {
        let stranger = caller(role, org);
        let known = scene.consent.api.explain(&stranger, anna).await.unwrap();
        assert!(!known.allowed);
        assert_eq!(known, scene.consent.api.explain(&stranger, nobody).await.unwrap(), "{role} of {org}");
    }
    let entries = scene.log.entries.lock().unwrap();
    let of = |person| {
        let about = entries.iter().filter(|one| one.what == What::Explanation && one.people == [person]);
        about.map(|one| (one.actor.org.clone(), one.reason.clone())).collect::<Vec<_>>()
    };
    assert_eq!((of(anna).len(), of(anna)), (3, of(nobody)), "and each left an entry, known or not");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_person_or_who_recorded_it_withdraws_an_objection() {
    let scene = Scene::set().await;
    let anna = PersonId::new();
    scene.person(anna, 1, &[identity("gp", "a"), identity(LOGIN_SOURCE, "patient-user")]).await;
    let (patient, practice) = (caller(Role::Patient, ""), caller(Role::Receptionist, PRACTICE));
    let mut colleague = caller(Role::Gp, PRACTICE);
    colleague.actor.user = UserId::new("a-colleague");
    let api = &scene.consent.api;
    let why = || Some("Asked us to, by telephone.".to_owned());
    // The person's own: nobody else ends it, whatever they say.
    let own = api.object(&patient, anna, WHOLE).await.unwrap().choice.id;
    for staff in [&practice, &colleague] {
        assert_eq!(api.withdraw_because(staff, anna, own, why()).await.unwrap_err().kind, Kind::Forbidden);
    }
    api.withdraw(&patient, anna, own).await.unwrap();
    // Recorded for them: by who recorded it, with a reason that the person reads; or by the person.
    let recorded = api.object(&practice, anna, WHOLE).await.unwrap().choice.id;
    assert_eq!(
        api.withdraw_because(&colleague, anna, recorded, why()).await.unwrap_err().kind,
        Kind::Forbidden
    );
    let silent = api.withdraw_because(&practice, anna, recorded, Some("  ".into())).await.unwrap_err();
    assert_eq!(silent.kind, Kind::BadRequest);
    api.withdraw_because(&practice, anna, recorded, why()).await.unwrap();
    let told = api.choices(&patient, anna).await.unwrap().choices;
    let told = told.iter().find(|one| one.id == recorded).unwrap();
    assert_eq!(told.status, ChoiceStatus::Withdrawn);
    assert_eq!(told.review.as_deref(), Some("Somebody, Y90001: Asked us to, by telephone."));
    let again = api.object(&practice, anna, WHOLE).await.unwrap().choice.id;
    api.withdraw(&patient, anna, again).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_officer_reviews_where_their_organisation_is_concerned_and_nowhere_else() {
    let scene = Scene::set().await;
    let (anna, ben, cleo) = (PersonId::new(), PersonId::new(), PersonId::new());
    let login = |user: &str| identity(LOGIN_SOURCE, user);
    scene.person(anna, 1, &[identity("st-hildas", "a"), login("patient-user")]).await;
    scene.person(ben, 1, &[identity("gp", "b"), login("ben")]).await;
    scene.person(cleo, 1, &[identity("gp", "c"), login("cleo")]).await;
    let whose = |user: &str| {
        let mut patient = caller(Role::Patient, "");
        patient.actor.user = UserId::new(user);
        patient
    };
    let into =
        NewChoice { direction: Direction::Into, organisation: Some(OdsCode::new(HOSPITAL)), reason: None };
    for (user, person, new) in [("patient-user", anna, WHOLE), ("ben", ben, into), ("cleo", cleo, WHOLE)] {
        let api = &scene.consent.api;
        let choice = api.object(&whose(user), person, new).await.unwrap().choice.id;
        for (org, concerned) in [(PRACTICE, true), (HOSPITAL, person != cleo), ("Z9H02", false)] {
            for role in [Role::PrivacyOfficer, Role::CaldicottGuardian] {
                let officer = caller(role, org);
                let reads = api.choices(&officer, person).await;
                assert_eq!(reads.is_ok(), concerned, "{role} of {org} about {user}");
                let review = Review { uphold: true, reason: "heard".into() };
                assert_eq!(api.review(&officer, person, choice, review).await.is_ok(), concerned);
            }
        }
    }
    assert!(
        scene.consent.api.choices(&caller(Role::PrivacyOfficer, PRACTICE), PersonId::new()).await.is_err()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_words_of_a_choice_are_sealed_for_their_own_row() {
    use sea_orm::ConnectionTrait;

    let scene = Scene::set().await;
    let anna = PersonId::new();
    scene.person(anna, 1, &[identity("gp", "a"), identity(LOGIN_SOURCE, "patient-user")]).await;
    let (patient, officer) = (caller(Role::Patient, ""), caller(Role::PrivacyOfficer, PRACTICE));
    let api = &scene.consent.api;
    let mut made = vec![];
    for words in ["first words", "second words"] {
        let choice = api.object(&patient, anna, WHOLE).await.unwrap().choice.id;
        api.review(&officer, anna, choice, Review { uphold: true, reason: words.into() }).await.unwrap();
        made.push((choice, words));
    }
    let db = scene.consent.store.read();
    let all = Statement::from_string(db.get_database_backend(), "SELECT * FROM choice");
    for row in db.query_all_raw(all).await.unwrap() {
        let review: String = row.try_get("", "review_sealed").unwrap();
        assert!(review.starts_with("v1.") && !review.contains("words"), "{review}");
        // What the version before would show as it stands.
        assert_eq!(row.try_get::<Option<String>>("", "review").unwrap(), None);
    }
    let told = || async {
        let choices = api.choices(&patient, anna).await.unwrap().choices;
        made.iter()
            .map(|(id, _)| choices.iter().find(|one| one.id == *id).and_then(|one| one.review.clone()))
            .collect::<Vec<_>>()
    };
    assert_eq!(told().await, [Some("first words".to_owned()), Some("second words".to_owned())]);
    // The words of another choice do not open in their place; those of the version before are read, until others take
    // their place.
    let (first, second) = (made[0].0.simple(), made[1].0.simple());
    let copy = format!(
        "UPDATE choice SET review_sealed = (SELECT review_sealed FROM choice WHERE id = X'{second}') \
         WHERE id = X'{first}'"
    );
    db.execute_unprepared(&copy).await.unwrap();
    assert_eq!(told().await, [None, Some("second words".to_owned())]);
    db.execute_unprepared("UPDATE choice SET review = 'plain words. v1'").await.unwrap();
    assert_eq!(told().await[0].as_deref(), Some("plain words. v1"));
    let third = api.object(&patient, anna, WHOLE).await.unwrap().choice.id;
    db.execute_unprepared("UPDATE choice SET review = 'plain words. v1'").await.unwrap();
    let review = Review { uphold: true, reason: "third words".into() };
    let receipt = api.review(&officer, anna, third, review).await.unwrap();
    assert_eq!(receipt.choice.review.as_deref(), Some("third words"));
}
