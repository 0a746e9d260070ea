//! Steps are stored with who took them, reach those they concern as notices, and outlast what a seed sends.

#![allow(clippy::unwrap_used, reason = "tests")]

use lcr_contracts::{
    FailureKind, Identity as _,
    partners::system::{CheckOutcome, Notice, SystemChange, SystemDraft},
    vocabulary::SystemKind,
};
use lcr_model::{Role, SourceId, UserId};

use super::*;
use crate::{
    Seed,
    systems::{
        notices,
        testing::{OWNER, RECEIVER, Scene, actor, administrator, draft, rule, step},
    },
};

#[path = "stages_tests/stated.rs"]
mod stated;

fn switch_to(stage: Stage) -> SystemChange {
    SystemChange::Switch(Box::new(step(rule(stage))))
}

fn decline(declined: bool) -> SystemChange {
    SystemChange::Decline { system: SourceId::new("gp"), dataset: Dataset::Allergies, declined }
}

fn testers(testers: &[&UserId], pilots: &[&str]) -> SystemChange {
    SystemChange::SetTesters {
        system: SourceId::new("gp"),
        testers: testers.iter().map(|user| (*user).clone()).collect(),
        pilots: pilots.iter().map(|ods| OdsCode::new(*ods)).collect(),
        signed_off_by: String::new(),
    }
}

async fn notices_for(scene: &Scene, ods: &str) -> Vec<Notice> {
    let registry = scene.service().registry().await.unwrap();
    notices(scene.service(), &registry, &OdsCode::new(ods)).await.unwrap()
}

/// Whether the receiver's administrator sees allergies of `gp`.
async fn is_open(scene: &Scene) -> bool {
    scene.system("gp").await.is_open_to(Dataset::Allergies, &administrator(RECEIVER))
}

#[tokio::test]
async fn a_dataset_is_switched_on_step_by_step_and_back_at_once() {
    let scene = Scene::new().await;
    scene.live_system().await;
    let tester = scene.user("tester").await;
    assert!(scene.refusal(switch_to(Stage::SafetyTesters)).await.contains("safety testers first"));
    scene.change(testers(&[&tester], &[RECEIVER])).await.unwrap();
    assert!(scene.refusal(switch_to(Stage::On)).await.contains("one stage at a time"));
    scene.change(switch_to(Stage::SafetyTesters)).await.unwrap();
    assert!(!is_open(&scene).await);
    scene.change(switch_to(Stage::PilotTeams)).await.unwrap();
    assert!(is_open(&scene).await);
    scene.change(switch_to(Stage::On)).await.unwrap();
    scene.change(switch_to(Stage::Off)).await.unwrap();
    assert!(!is_open(&scene).await);
    let notices = notices_for(&scene, RECEIVER).await;
    let told: Vec<(Stage, Stage)> = notices.iter().map(|notice| (notice.from, notice.to)).collect();
    assert_eq!(told[..2], [(Stage::On, Stage::Off), (Stage::PilotTeams, Stage::On)], "the newest first");
    assert_eq!(notices.len(), 4);
    assert!(notices[0].by.contains("Sam Reed") && notices[0].signed_off_by.contains("Jo Field"), "Q-15");
    assert!(notices_for(&scene, OWNER).await.is_empty(), "its own steps are no news");
}

#[tokio::test]
async fn a_step_forward_needs_a_check_of_the_connection_as_it_is_and_a_step_back_does_not() {
    let scene = Scene::new().await;
    scene.live_system().await;
    let tester = scene.user("tester").await;
    scene.change(testers(&[&tester], &[RECEIVER])).await.unwrap();
    scene.change(switch_to(Stage::SafetyTesters)).await.unwrap();
    let datasets = BTreeSet::from([Dataset::Allergies]);
    scene.put(SystemDraft { datasets, ..draft("gp") }).await;
    assert!(scene.refusal(switch_to(Stage::PilotTeams)).await.contains("not been checked"));
    scene.report("gp", CheckOutcome::Failed).await;
    assert!(scene.refusal(switch_to(Stage::PilotTeams)).await.contains("did not pass"));
    scene.change(switch_to(Stage::Off)).await.unwrap();
    scene.report("gp", CheckOutcome::Passed).await;
    scene.change(switch_to(Stage::SafetyTesters)).await.unwrap();
}

#[tokio::test]
async fn a_step_for_one_receiver_reaches_that_one_alone() {
    let scene = Scene::new().await;
    scene.live_system().await;
    let tester = scene.user("tester").await;
    scene.change(testers(&[&tester], &[])).await.unwrap();
    let for_one = || StageRule { receiver: Some(OdsCode::new("Z9X99")), ..rule(Stage::SafetyTesters) };
    let unit = StageRule { unit: Some(OdsCode::new("Z9X98")), ..rule(Stage::SafetyTesters) };
    for (unknown, code) in [(for_one(), "Z9X99"), (unit, "Z9X98")] {
        assert!(scene.refusal(SystemChange::Switch(Box::new(step(unknown)))).await.contains(code), "{code}");
    }
    scene.add_organisation("Z9X99").await;
    scene.change(SystemChange::Switch(Box::new(step(for_one())))).await.unwrap();
    assert!(notices_for(&scene, RECEIVER).await.is_empty());
    assert_eq!(notices_for(&scene, "Z9X99").await.len(), 1);
}

#[tokio::test]
async fn a_step_of_a_discreet_system_is_told_to_nobody() {
    let scene = Scene::new().await;
    scene.put(SystemDraft { kind: SystemKind::Discreet, ..draft("gp") }).await;
    scene.report("gp", CheckOutcome::Passed).await;
    scene.change(SystemChange::GoLive { system: SourceId::new("gp") }).await.unwrap();
    let tester = scene.user("tester").await;
    scene.change(testers(&[&tester], &[])).await.unwrap();
    scene.change(switch_to(Stage::SafetyTesters)).await.unwrap();
    assert!(notices_for(&scene, RECEIVER).await.is_empty());
    let refused = scene.change_as(administrator(RECEIVER), RECEIVER, decline(true)).await.unwrap_err();
    assert_eq!(refused.kind, FailureKind::NotFound);
}

#[tokio::test]
async fn only_the_owners_administrators_switch_and_only_what_is_live_and_agreed() {
    let scene = Scene::new().await;
    scene.put(draft("gp")).await;
    let tester = scene.user("tester").await;
    scene.change(testers(&[&tester], &[RECEIVER])).await.unwrap();
    assert!(scene.refusal(switch_to(Stage::SafetyTesters)).await.contains("not live"));
    let unagreed = StageRule { dataset: Dataset::Documents, ..rule(Stage::Off) };
    assert!(scene.refusal(SystemChange::Switch(Box::new(step(unagreed)))).await.contains("does not give"));
    for (reader, ods) in
        [(actor(OWNER, Role::PlatformAdmin), OWNER), (actor(OWNER, Role::Gp), OWNER), (administrator(RECEIVER), OWNER)]
    {
        let refused = scene.change_as(reader, ods, switch_to(Stage::SafetyTesters)).await.unwrap_err();
        assert_eq!(refused.kind, FailureKind::Forbidden);
    }
    let refused = scene.change_as(administrator(RECEIVER), RECEIVER, switch_to(Stage::SafetyTesters)).await;
    assert_eq!(refused.unwrap_err().kind, FailureKind::NotFound, "the system of another organisation");
}

#[tokio::test]
async fn testers_are_users_and_pilots_are_codes() {
    let scene = Scene::new().await;
    scene.put(draft("gp")).await;
    let unknown = UserId::new("user-nobody");
    assert!(scene.refusal(testers(&[&unknown], &[])).await.contains("has signed in"));
    assert!(scene.refusal(testers(&[], &["z9g01"])).await.contains("ODS codes"));
}

#[tokio::test]
async fn a_receiver_declines_and_takes_it_back() {
    let scene = Scene::new().await;
    scene.live_system().await;
    let tester = scene.user("tester").await;
    scene.change(testers(&[&tester], &[RECEIVER])).await.unwrap();
    scene.change(switch_to(Stage::SafetyTesters)).await.unwrap();
    scene.change(switch_to(Stage::PilotTeams)).await.unwrap();
    let by_receiver = |declined| scene.change_as(administrator(RECEIVER), RECEIVER, decline(declined));
    let is_told = async || notices_for(&scene, RECEIVER).await.iter().all(|notice| notice.declined);
    assert!(!is_told().await);
    by_receiver(true).await.unwrap();
    assert!(is_told().await, "its notices say what it chose");
    assert!(!is_open(&scene).await);
    assert!(by_receiver(true).await.unwrap_err().outward().contains("already"));
    by_receiver(false).await.unwrap();
    assert!(is_open(&scene).await);
    assert!(by_receiver(false).await.unwrap_err().outward().contains("not declined"));
    assert!(scene.refusal(decline(true)).await.contains("your own system"));
    let history = store::partner_change::list(scene.service().store.read(), &OdsCode::new(OWNER), 20).await.unwrap();
    assert!(history.iter().any(|entry| entry.what.contains("Z9G01 declined Allergies")), "the owner is told");
}

#[tokio::test]
async fn a_step_back_for_all_takes_every_receiver_back_and_tells_each() {
    let scene = Scene::new().await;
    scene.live_system().await;
    let tester = scene.user("tester").await;
    scene.change(testers(&[&tester], &[RECEIVER])).await.unwrap();
    let for_receiver = |stage| {
        let rule = StageRule { receiver: Some(OdsCode::new(RECEIVER)), ..rule(stage) };
        SystemChange::Switch(Box::new(step(rule)))
    };
    scene.change(switch_to(Stage::SafetyTesters)).await.unwrap();
    scene.change(for_receiver(Stage::PilotTeams)).await.unwrap();
    assert!(is_open(&scene).await);
    scene.change(switch_to(Stage::Off)).await.unwrap();
    assert!(!is_open(&scene).await);
    let told: Vec<(Stage, Stage)> =
        notices_for(&scene, RECEIVER).await.iter().map(|notice| (notice.from, notice.to)).collect();
    assert!(told[..2].contains(&(Stage::PilotTeams, Stage::Off)), "{told:?}");
}
