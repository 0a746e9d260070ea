//! A system is removed only while it is stopped, leaves nothing open, and its id stays its organisation's.

#![allow(clippy::unwrap_used, reason = "tests")]

use lcr_contracts::{
    FailureKind, Identity as _,
    partners::system::{CheckOutcome, SystemChange, SystemDraft},
    registry::Stage,
};
use lcr_model::{Dataset, OdsCode, Role};

use super::*;
use crate::{
    store::partner_change,
    systems::testing::{OWNER, RECEIVER, Scene, actor, administrator, draft, rule, sender, step},
};

fn removal(id: &str) -> SystemChange {
    SystemChange::Remove { system: SourceId::new(id) }
}

fn suspension() -> SystemChange {
    SystemChange::Suspend { system: SourceId::new("gp"), suspended: true }
}

fn put(id: &str) -> SystemChange {
    SystemChange::Put(Box::new(draft(id)))
}

/// Whether the portal shows a system of this id.
async fn is_listed(scene: &Scene, id: &str) -> bool {
    let registry = scene.service().registry().await.unwrap();
    let statuses = crate::systems::statuses(scene.service(), &registry, &OdsCode::new(OWNER)).await.unwrap();
    statuses.iter().any(|status| status.draft.id.as_str() == id)
}

#[tokio::test]
async fn a_draft_is_removed_with_an_entry_in_the_history() {
    let scene = Scene::new().await;
    scene.put(draft("gp")).await;
    scene.change(removal("gp")).await.unwrap();
    assert!(!is_listed(&scene, "gp").await);
    assert!(scene.system("gp").await.is_joining(), "it was never live, so it is on nobody's record");
    let history = partner_change::list(scene.service().store.read(), &OdsCode::new(OWNER), 1).await.unwrap();
    assert_eq!((history[0].what.as_str(), history[0].reason.as_str()), ("Removed the system gp", "As agreed"));
    for change in [removal("gp"), suspension(), SystemChange::GoLive { system: SourceId::new("gp") }] {
        assert_eq!(scene.change(change).await.unwrap_err().kind, FailureKind::NotFound);
    }
}

#[tokio::test]
async fn a_live_system_is_never_removed_before_it_is_suspended() {
    let scene = Scene::new().await;
    scene.live_system().await;
    assert!(scene.refusal(removal("gp")).await.contains("live"));
    assert!(scene.system("gp").await.is_asked());
    scene.change(suspension()).await.unwrap();
    scene.change(removal("gp")).await.unwrap();
    let system = scene.system("gp").await;
    assert!(system.is_stopped() && !system.is_joining(), "records still name it as gone");
    assert!(!system.is_open_to(Dataset::Allergies, &administrator(RECEIVER)));
}

#[tokio::test]
async fn only_administrators_remove_with_a_reason_and_no_row_of_the_operator() {
    let scene = Scene::new().await;
    scene.put(draft("gp")).await;
    for stranger in [actor(OWNER, Role::Gp), administrator(RECEIVER)] {
        let refused = scene.change_as(stranger, OWNER, removal("gp")).await.unwrap_err();
        assert_eq!(refused.kind, FailureKind::Forbidden);
    }
    let author = Author {
        actor: administrator(OWNER),
        organisation: OdsCode::new(OWNER),
        reason: String::new(),
        now: scene.now(),
    };
    let refused = remove(scene.service(), author, SourceId::new("gp")).await.unwrap_err();
    assert_eq!(refused.kind, FailureKind::BadRequest);
    scene.give_to_operator("gp").await;
    assert!(scene.refusal(removal("gp")).await.contains("PartnerSystem"));
    assert!(is_listed(&scene, "gp").await);
}

#[tokio::test]
async fn an_id_that_is_free_again_is_free_for_its_organisation_alone_and_its_senders_for_all() {
    let scene = Scene::new().await;
    scene.put(sender("pas", "PAS")).await;
    scene.change(removal("pas")).await.unwrap();
    let refused = scene.change_as(administrator(RECEIVER), RECEIVER, put("pas")).await.unwrap_err();
    assert!(refused.outward().contains("has this id"), "{refused:?}");
    let same_sender = SystemChange::Put(Box::new(sender("other", "PAS")));
    scene.change_as(administrator(RECEIVER), RECEIVER, same_sender).await.unwrap();
}

#[tokio::test]
async fn a_system_that_is_set_up_again_begins_as_a_new_one() {
    let scene = Scene::new().await;
    scene.live_system().await;
    let tester = scene.user("tester").await;
    let testers = BTreeSet::from([tester]);
    let (system, pilots, signed_off_by) = (SourceId::new("gp"), BTreeSet::new(), String::new());
    scene.change(SystemChange::SetTesters { system, testers, pilots, signed_off_by }).await.unwrap();
    scene.change(SystemChange::Switch(Box::new(step(rule(Stage::SafetyTesters))))).await.unwrap();
    scene.change(suspension()).await.unwrap();
    scene.change(removal("gp")).await.unwrap();
    scene.put(draft("gp")).await;
    let system = scene.system("gp").await;
    assert!(!system.suspended && !system.setup.live && system.setup.stages.testers.is_empty());
    assert!(system.setup.stages.rules.iter().all(|rule| rule.stage == Stage::Off));
    scene.report("gp", CheckOutcome::Passed).await;
    scene.change(SystemChange::GoLive { system: SourceId::new("gp") }).await.unwrap();
}

#[tokio::test]
async fn a_discreet_system_that_was_never_live_leaves_nothing_discreet_behind() {
    let scene = Scene::new().await;
    let discreet = || SystemDraft { kind: SystemKind::Discreet, ..draft("gp") };
    scene.put(discreet()).await;
    scene.change(removal("gp")).await.unwrap();
    scene.put(draft("gp")).await;
    assert!(!scene.system("gp").await.is_discreet());
    scene.change(removal("gp")).await.unwrap();
    scene.put(discreet()).await;
    scene.report("gp", CheckOutcome::Passed).await;
    scene.change(SystemChange::GoLive { system: SourceId::new("gp") }).await.unwrap();
    scene.change(suspension()).await.unwrap();
    scene.change(removal("gp")).await.unwrap();
    assert!(scene.refusal(put("gp")).await.contains("has sent is discreet"), "its data is stored under the id");
    scene.put(discreet()).await;
    assert!(scene.system("gp").await.is_discreet());
}

#[tokio::test]
async fn a_suspension_of_the_platform_is_not_ended_by_removing_the_system() {
    let scene = Scene::new().await;
    scene.live_system().await;
    let platform = || actor(RECEIVER, Role::PlatformAdmin);
    scene.change_as(platform(), OWNER, suspension()).await.unwrap();
    assert!(scene.refusal(removal("gp")).await.contains("they alone remove it"));
    scene.change_as(platform(), OWNER, removal("gp")).await.unwrap();
    scene.put(draft("gp")).await;
    assert!(scene.system("gp").await.suspended, "it comes back suspended");
}
