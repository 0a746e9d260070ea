//! Objections through the bus and the store, with a fake audit service. An objection survives merges, unmerges and new
//! identities (ACCESS.md, "Choices"). A stay makes a relationship and ends it.

#![allow(clippy::unwrap_used, reason = "tests")]

#[path = "objections/audit_log.rs"]
mod audit_log;
#[path = "objections/claims.rs"]
mod claims;
#[path = "objections/partners.rs"]
mod partners;
#[path = "objections/reviews.rs"]
mod reviews;
#[path = "objections/scene.rs"]
mod scene;
#[path = "objections/statements.rs"]
mod statements;

use std::{sync::atomic::Ordering, time::Duration};

use lcr_contracts::{
    FailureKind,
    audit::AccessKind,
    choices::{ChoiceMaker, ChoiceStatus, Direction, NewChoice, Review, WaitingCount, WaitingList},
    consent::{Confirm, DecisionRequest, Refusal, RequestedPerson},
    events::LOGIN_SOURCE,
    vocabulary::ReasonCode,
};
use lcr_model::{Dataset, OdsCode, PersonId, Relationship, Role, ServiceName, UserId, ViewId};
use sea_orm::Statement;

use scene::{HOSPITAL, PRACTICE, Scene, caller, identity};

const WHOLE: NewChoice =
    NewChoice { direction: lcr_contracts::choices::Direction::Whole, organisation: None, reason: None };

#[tokio::test(flavor = "multi_thread")]
async fn an_objection_survives_a_merge_and_an_unmerge() {
    let scene = Scene::new().await;
    let (anna, other) = (PersonId::new(), PersonId::new());
    let (a, b, late) = (identity("gp", "a"), identity("st-hildas", "b"), identity("community", "c"));
    let login = identity(LOGIN_SOURCE, "patient-user");
    scene.person(anna, 1, &[a.clone(), login.clone()]).await;
    scene.person(other, 1, std::slice::from_ref(&b)).await;
    let (gp, patient) = (caller(Role::Gp, PRACTICE), caller(Role::Patient, ""));
    scene.consent.api.object(&patient, anna, WHOLE).await.unwrap();
    assert_eq!(scene.open_record(&gp, anna, 1, std::slice::from_ref(&a)).await, Err(Refusal::Objected));
    assert_eq!(scene.open_record(&gp, other, 1, std::slice::from_ref(&b)).await, Ok(()));
    // A merge closes the survivor's record, also to identities linked later.
    scene.person(other, 2, &[a.clone(), b.clone()]).await;
    assert_eq!(scene.open_record(&gp, other, 2, &[a.clone(), b.clone()]).await, Err(Refusal::Objected));
    scene.person(other, 3, &[a.clone(), b.clone(), late.clone()]).await;
    // After the unmerge both people keep the objection, and so does each identity.
    scene.person(other, 4, &[b.clone(), late.clone()]).await;
    scene.person(anna, 5, &[a.clone(), login]).await;
    assert_eq!(scene.open_record(&gp, other, 4, std::slice::from_ref(&b)).await, Err(Refusal::Objected));
    assert_eq!(scene.open_record(&gp, anna, 5, std::slice::from_ref(&a)).await, Err(Refusal::Objected));
    let third = PersonId::new();
    scene.person(third, 1, std::slice::from_ref(&late)).await;
    assert_eq!(scene.open_record(&gp, third, 1, std::slice::from_ref(&late)).await, Err(Refusal::Objected));
    // A withdrawal by the person opens only their own record.
    let choice = scene.consent.api.choices(&patient, anna).await.unwrap().choices[0].id;
    let receipt = scene.consent.api.withdraw(&patient, anna, choice).await.unwrap();
    assert_eq!(receipt.choice.status, ChoiceStatus::Withdrawn);
    assert_eq!(scene.open_record(&gp, anna, 5, std::slice::from_ref(&a)).await, Ok(()));
    assert_eq!(scene.open_record(&gp, other, 4, std::slice::from_ref(&b)).await, Err(Refusal::Objected));
    assert_eq!(scene.open_record(&gp, third, 1, std::slice::from_ref(&late)).await, Err(Refusal::Objected));
    // The other person's withdrawal opens only their record, and does not reveal who objected first.
    let practice = caller(Role::Receptionist, PRACTICE);
    let theirs = scene.consent.api.choices(&practice, other).await.unwrap().choices;
    assert_eq!((theirs.len(), theirs[0].made_by.to_string().as_str()), (1, "carried over from a linked record"));
    let theirs = theirs[0].id;
    assert_eq!(scene.consent.api.withdraw(&practice, other, theirs).await.unwrap_err().kind, FailureKind::Forbidden);
    let signs_in = identity(LOGIN_SOURCE, "other-user");
    scene.person(other, 6, &[b.clone(), late.clone(), signs_in.clone()]).await;
    let mut themself = patient.clone();
    themself.actor.user = UserId::new("other-user");
    scene.consent.api.withdraw(&themself, other, theirs).await.unwrap();
    scene.person(other, 7, &[b.clone(), late.clone()]).await;
    assert_eq!(scene.open_record(&gp, other, 7, std::slice::from_ref(&b)).await, Ok(()), "it does not come back");
    assert_eq!(scene.open_record(&gp, third, 1, std::slice::from_ref(&late)).await, Err(Refusal::Objected));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stay_opens_the_record_to_its_hospital_until_it_ends() {
    let scene = Scene::new().await;
    let anna = PersonId::new();
    let a = [identity("gp", "a")];
    scene.person(anna, 1, &a).await;
    let (here, elsewhere) = (caller(Role::Consultant, HOSPITAL), caller(Role::Consultant, "Z9H02"));
    assert_eq!(scene.open_record(&here, anna, 1, &a).await, Err(Refusal::NoRelationship));
    scene.stay(anna, 1, None).await;
    assert_eq!(scene.open_record(&here, anna, 1, &a).await, Ok(()));
    assert_eq!(scene.open_record(&elsewhere, anna, 1, &a).await, Err(Refusal::NoRelationship));
    // The stay ended long ago. An older version of it changes nothing.
    scene.stay(anna, 3, Some("2026-02-01T08:00:00Z")).await;
    scene.stay(anna, 2, None).await;
    assert_eq!(scene.open_record(&here, anna, 1, &a).await, Err(Refusal::NoRelationship));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_person_and_their_practice_may_choose() {
    let scene = Scene::new().await;
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
    assert_eq!(scene.consent.api.choices(&stranger, anna).await.unwrap_err().kind, FailureKind::Forbidden);
    assert_eq!(scene.consent.api.choices(&stranger, PersonId::new()).await.unwrap_err().kind, FailureKind::Forbidden);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_person_or_the_recorder_withdraws_an_objection() {
    let scene = Scene::new().await;
    let anna = PersonId::new();
    scene.person(anna, 1, &[identity("gp", "a"), identity(LOGIN_SOURCE, "patient-user")]).await;
    let (patient, practice) = (caller(Role::Patient, ""), caller(Role::Receptionist, PRACTICE));
    let mut colleague = caller(Role::Gp, PRACTICE);
    colleague.actor.user = UserId::new("a-colleague");
    let api = &scene.consent.api;
    let why = || Some("Asked us to, by telephone.".to_owned());
    // Nobody else can withdraw an objection that the person made, whatever the reason.
    let own = api.object(&patient, anna, WHOLE).await.unwrap().choice.id;
    for staff in [&practice, &colleague] {
        assert_eq!(api.withdraw_because(staff, anna, own, why()).await.unwrap_err().kind, FailureKind::Forbidden);
    }
    api.withdraw(&patient, anna, own).await.unwrap();
    // An objection that staff recorded: the recorder withdraws it with a reason, or the person does.
    let recorded = api.object(&practice, anna, WHOLE).await.unwrap().choice.id;
    assert_eq!(api.withdraw_because(&colleague, anna, recorded, why()).await.unwrap_err().kind, FailureKind::Forbidden);
    let silent = api.withdraw_because(&practice, anna, recorded, Some("  ".into())).await.unwrap_err();
    assert_eq!(silent.kind, FailureKind::BadRequest);
    api.withdraw_because(&practice, anna, recorded, why()).await.unwrap();
    let choices = api.choices(&patient, anna).await.unwrap().choices;
    let choice = choices.iter().find(|choice| choice.id == recorded).unwrap();
    assert_eq!(choice.status, ChoiceStatus::Withdrawn);
    assert_eq!(choice.review.as_deref(), Some("Somebody, Y90001: Asked us to, by telephone."));
    let again = api.object(&practice, anna, WHOLE).await.unwrap().choice.id;
    api.withdraw(&patient, anna, again).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_text_of_a_choice_is_sealed_for_its_own_row() {
    use sea_orm::ConnectionTrait;

    let scene = Scene::new().await;
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
        // The previous version would show this column as plain text.
        assert_eq!(row.try_get::<Option<String>>("", "review").unwrap(), None);
    }
    let reviews = || async {
        let choices = api.choices(&patient, anna).await.unwrap().choices;
        made.iter()
            .map(|(id, _)| choices.iter().find(|one| one.id == *id).and_then(|one| one.review.clone()))
            .collect::<Vec<_>>()
    };
    assert_eq!(reviews().await, [Some("first words".to_owned()), Some("second words".to_owned())]);
    // The sealed text of another choice does not open here. Plain text of the previous version is shown until a new text
    // replaces it.
    let (first, second) = (made[0].0.simple(), made[1].0.simple());
    let copy = format!(
        "UPDATE choice SET review_sealed = (SELECT review_sealed FROM choice WHERE id = X'{second}') \
         WHERE id = X'{first}'"
    );
    db.execute_unprepared(&copy).await.unwrap();
    assert_eq!(reviews().await, [None, Some("second words".to_owned())]);
    db.execute_unprepared("UPDATE choice SET review = 'plain words. v1'").await.unwrap();
    assert_eq!(reviews().await[0].as_deref(), Some("plain words. v1"));
    let third = api.object(&patient, anna, WHOLE).await.unwrap().choice.id;
    db.execute_unprepared("UPDATE choice SET review = 'plain words. v1'").await.unwrap();
    let review = Review { uphold: true, reason: "third words".into() };
    let receipt = api.review(&officer, anna, third, review).await.unwrap();
    assert_eq!(receipt.choice.review.as_deref(), Some("third words"));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_ward_counts_and_nobody_who_objected_is_counted_or_logged() {
    let scene = Scene::new().await;
    let anna = PersonId::new();
    let identities = [identity("st-hildas", "a"), identity(LOGIN_SOURCE, "patient-user")];
    scene.person(anna, 1, &identities).await;
    let count = async |service: ServiceName| {
        let question = RequestedPerson { person: anna, index_version: 1, identities: identities.to_vec() };
        let ask = DecisionRequest {
            audience: service,
            view: ViewId::new(),
            what: AccessKind::WardList,
            people: vec![question],
            datasets: vec![Dataset::Encounters],
        };
        scene.consent.api.countable(&caller(Role::Gp, PRACTICE).through(service), ask).await
    };
    let counted = count(ServiceName::VirtualWard).await.unwrap();
    assert_eq!(counted.iter().map(|one| (one.person, one.located)).collect::<Vec<_>>(), [(anna, true)]);
    assert!(scene.log.entries.lock().unwrap().is_empty(), "a count is no view");
    assert_eq!(count(ServiceName::Gateway).await.unwrap_err().kind, FailureKind::Forbidden);
    scene.consent.api.object(&caller(Role::Patient, ""), anna, WHOLE).await.unwrap();
    assert!(count(ServiceName::VirtualWard).await.unwrap().is_empty());
}
