//! A system of the operator whose organisation left is live again only after a new check (S-68).

#![allow(clippy::unwrap_used, reason = "tests")]

use lcr_contracts::{
    Registrar as _,
    partners::system::CheckOutcome,
    registrar::PartnerSet,
    registry::{Stages, SystemSetup},
};
use lcr_model::{Dataset, OdsCode, UserId};
use uuid::Uuid;

use super::*;
use crate::{
    store::{
        partner_change::{self, NewEntry},
        system_row,
    },
    systems::testing::{OWNER, RECEIVER, Scene, draft, rule},
};

/// The system `gp` of the operator as it is after its organisation left, and the set that its resource still sends.
async fn left(stages: Stages) -> (Scene, PartnerSet) {
    let scene = Scene::new().await;
    scene.live_system().await;
    scene.give_to_operator("gp").await;
    let mut row = scene.system("gp").await;
    row.setup.stages = stages.clone();
    row.setup.stages_by_operator = !stages.rules.is_empty();
    let sent = System { setup: SystemSetup { stages, ..SystemSetup::default() }, ..row.clone() };
    let write = scene.service().store.write(async move |tx| {
        check_report::delete(&tx, &row.id).await?;
        system_row::store_stages(&tx, stopped_until_checked(row), 1).await.map(|_| ())
    });
    write.await.unwrap();
    (scene, PartnerSet { systems: vec![sent], ..PartnerSet::default() })
}

fn stage(system: &System) -> Stage {
    system.setup.stages.of(Dataset::Allergies, &OdsCode::new(RECEIVER))
}

#[tokio::test]
async fn its_resource_does_not_take_it_live_before_a_new_check_passed() {
    let (scene, set) = left(Stages::default()).await;
    for outcome in [None, Some(CheckOutcome::Failed)] {
        if let Some(outcome) = outcome {
            scene.report("gp", outcome).await;
        }
        let answer = scene.service().replace(set.clone()).await.unwrap();
        assert!(answer.refused["gp"].contains("must pass a check"), "{answer:?}");
        let system = scene.system("gp").await;
        assert!(system.is_stopped() && !system.is_joining(), "records name it as gone");
        assert_eq!(stage(&system), Stage::Off);
    }
    assert_eq!(scene.service().replace(set.clone()).await.unwrap().changed, 0, "the same set again changes nothing");
    scene.report("gp", CheckOutcome::Passed).await;
    let answer = scene.service().replace(set).await.unwrap();
    assert!(answer.refused.is_empty(), "{answer:?}");
    let system = scene.system("gp").await;
    assert!(!system.is_stopped() && !system.setup.must_be_checked());
    assert_eq!(stage(&system), Stage::Off, "it is switched on step by step");
}

/// A replica of a version without the field rewrites the row and drops it.
#[tokio::test]
async fn a_row_that_lost_the_mark_still_needs_a_check_while_it_is_stopped() {
    let (scene, set) = left(Stages::default()).await;
    let mut row = scene.system("gp").await;
    row.setup.needs_check = None;
    let write = scene.service().store.write(async move |tx| system_row::store_stages(&tx, row, 2).await.map(|_| ()));
    write.await.unwrap();
    let answer = scene.service().replace(set).await.unwrap();
    assert!(answer.refused["gp"].contains("must pass a check"), "{answer:?}");
    assert!(scene.system("gp").await.is_stopped());
}

/// The same of a system that was never live, of which the row itself cannot say that it waits.
#[tokio::test]
async fn a_system_that_was_never_live_and_lost_the_mark_needs_a_check_if_its_organisation_ever_left() {
    for has_left in [true, false] {
        let scene = Scene::new().await;
        scene.put(draft("gp")).await;
        scene.give_to_operator("gp").await;
        let now = scene.now();
        if has_left {
            let entry = NewEntry {
                id: Uuid::now_v7(),
                organisation: OdsCode::new(OWNER),
                at: now,
                by: "Sam Reed".into(),
                user: UserId::new("admin"),
                what: "Moved from live to left".into(),
                reason: "It closes".into(),
                system: None,
            };
            let write = scene.service().store.write(async move |tx| partner_change::insert(&tx, &entry).await);
            write.await.unwrap();
        }
        let sent = System { setup: SystemSetup::default(), ..scene.system("gp").await };
        let set = PartnerSet { systems: vec![sent], ..PartnerSet::default() };
        let answer = scene.service().replace(set.clone()).await.unwrap();
        assert_eq!(answer.refused.contains_key("gp"), has_left, "{answer:?}");
        let system = scene.system("gp").await;
        assert_eq!((system.is_joining(), system.setup.live), (has_left, !has_left));
        if has_left {
            scene.report("gp", CheckOutcome::Passed).await;
            assert!(scene.service().replace(set).await.unwrap().refused.is_empty());
            assert!(scene.system("gp").await.setup.live);
        }
    }
}

#[tokio::test]
async fn the_report_of_another_connection_does_not_count() {
    let (scene, mut set) = left(Stages::default()).await;
    scene.report("gp", CheckOutcome::Passed).await;
    set.systems[0].base_url = "https://other.example.nhs.uk/R4".to_owned();
    scene.service().replace(set).await.unwrap();
    assert!(scene.system("gp").await.is_stopped());
}

#[tokio::test]
async fn stages_that_the_resource_states_are_kept_and_do_not_make_it_live() {
    let stated = Stages { rules: vec![rule(Stage::On)], ..Stages::default() };
    let (scene, set) = left(stated).await;
    scene.service().replace(set).await.unwrap();
    let system = scene.system("gp").await;
    assert_eq!(stage(&system), Stage::On);
    assert!(system.is_stopped());
}
