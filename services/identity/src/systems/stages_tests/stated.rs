//! Stages that a seed or a resource states.

use super::*;

#[tokio::test]
async fn a_seed_that_is_sent_again_keeps_the_stages_and_the_keeper() {
    let scene = Scene::new().await;
    let mut system =
        crate::systems::draft::to_system(draft("gp"), OdsCode::new(OWNER), None, jiff::Timestamp::UNIX_EPOCH);
    (system.setup.live, system.setup.stages) = (true, Stages::default());
    let seed = || Seed { systems: vec![system.clone()], ..Seed::default() };
    scene.seed(seed()).await;
    scene.change(switch_to(Stage::Off)).await.unwrap();
    scene.change_as(administrator(RECEIVER), RECEIVER, decline(true)).await.unwrap();
    scene.seed(seed()).await;
    let stages = scene.system("gp").await.setup.stages;
    assert_eq!((stages.rules, stages.declined.len()), (vec![rule(Stage::Off)], 1));
    assert_eq!(scene.status("gp").await.managed_by, "seed");
}

#[tokio::test]
async fn stages_that_a_resource_states_are_changed_there_alone() {
    let scene = Scene::new().await;
    scene.live_system().await;
    scene.give_to_operator("gp").await;
    scene.change(testers(&[], &[RECEIVER])).await.unwrap();
    let mut rows = vec![scene.system("gp").await];
    keep_stages(scene.service().store.read(), ManagedBy::Operator, &mut rows, &BTreeSet::new()).await.unwrap();
    let stated = rows.remove(0);
    assert!(stated.setup.stages_by_operator);
    let write = scene.service().store.write(async move |tx| system_row::store_stages(&tx, stated, 1).await);
    write.await.unwrap();
    for change in [switch_to(Stage::SafetyTesters), testers(&[], &[])] {
        assert!(scene.refusal(change).await.contains("kept in the cluster's PartnerSystem gp"));
    }
    let by_receiver = scene.change_as(administrator(RECEIVER), RECEIVER, decline(true)).await;
    by_receiver.unwrap();
}

#[test]
fn a_row_that_sets_its_stages_never_lifts_what_receivers_declined() {
    let declined = lcr_contracts::registry::Declined { receiver: OdsCode::new(RECEIVER), dataset: Dataset::Allergies };
    let stored = Stages { declined: BTreeSet::from([declined]), rules: vec![rule(Stage::Off)], ..Stages::default() };
    assert_eq!(kept(ManagedBy::Operator, &stored, Stages::default()), stored);
    let sent = Stages { rules: vec![rule(Stage::On)], ..Stages::default() };
    assert_eq!(kept(ManagedBy::Seed, &stored, sent.clone()), stored, "a step of the portal outlasts a seed");
    let declined = stored.declined.clone();
    assert_eq!(kept(ManagedBy::Operator, &stored, sent.clone()), Stages { declined, ..sent });
}
