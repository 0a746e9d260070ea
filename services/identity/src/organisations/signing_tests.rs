//! Signing: by whom, of what, once, and what follows.

use std::collections::BTreeSet;

use jiff::civil::date;
use lcr_contracts::{
    FailureKind,
    partners::system::{Check, CheckOutcome, CheckReport},
    registry::DatasetSwitch,
};
use lcr_model::{Dataset, OdsCode, Role};
use lcr_store::Store;
use lcr_testkit::Folder;

use super::*;
use crate::{
    organisations::{
        renewal::renew,
        testing::{
            ODS, add_system, administrator, all_sign, appoint as appoint_user, appoint_all, author, file, register,
            schedule as schedule_of, set_schedule as set_gives, sign as sign_as, standing, store, text_hash,
        },
        versions::testing::TWO,
    },
    store::{
        change_error::settle,
        check_report,
        organisation_file::{self, OrganisationFile},
        partner_change,
        registry::{self, ManagedBy},
    },
};

#[path = "signing_tests/schedule.rs"]
mod schedule;

const DAY: Date = date(2026, 2, 1);

/// The hospice, registered, with a schedule and its three signatories.
async fn ready(folder: &Folder) -> Store {
    let store = store(folder).await;
    register(&store, DAY).await;
    set_gives(&store, DAY, &[Dataset::Allergies, Dataset::Results]).await;
    appoint_all(&store, DAY).await;
    store
}

/// What its staff may see of other organisations, as the other services learn it.
async fn receives(store: &Store) -> Option<BTreeSet<Dataset>> {
    registry::load(store.read()).await.unwrap().organisation(&OdsCode::new(ODS)).unwrap().receives.clone()
}

async fn refusal(store: &Store, duty: Duty, user: &str, hash: &str) -> Failure {
    sign_as(store, DAY, duty, user, hash).await.unwrap_err()
}

#[tokio::test]
async fn the_agreement_counts_when_all_three_have_signed() {
    let folder = Folder::new("sign").unwrap();
    let store = ready(&folder).await;
    let hash = text_hash(&store, DAY).await;
    for (at, duty) in Duty::ALL.into_iter().enumerate() {
        assert_eq!(standing(&store).await, (PartnerState::Draft, false), "after {at}");
        assert_eq!(receives(&store).await, None, "nothing is signed yet");
        sign_as(&store, DAY, duty, duty.as_str(), &hash).await.unwrap();
    }
    assert_eq!(standing(&store).await, (PartnerState::Agreed, true));
    assert_eq!(receives(&store).await, Some([Dataset::Medications].into()));
    let history = partner_change::list(store.read(), &OdsCode::new(ODS), 20).await.unwrap();
    let whats: Vec<&str> = history.iter().map(|entry| entry.what.as_str()).collect();
    assert!(
        whats.contains(&"Moved from draft to agreed")
            && whats.iter().any(|what| what.contains("as Caldicott guardian"))
    );
}

#[tokio::test]
async fn a_signature_needs_the_appointed_user_and_the_text_as_it_is_now() {
    let folder = Folder::new("sign-refused").unwrap();
    let store = ready(&folder).await;
    let hash = text_hash(&store, DAY).await;
    assert_eq!(refusal(&store, Duty::Siro, "somebody", &hash).await.kind, FailureKind::Forbidden);
    assert_eq!(refusal(&store, Duty::Siro, "caldicott-guardian", &hash).await.kind, FailureKind::Forbidden);
    set_gives(&store, DAY, &[Dataset::Allergies]).await;
    let changed = refusal(&store, Duty::Siro, "siro", &hash).await;
    assert_eq!(changed.outward(), "The text has changed; read it again.");
    let hash = text_hash(&store, DAY).await;
    sign_as(&store, DAY, Duty::Siro, "siro", &hash).await.unwrap();
    assert_eq!(refusal(&store, Duty::Siro, "siro", &hash).await.kind, FailureKind::Conflict, "signed twice");
}

#[tokio::test]
async fn an_appointed_user_of_another_organisation_signs_nothing() {
    let folder = Folder::new("sign-elsewhere").unwrap();
    let store = ready(&folder).await;
    let hash = text_hash(&store, DAY).await;
    let mut elsewhere = author("siro", Role::PrivacyOfficer, DAY);
    elsewhere.actor.org = OdsCode::new("Z9H01");
    let write = store.write(async move |tx| settle(sign(&tx, &TWO, &elsewhere, Duty::Siro, &hash).await));
    assert_eq!(write.await.unwrap().unwrap_err().kind, FailureKind::Forbidden);
}

#[tokio::test]
async fn nothing_is_signed_without_a_schedule() {
    let folder = Folder::new("sign-no-schedule").unwrap();
    let store = store(&folder).await;
    register(&store, DAY).await;
    appoint_all(&store, DAY).await;
    let hash = text_hash(&store, DAY).await;
    let refused = refusal(&store, Duty::Siro, "siro", &hash).await;
    assert_eq!((refused.kind, refused.outward()), (FailureKind::Conflict, "Set the data-flow schedule first."));
}

#[tokio::test]
async fn the_data_protection_officer_is_never_also_the_siro() {
    let folder = Folder::new("sign-apart").unwrap();
    let store = ready(&folder).await;
    let refused = appoint_user(&store, DAY, Duty::DataProtectionOfficer, "siro").await.unwrap_err();
    assert_eq!(refused.kind, FailureKind::Conflict);
    // Not one after the other either: who signed as SIRO and is replaced does not sign the same text again.
    let hash = text_hash(&store, DAY).await;
    sign_as(&store, DAY, Duty::Siro, "siro", &hash).await.unwrap();
    appoint_user(&store, DAY, Duty::Siro, "another").await.unwrap();
    appoint_user(&store, DAY, Duty::DataProtectionOfficer, "siro").await.unwrap();
    let refused = refusal(&store, Duty::DataProtectionOfficer, "siro", &hash).await;
    assert!(refused.outward().contains("never the same person"), "{refused:?}");
}

#[tokio::test]
async fn only_an_own_administrator_appoints() {
    let folder = Folder::new("appoint").unwrap();
    let store = ready(&folder).await;
    let officer = author("officer", Role::PrivacyOfficer, DAY);
    let new = Appointment { duty: Duty::Siro, user: UserId::new("officer"), name: "Officer".to_owned() };
    let write = store.write(async move |tx| settle(appoint(&tx, &TWO, &officer, new).await));
    assert_eq!(write.await.unwrap().unwrap_err().kind, FailureKind::Forbidden);
}

#[tokio::test]
async fn what_passed_before_the_last_signature_counts_after_it() {
    for (outcome, state) in
        [(CheckOutcome::Passed, PartnerState::Conformant), (CheckOutcome::Failed, PartnerState::Connecting)]
    {
        let folder = Folder::new("sign-last").unwrap();
        let store = ready(&folder).await;
        add_system(&store, ManagedBy::Portal).await;
        let system = registry::load(store.read()).await.unwrap().systems.remove(0);
        let checks = vec![Check { name: "reachable".to_owned(), outcome, text: String::new() }];
        let report = CheckReport { at: administrator(DAY).now, checks };
        let checked = crate::systems::fingerprint(&system);
        let write = store.write(async move |tx| check_report::upsert(&tx, &system.id, &checked, &report).await);
        write.await.unwrap();
        all_sign(&store, DAY).await;
        assert_eq!(standing(&store).await, (state, true), "{outcome:?}");
    }
}

#[tokio::test]
async fn a_new_version_is_signed_in_time_or_the_agreement_ends() {
    let folder = Folder::new("versions").unwrap();
    let store = ready(&folder).await;
    all_sign(&store, DAY).await;
    let renew_on = async |day: Date| {
        let now = crate::organisations::testing::at(day);
        store.write(async move |tx| renew(&tx, &TWO, &OdsCode::new(ODS), now).await).await.unwrap();
        standing(&store).await.1
    };
    assert!(renew_on(date(2026, 8, 30)).await, "the last day of grace");
    assert!(!renew_on(date(2026, 8, 31)).await);
    all_sign(&store, date(2026, 9, 1)).await;
    assert!(standing(&store).await.1, "signed again");
}
