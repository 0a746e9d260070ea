//! Consent and the audit log: nothing is decided without it, a lost choice is re-applied from it, and a changed log is
//! detected.

use lcr_model::{Clock as _, SystemClock};

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_choice_that_audit_cannot_record_is_refused() {
    let scene = Scene::new().await;
    let anna = PersonId::new();
    let identities = [identity("gp", "a"), identity(LOGIN_SOURCE, "patient-user")];
    scene.person(anna, 1, &identities).await;
    let patient = caller(Role::Patient, "");
    scene.log.unavailable.store(true, Ordering::Relaxed);
    let refused = scene.consent.api.object(&patient, anna, WHOLE).await.unwrap_err();
    assert_eq!(refused.kind, FailureKind::CannotRecord);
    let shown = scene.decide(&caller(Role::Gp, PRACTICE), anna, 1, &[]).await.unwrap_err();
    assert_eq!(shown.kind, FailureKind::CannotRecord, "nothing is shown either");
    scene.log.unavailable.store(false, Ordering::Relaxed);
    assert!(scene.consent.api.choices(&patient, anna).await.unwrap().choices.is_empty(), "no choice was stored");
    scene.consent.api.object(&patient, anna, WHOLE).await.unwrap();
    let entries = scene.log.entries.lock().unwrap();
    let made = ReasonCode::ObjectionMade(Relationship::OwnRecord);
    assert!(entries.iter().any(|entry| entry.what == AccessKind::Choices && entry.reason == made));
}

#[tokio::test(flavor = "multi_thread")]
async fn choices_lost_in_a_restore_are_reapplied_before_any_decision() {
    let before = Scene::new().await;
    let (anna, ben) = (PersonId::new(), PersonId::new());
    let (a, b) = ([identity("gp", "a"), identity(LOGIN_SOURCE, "patient-user")], [identity("gp", "b")]);
    before.person(anna, 1, &a).await;
    before.person(ben, 1, &b).await;
    let (gp, patient) = (caller(Role::Gp, PRACTICE), caller(Role::Patient, ""));
    let practice = caller(Role::Receptionist, PRACTICE);
    let made = before.consent.api.object(&patient, anna, WHOLE).await.unwrap();
    let back = before.consent.api.object(&practice, ben, WHOLE).await.unwrap();
    let reason = Some("Asked us to, by telephone.".to_owned());
    before.consent.api.withdraw_because(&practice, ben, back.choice.id, reason).await.unwrap();
    // Consent's store is empty. The audit log is complete, but unavailable at first.
    before.log.unavailable.store(true, Ordering::Relaxed);
    let after = Scene::with_log(before.log.clone()).await;
    after.person(anna, 1, &a).await;
    after.person(ben, 1, &b).await;
    let ask = Confirm { person: anna, session: gp.actor.session, epoch: 0 };
    let waits = after.consent.api.confirm(&gp, ask).await.unwrap_err();
    assert_eq!(waits.kind, FailureKind::CatchingUp, "nothing is decided before the reconciliation");
    assert!(after.consent.require_reconciled().is_err());
    before.log.unavailable.store(false, Ordering::Relaxed);
    lcr_testkit::eventually(Duration::from_secs(10), "consent has reconciled with the log", async || {
        after.consent.require_reconciled().is_ok()
    })
    .await;
    assert_eq!(after.open_record(&gp, anna, 1, &a).await, Err(Refusal::Objected));
    assert_eq!(after.open_record(&gp, ben, 1, &b).await, Ok(()), "the withdrawal was re-applied");
    let choices = after.consent.api.choices(&patient, anna).await.unwrap().choices;
    assert_eq!((choices.len(), choices[0].id, &choices[0].number), (1, made.choice.id, &made.number));
    assert_eq!(choices[0].made_by, ChoiceMaker::Reader);
    assert!(choices[0].made_at.duration_since(made.choice.made_at).as_secs() < 1);
    let choices = after.consent.api.choices(&practice, ben).await.unwrap().choices;
    assert_eq!((choices.len(), choices[0].status), (1, ChoiceStatus::Withdrawn));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_or_altered_audit_entry_is_detected_within_a_minute() {
    let scene = Scene::new().await;
    let anna = PersonId::new();
    let a = [identity("gp", "a")];
    scene.person(anna, 1, &a).await;
    let gp = caller(Role::Gp, PRACTICE);
    for _ in 0..4 {
        scene.open_record(&gp, anna, 1, &a).await.unwrap();
    }
    let later = SystemClock.now() + jiff::SignedDuration::from_secs(11);
    {
        let mut entries = scene.log.entries.lock().unwrap();
        entries.remove(1);
        entries[1].reason = ReasonCode::Other("other".into());
    }
    assert_eq!(scene.consent.reconcile(later).await.unwrap(), 2, "one is missing, one was altered");
    // The log is smaller than the head that consent has seen, so nothing is shown.
    scene.log.entries.lock().unwrap().clear();
    let refused = scene.decide(&gp, anna, 1, &a).await.unwrap_err();
    assert_eq!(refused.kind, FailureKind::CannotRecord);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_explanation_is_recorded_and_does_not_reveal_who_exists() {
    let scene = Scene::new().await;
    let (anna, unknown) = (PersonId::new(), PersonId::new());
    scene.person(anna, 1, &[identity("gp", "a"), identity(LOGIN_SOURCE, "patient-user")]).await;
    scene.consent.api.object(&caller(Role::Patient, ""), anna, WHOLE).await.unwrap();
    for (role, org) in [(Role::Gp, "Y90002"), (Role::Consultant, HOSPITAL), (Role::Commissioner, PRACTICE)] {
        let stranger = caller(role, org);
        let known = scene.consent.api.explain(&stranger, anna).await.unwrap();
        assert!(!known.allowed);
        assert_eq!(known, scene.consent.api.explain(&stranger, unknown).await.unwrap(), "{role} of {org}");
    }
    let entries = scene.log.entries.lock().unwrap();
    let of = |person| {
        let about = entries.iter().filter(|one| one.what == AccessKind::Explanation && one.people == [person]);
        about.map(|one| (one.actor.org.clone(), one.reason.clone())).collect::<Vec<_>>()
    };
    assert_eq!((of(anna).len(), of(anna)), (3, of(unknown)), "each explanation left an entry");
}
