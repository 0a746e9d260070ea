//! What a set does to stages: of new systems, of schedules, and of systems that it takes out of live.

use super::*;

#[tokio::test]
async fn a_changed_stage_is_a_notice_and_a_changed_secret_keeps_the_one_before() {
    let scene = Scene::new().await;
    scene.service().replace(set(Stage::SafetyTesters, "one")).await.unwrap();
    scene.service().replace(set(Stage::Off, "two")).await.unwrap();
    assert_eq!(notices(&scene).await, 2);
    let sealed = scene.system(ID).await.setup.credentials.unwrap();
    let opened = sealed.open(&id(), &scene.service().data_keys);
    assert_eq!(opened, [basic("two").unwrap(), basic("one").unwrap()]);
}

#[tokio::test]
async fn a_set_that_says_nothing_of_stages_and_credentials_leaves_them() {
    let scene = Scene::new().await;
    scene.service().replace(set(Stage::Off, "one")).await.unwrap();
    let before = scene.system(ID).await;
    let silent = PartnerSet {
        organisations: vec![organisation(ODS, PartnerState::Live)],
        systems: vec![system()],
        ..PartnerSet::default()
    };
    scene.service().replace(silent).await.unwrap();
    let setup = SystemSetup { stages_by_operator: false, ..before.setup.clone() };
    assert!(before.setup.stages_by_operator, "the first set stated them");
    assert_eq!(scene.system(ID).await, System { setup, ..before });
}

///
#[tokio::test]
async fn a_new_system_whose_resource_states_no_stage_begins_switched_off() {
    let scene = Scene::new().await;
    let silent = || PartnerSet {
        organisations: vec![organisation(ODS, PartnerState::Live)],
        systems: vec![system()],
        ..PartnerSet::default()
    };
    scene.service().replace(silent()).await.unwrap();
    let stages = scene.system(ID).await.setup.stages;
    assert_eq!(stages.of(Dataset::Documents, &OdsCode::new(RECEIVER)), Stage::Off);
    assert_eq!(scene.service().replace(silent()).await.unwrap().changed, 0);
}

///
#[tokio::test]
async fn a_dataset_that_is_applied_later_begins_switched_off_and_a_renewed_agreement_changes_no_stage() {
    let scene = Scene::new().await;
    let (one, both) = ([Dataset::Documents], [Dataset::Documents, Dataset::Results]);
    store_old(&scene, set_of(&one, true)).await;
    scene.service().replace(set_of(&both, true)).await.unwrap();
    let stages = async || {
        let stages = scene.system(ID).await.setup.stages;
        both.map(|dataset| stages.of(dataset, &OdsCode::new(RECEIVER)))
    };
    assert_eq!(stages().await, [Stage::On, Stage::Off]);
    assert_eq!(scene.service().replace(set_of(&both, true)).await.unwrap().changed, 0);
    scene.service().replace(set_of(&[], false)).await.unwrap();
    scene.service().replace(set_of(&both, true)).await.unwrap();
    assert_eq!(stages().await, [Stage::On, Stage::Off], "as before it lapsed");
}

#[tokio::test]
async fn a_system_that_its_resource_takes_out_of_live_was_live() {
    let scene = Scene::new().await;
    let with = |live| {
        let mut set = set_of(&[Dataset::Documents], true);
        set.systems[0].setup.live = live;
        set
    };
    scene.service().replace(with(false)).await.unwrap();
    assert!(scene.system(ID).await.is_joining());
    for live in [true, false, false] {
        scene.service().replace(with(live)).await.unwrap();
    }
    assert!(!scene.system(ID).await.is_joining());
}

#[tokio::test]
async fn a_system_of_a_portals_organisation_gives_nothing_beyond_its_schedule() {
    let scene = Scene::new().await;
    let (ods, now) = (OdsCode::new(OWNER), scene.now());
    let details = OrganisationDetails {
        name: "St Hilda's".into(),
        kind: "acute".into(),
        part_of: None,
        serves: vec![],
        sites: vec![],
        contact: "the integration team".into(),
    };
    let schedule = DataFlowSchedule {
        gives: [Dataset::Results].into(),
        receives: [Dataset::Results].into(),
        lawful_basis: "6(1)(e), 9(2)(h)".into(),
        retention: "eight years".into(),
    };
    let row = organisation(OWNER, PartnerState::Live);
    let file = OrganisationFile::new(ods.clone(), details, now);
    let write = scene.service().store.write(async move |tx| {
        // Another name, so that the row changes hands.
        let organisations = vec![Organisation { name: "St Hilda's".into(), ..row }];
        let rows = PartnerSet { organisations, ..PartnerSet::default() };
        store::registry::store_all(&tx, ManagedBy::Portal, rows, now.as_microsecond()).await?;
        organisation_file::upsert(&tx, &file).await?;
        let stored = StoredSchedule { id: Uuid::now_v7(), schedule };
        agreement::insert_schedule(&tx, file.registration, &stored, now).await
    });
    write.await.unwrap();
    let mut system = System { organisation: ods, ..system() };
    system.datasets.insert(Dataset::Results, DatasetSwitch::On);
    let answer = scene.service().replace(PartnerSet { systems: vec![system], ..PartnerSet::default() }).await.unwrap();
    assert!(answer.refused[ID].contains("does not have: Documents"), "{answer:?}");
    let stored = scene.system(ID).await.datasets;
    assert_eq!((stored[&Dataset::Documents], stored[&Dataset::Results]), (DatasetSwitch::NotAgreed, DatasetSwitch::On));
}
