//! Who moves an organisation from which state to which, and what it ends.

use jiff::civil::{Date, date};
use lcr_contracts::{
    FailureKind,
    partners::{
        sign_in::ProviderDraft,
        system::{Check, CheckOutcome},
    },
    registrar::PartnerSet,
    registry::Stage,
};
use lcr_model::{Dataset, OdsCode, Role};
use lcr_testkit::Folder;

use super::*;
use crate::{
    organisations::{
        registration,
        setup::advance_by_setup,
        testing::{
            ODS, add_system, administrator, all_sign, appoint_all, author, details, file, platform, register,
            set_schedule, standing, store,
        },
        versions::testing::TWO,
    },
    store::{
        change_error::settle,
        client::{self, ClientSeed},
        directory_setting, provider,
        registry::{self, ManagedBy},
    },
};

#[path = "lifecycle_tests/leaving.rs"]
mod leaving;

const DAY: Date = date(2026, 2, 1);

/// The hospice with its agreement signed.
async fn agreed(folder: &Folder) -> Store {
    let store = store(folder).await;
    register(&store, DAY).await;
    set_schedule(&store, DAY, &[Dataset::Allergies]).await;
    appoint_all(&store, DAY).await;
    all_sign(&store, DAY).await;
    store
}

async fn try_move(store: &Store, author: Author, to: PartnerState, tasks: Vec<OnboardingTask>) -> Result<(), Failure> {
    let write = store.write(async move |tx| settle(move_to(&tx, &TWO, &author, to, &tasks).await));
    write.await.unwrap().map(|_| ())
}

async fn live(folder: &Folder) -> Store {
    let store = agreed(folder).await;
    try_move(&store, administrator(DAY), PartnerState::Live, vec![]).await.unwrap();
    store
}

fn to_do(state: TaskState) -> Vec<OnboardingTask> {
    vec![OnboardingTask { step: OnboardingStep::Systems, state, remark: "Set up a system.".to_owned() }]
}

fn provider_draft() -> ProviderDraft {
    let draft = serde_json::json!({ "issuer": "https://login.example.nhs.uk", "client_id": "lcr" });
    serde_json::from_value(draft).unwrap()
}

#[tokio::test]
async fn its_own_administrator_takes_it_live_when_nothing_is_left_to_do() {
    let folder = Folder::new("go-live").unwrap();
    let store = agreed(&folder).await;
    for state in [TaskState::ToDo, TaskState::NotYet] {
        let refused = try_move(&store, administrator(DAY), PartnerState::Live, to_do(state)).await.unwrap_err();
        assert_eq!(refused.kind, FailureKind::Conflict);
        assert!(refused.outward().contains("Set up a system."), "{refused:?}");
    }
    for other in [platform(DAY), author("gp", Role::Gp, DAY)] {
        let refused = try_move(&store, other, PartnerState::Live, vec![]).await.unwrap_err();
        assert_eq!(refused.kind, FailureKind::Forbidden);
    }
    try_move(&store, administrator(DAY), PartnerState::Live, to_do(TaskState::Optional)).await.unwrap();
    assert_eq!(standing(&store).await, (PartnerState::Live, true));
    let history = partner_change::list(store.read(), &OdsCode::new(ODS), 20).await.unwrap();
    let moves = history.iter().filter(|entry| entry.what.starts_with("Moved from")).count();
    assert_eq!(moves, 4, "draft, agreed, connecting, conformant, live: each step has its entry");
}

#[tokio::test]
async fn nothing_is_live_without_a_signed_agreement() {
    let folder = Folder::new("go-live-unsigned").unwrap();
    let store = store(&folder).await;
    register(&store, DAY).await;
    let refused = try_move(&store, administrator(DAY), PartnerState::Live, vec![]).await.unwrap_err();
    assert_eq!(refused.kind, FailureKind::Conflict);
}

#[tokio::test]
async fn what_follows_from_signatures_and_checks_is_not_set_by_hand() {
    let folder = Folder::new("by-hand").unwrap();
    let store = agreed(&folder).await;
    for to in [PartnerState::Draft, PartnerState::Agreed, PartnerState::Connecting, PartnerState::Conformant] {
        for author in [administrator(DAY), platform(DAY)] {
            assert_eq!(try_move(&store, author, to, vec![]).await.unwrap_err().kind, FailureKind::BadRequest, "{to}");
        }
    }
}

#[tokio::test]
async fn to_suspend_resume_or_leave_needs_an_administrator_and_a_reason() {
    let folder = Folder::new("reasons").unwrap();
    let store = live(&folder).await;
    for to in [PartnerState::Suspended, PartnerState::Left] {
        let silent = Author { reason: String::new(), ..administrator(DAY) };
        assert_eq!(try_move(&store, silent, to, vec![]).await.unwrap_err().kind, FailureKind::BadRequest);
        let officer = author("officer", Role::PrivacyOfficer, DAY);
        assert_eq!(try_move(&store, officer, to, vec![]).await.unwrap_err().kind, FailureKind::Forbidden);
    }
    try_move(&store, administrator(DAY), PartnerState::Suspended, vec![]).await.unwrap();
    let silent = Author { reason: String::new(), ..administrator(DAY) };
    assert_eq!(try_move(&store, silent, PartnerState::Live, vec![]).await.unwrap_err().kind, FailureKind::BadRequest);
    try_move(&store, administrator(DAY), PartnerState::Live, vec![]).await.unwrap();
    assert_eq!(standing(&store).await, (PartnerState::Live, true));
}

#[tokio::test]
async fn what_the_platform_suspended_only_the_platform_resumes() {
    let folder = Folder::new("platform-suspends").unwrap();
    let store = live(&folder).await;
    // Its own suspension first: the platform takes it over.
    try_move(&store, administrator(DAY), PartnerState::Suspended, vec![]).await.unwrap();
    try_move(&store, platform(DAY), PartnerState::Suspended, vec![]).await.unwrap();
    assert!(file(&store).await.suspended_by_platform);
    for to in [PartnerState::Live, PartnerState::Left] {
        let refused = try_move(&store, administrator(DAY), to, vec![]).await.unwrap_err();
        assert_eq!(refused.kind, FailureKind::Forbidden, "{to}");
    }
    try_move(&store, platform(DAY), PartnerState::Live, vec![]).await.unwrap();
    assert!(!file(&store).await.suspended_by_platform);
    try_move(&store, administrator(DAY), PartnerState::Suspended, vec![]).await.unwrap();
}

#[tokio::test]
async fn all_that_is_set_up_decides_and_a_suspended_system_does_not() {
    let folder = Folder::new("advance-by-setup").unwrap();
    let store = agreed(&folder).await;
    let now = administrator(DAY).now;
    let advance = async || {
        let advance = store.write(async move |tx| advance_by_setup(&tx, &OdsCode::new(ODS), now).await);
        advance.await.unwrap();
        standing(&store).await.0
    };
    assert_eq!(advance().await, PartnerState::Agreed, "nothing is set up");
    add_system(&store, ManagedBy::Portal).await;
    assert_eq!(advance().await, PartnerState::Connecting, "it is not checked");
    let write = store.write(async move |tx| provider::upsert(&tx, &provider_draft(), &OdsCode::new(ODS), now).await);
    write.await.unwrap();
    let mut system = registry::load(store.read()).await.unwrap().systems.remove(0);
    system.suspended = true;
    let set = PartnerSet { systems: vec![system], ..PartnerSet::default() };
    let write = store.write(async move |tx| registry::store_all(&tx, ManagedBy::Portal, set, 2).await.map(|_| ()));
    write.await.unwrap();
    assert_eq!(advance().await, PartnerState::Connecting, "the provider is not checked");
    let check = Check { name: "discovery".to_owned(), outcome: CheckOutcome::Passed, text: String::new() };
    let write = store.write(async move |tx| {
        let issuer = "https://login.example.nhs.uk";
        provider::store_checks(&tx, issuer, now.as_microsecond(), &[check]).await.map(|_| ())
    });
    write.await.unwrap();
    assert_eq!(advance().await, PartnerState::Conformant);
}

#[tokio::test]
async fn connections_move_it_on_and_a_change_moves_it_back() {
    let folder = Folder::new("advance").unwrap();
    let store = agreed(&folder).await;
    for (event, state) in [
        (StateEvent::Changed, PartnerState::Agreed),
        (StateEvent::Connected, PartnerState::Connecting),
        (StateEvent::Connected, PartnerState::Connecting),
        (StateEvent::Passed, PartnerState::Conformant),
        (StateEvent::Changed, PartnerState::Connecting),
    ] {
        let now = administrator(DAY).now;
        store.write(async move |tx| advance(&tx, &OdsCode::new(ODS), event, now).await).await.unwrap();
        assert_eq!(standing(&store).await.0, state, "{event:?}");
    }
}

#[test]
fn every_step_of_the_platform_is_one_that_may_be_taken() {
    for from in PartnerState::ALL {
        let events = [StateEvent::Connected, StateEvent::Passed, StateEvent::Changed];
        let paths = events.map(|event| steps_after(from, event)).into_iter().chain([steps_to_live(from)]);
        for path in paths {
            let mut state = from;
            for next in path {
                assert!(state.may_become(*next), "{state} to {next}");
                state = *next;
            }
        }
    }
}
