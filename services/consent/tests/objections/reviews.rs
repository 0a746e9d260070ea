//! The reviews of objections: an officer finds and reviews those that concern their organisation.

use lcr_model::{Clock as _, SystemClock};

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn an_officer_reviews_only_choices_that_concern_their_organisation() {
    let scene = Scene::new().await;
    let [anna, ben, cleo, dora] = [(); 4].map(|()| PersonId::new());
    let login = |user: &str| identity(LOGIN_SOURCE, user);
    scene.person(anna, 1, &[identity("st-hildas", "a"), login("patient-user")]).await;
    scene.person(ben, 1, &[identity("gp", "b"), login("ben")]).await;
    scene.person(cleo, 1, &[identity("gp", "c"), login("cleo")]).await;
    scene.person(dora, 1, &[identity("gp", "d"), login("dora")]).await;
    scene.stay(dora, 1, None).await;
    let sign_in = |user: &str| {
        let mut patient = caller(Role::Patient, "");
        patient.actor.user = UserId::new(user);
        patient
    };
    let into = NewChoice { direction: Direction::Into, organisation: Some(OdsCode::new(HOSPITAL)), reason: None };
    let objections = [("patient-user", anna, WHOLE), ("ben", ben, into), ("cleo", cleo, WHOLE), ("dora", dora, WHOLE)];
    for (user, person, new) in objections {
        let api = &scene.consent.api;
        let choice = api.object(&sign_in(user), person, new).await.unwrap().choice.id;
        let officers = [(PRACTICE, true), (HOSPITAL, person != cleo), ("Z9H02", false)];
        for (org, concerned) in officers {
            let waiting = api.waiting_objections(&caller(Role::PrivacyOfficer, org)).await.unwrap();
            assert_eq!(
                waiting.objections().iter().any(|one| one.choice == choice),
                concerned,
                "{org} finds that of {user}"
            );
        }
        for (org, concerned) in officers {
            for role in [Role::PrivacyOfficer, Role::CaldicottGuardian] {
                let officer = caller(role, org);
                let reads = api.choices(&officer, person).await;
                assert_eq!(reads.is_ok(), concerned, "{role} of {org} about {user}");
                let review = Review { uphold: true, reason: "heard".into() };
                assert_eq!(api.review(&officer, person, choice, review).await.is_ok(), concerned);
            }
        }
    }
    assert!(scene.consent.api.choices(&caller(Role::PrivacyOfficer, PRACTICE), PersonId::new()).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hospital_finds_the_objection_of_a_patient_until_28_days_after_the_stay() {
    let scene = Scene::new().await;
    let dora = PersonId::new();
    scene.person(dora, 1, &[identity("gp", "d")]).await;
    scene.consent.api.object(&caller(Role::Gp, PRACTICE), dora, WHOLE).await.unwrap();
    let ago = |days: i64| (SystemClock.now() - jiff::SignedDuration::from_hours(24 * days)).to_string();
    for (version, until, count) in [(1, None, 1), (2, Some(ago(26)), 1), (3, Some(ago(29)), 0)] {
        scene.stay(dora, version, until.as_deref()).await;
        let waiting = scene.consent.api.waiting_objections(&caller(Role::PrivacyOfficer, HOSPITAL)).await.unwrap();
        assert_eq!(waiting.objections().len(), count, "left {until:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_officer_finds_the_objections_that_wait_for_their_review() {
    let scene = Scene::new().await;
    let (anna, ben) = (PersonId::new(), PersonId::new());
    scene.person(anna, 1, &[identity("st-hildas", "a"), identity(LOGIN_SOURCE, "patient-user")]).await;
    scene.person(ben, 1, &[identity("gp", "b")]).await;
    let (api, practice) = (&scene.consent.api, caller(Role::Gp, PRACTICE));
    let made = api.object(&caller(Role::Patient, ""), anna, WHOLE).await.unwrap();
    api.object(&practice, ben, WHOLE).await.unwrap();
    for (org, count) in [(PRACTICE, 2), (HOSPITAL, 1), ("Z9H02", 0)] {
        let officer = caller(Role::PrivacyOfficer, org);
        let before = scene.log.entries.lock().unwrap().len();
        assert_eq!(api.count_waiting_objections(&officer).await.unwrap(), WaitingCount::Exactly(count), "{org}");
        assert_eq!(scene.log.entries.lock().unwrap().len(), before, "a count names nobody");
        let waiting = api.waiting_objections(&officer).await.unwrap();
        assert!(matches!(waiting, WaitingList::All(_)), "{org}");
        let waiting = waiting.objections();
        assert_eq!(waiting.len(), count, "{org}");
        let recorded = scene.log.entries.lock().unwrap()[before..].iter().map(|one| one.people.len()).sum::<usize>();
        assert_eq!(recorded, count, "a list is recorded for its people");
        assert!(waiting.first().is_none_or(|one| (one.person, &one.number) == (anna, &made.number)));
    }
    let officer = caller(Role::PrivacyOfficer, HOSPITAL);
    let review = Review { uphold: true, reason: "heard".into() };
    let reviewed = api.review(&officer, anna, made.choice.id, review).await.unwrap();
    assert_eq!(api.count_waiting_objections(&officer).await.unwrap(), WaitingCount::Exactly(0));
    let withdrawn = api.withdraw(&caller(Role::Patient, ""), anna, made.choice.id).await.unwrap();
    assert_eq!([&reviewed.number, &withdrawn.number], [&made.number; 2], "one number for life");
    assert_eq!(api.count_waiting_objections(&practice).await.unwrap_err().kind, FailureKind::Forbidden);
}
