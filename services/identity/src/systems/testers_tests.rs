//! Who is added to a pilot that sees data sees it at once, so this is signed off and told.

#![allow(clippy::unwrap_used, reason = "tests")]

use lcr_contracts::{Identity as _, partners::system::SystemChange};

use super::*;
use crate::systems::{
    notices,
    testing::{RECEIVER, Scene, rule, step},
};

const SIGNED: &str = "Jo Field, clinical safety officer";

fn testers(testers: &[&UserId], pilots: &[&str], signed_off_by: &str) -> SystemChange {
    SystemChange::SetTesters {
        system: SourceId::new("gp"),
        testers: testers.iter().map(|user| (*user).clone()).collect(),
        pilots: pilots.iter().map(|ods| OdsCode::new(*ods)).collect(),
        signed_off_by: signed_off_by.into(),
    }
}

fn switch_to(stage: Stage) -> SystemChange {
    SystemChange::Switch(Box::new(step(rule(stage))))
}

async fn notices_for(scene: &Scene, ods: &str) -> Vec<(Stage, Stage)> {
    let registry = scene.service().registry().await.unwrap();
    let notices = notices(scene.service(), &registry, &OdsCode::new(ods)).await.unwrap();
    notices.iter().map(|notice| (notice.from, notice.to)).collect()
}

#[tokio::test]
async fn a_pilot_that_is_widened_while_it_sees_data_is_signed_off_and_told() {
    let scene = Scene::new().await;
    scene.live_system().await;
    let (first, second) = (scene.user("first").await, scene.user("second").await);
    assert!(
        scene.refusal(testers(&[&first], &["Z9X99"], "")).await.contains("ODS code: Z9X99"),
        "nobody has this code"
    );
    for pilot in ["Z9X98", "Z9X99"] {
        scene.add_organisation(pilot).await;
    }
    scene.change(testers(&[&first], &["Z9X99"], "")).await.unwrap();
    scene.change(switch_to(Stage::SafetyTesters)).await.unwrap();
    scene.change(testers(&[&first], &["Z9X98", "Z9X99"], "")).await.unwrap();
    assert!(scene.refusal(testers(&[&first, &second], &[], "")).await.contains("sign-off"), "a tester sees it at once");
    scene.change(switch_to(Stage::PilotTeams)).await.unwrap();
    let before = notices_for(&scene, RECEIVER).await.len();
    let wider = |signed_off_by| testers(&[&first], &["Z9X99", RECEIVER], signed_off_by);
    assert!(scene.refusal(wider(" ")).await.contains("sign-off"));
    scene.change(wider(SIGNED)).await.unwrap();
    let told = notices_for(&scene, RECEIVER).await;
    assert_eq!((told.len(), told[0]), (before + 1, (Stage::SafetyTesters, Stage::PilotTeams)));
    scene.change(testers(&[&first], &["Z9X99"], "")).await.unwrap();
    assert_eq!(notices_for(&scene, RECEIVER).await.len(), before + 1, "fewer need nothing");
}

#[test]
fn an_organisation_that_is_held_back_is_not_told_of_a_pilot() {
    let held_back = StageRule { receiver: Some(OdsCode::new(RECEIVER)), ..rule(Stage::Off) };
    let stages = Stages { rules: vec![rule(Stage::PilotTeams), held_back], ..Stages::default() };
    let opened = opened_to_pilots(&stages, &["Z9X99", RECEIVER].map(OdsCode::new).into());
    let expected = StageRule { receiver: Some(OdsCode::new("Z9X99")), ..rule(Stage::PilotTeams) };
    assert_eq!(opened, [expected]);
}
