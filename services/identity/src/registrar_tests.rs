//! The operator's sets, as they end in the registry: with credentials, stages, clients and details (S-13, X-07, Q-15, Q-17).

use lcr_contracts::{
    Identity as _,
    partners::{
        organisation::{DataFlowSchedule, OrganisationDetails, Site},
        system::SwitchStep,
    },
    registrar::Client,
    registry::{CredentialKind, Credentials, DatasetSwitch, Stage, StageRule, Stages, SystemSetup},
};
use lcr_model::{Dataset, OdsCode, Phi, Role};
use sea_orm::{EntityTrait, PaginatorTrait};
use uuid::Uuid;

use super::*;
use crate::{
    store::{
        agreement::{self, StoredSchedule},
        client,
        organisation_file::{self, OrganisationFile},
        session::{self, NewSession},
        switch_step,
    },
    systems::testing::{OWNER, RECEIVER, Scene, administrator, jwks, organisation},
};

const ODS: &str = "RR8";
const ID: &str = "rr8-pas";

fn id() -> SourceId {
    SourceId::new(ID)
}

fn system() -> System {
    System {
        id: id(),
        name: "PAS".into(),
        organisation: OdsCode::new(ODS),
        base_url: "https://fhir.example.org/r4".into(),
        kind: "hospital".into(),
        authority: false,
        discreet: false,
        datasets: BTreeMap::from([(Dataset::Documents, DatasetSwitch::On)]),
        rhythm: "real-time".into(),
        default_practice: None,
        suspended: false,
        setup: SystemSetup::default(),
        feed: None,
    }
}

fn client_of(ods: &str, id: &str) -> Client {
    Client {
        id: id.into(),
        name: "Feed".into(),
        org: OdsCode::new(ods),
        role: Role::FeedsClient,
        scope: "feeds.write".into(),
        jwks: jwks("a"),
        jwks_url: None,
        per_minute: 600,
        launch_roles: vec![],
        frame_ancestors: vec![],
    }
}

#[expect(clippy::unnecessary_wraps, reason = "a set holds an option")]
fn basic(password: &str) -> Option<Credentials> {
    Some(Credentials::Basic { user: "lcr".into(), password: Phi::new(password.into()) })
}

/// A set whose system has its documents at this stage.
fn set(stage: Stage, password: &str) -> PartnerSet {
    let rule = StageRule { dataset: Dataset::Documents, unit: None, receiver: None, stage };
    let mut row = system();
    row.setup.stages = Stages { rules: vec![rule.clone()], ..Stages::default() };
    let signed_off_by = "A. Smith, Caldicott guardian".to_owned();
    PartnerSet {
        organisations: vec![organisation(ODS, PartnerState::Live)],
        systems: vec![row],
        clients: vec![client_of(ODS, "rr8-feed")],
        credentials: BTreeMap::from([(id(), basic(password))]),
        sign_offs: vec![SwitchStep { system: id(), rule, signed_off_by, user_view: String::new() }],
        ..PartnerSet::default()
    }
}

async fn notices(scene: &Scene) -> usize {
    let names = BTreeMap::from([(id(), "PAS".to_owned())]);
    switch_step::list_for(scene.service().store.read(), &names, &OdsCode::new(RECEIVER), 50).await.unwrap().len()
}

#[tokio::test]
async fn one_set_ends_in_the_registry_and_the_same_set_again_changes_nothing() {
    let scene = Scene::new().await;
    let first = scene.service().replace(set(Stage::SafetyTesters, "one")).await.unwrap();
    assert_eq!((first.changed, first.refused.len(), first.refused_clients.len()), (2, 0, 0), "{first:?}");
    let stored = scene.system(ID).await;
    let sealed = stored.setup.credentials.clone().unwrap();
    assert_eq!(sealed.kind, CredentialKind::Basic);
    assert_eq!(sealed.open(&id(), &scene.service().data_keys), [basic("one").unwrap()]);
    assert_eq!(stored.setup.stages.of(Dataset::Documents, &OdsCode::new(RECEIVER)), Stage::SafetyTesters);
    assert_eq!(notices(&scene).await, 1, "a new system was off");
    let again = scene.service().replace(set(Stage::SafetyTesters, "one")).await.unwrap();
    assert_eq!((again.changed, notices(&scene).await), (0, 1));
    assert_eq!(scene.system(ID).await, stored);
}

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

/// A set without stages whose system gives these datasets, under an agreement in force or not.
fn set_of(gives: &[Dataset], agreement_signed: bool) -> PartnerSet {
    let is_on = |dataset: &Dataset| if gives.contains(dataset) { DatasetSwitch::On } else { DatasetSwitch::NotAgreed };
    let datasets = Dataset::ALL.iter().map(|dataset| (*dataset, is_on(dataset))).collect();
    PartnerSet {
        organisations: vec![Organisation { agreement_signed, ..organisation(ODS, PartnerState::Live) }],
        systems: vec![System { datasets, ..system() }],
        ..PartnerSet::default()
    }
}

/// Stores a set as the version before did, without any stage.
async fn store_old(scene: &Scene, set: PartnerSet) {
    let write = scene.service().store.write(async move |tx| store::registry::store_all(&tx, MANAGER, set, 1).await);
    write.await.unwrap();
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

#[tokio::test]
async fn an_organisation_that_somebody_else_keeps_is_named_as_refused() {
    let scene = Scene::new().await;
    let mut with_other = set(Stage::Off, "one");
    with_other.organisations.push(organisation(RECEIVER, PartnerState::Suspended));
    let answer = scene.service().replace(with_other).await.unwrap();
    assert_eq!(answer.refused_organisations.keys().collect::<Vec<_>>(), [&OdsCode::new(RECEIVER)]);
    let registry = scene.service().registry().await.unwrap();
    assert!(registry.organisation(&OdsCode::new(RECEIVER)).is_some_and(Organisation::takes_part));
}

#[tokio::test]
async fn the_sessions_of_an_organisation_end_when_its_agreement_does() {
    let scene = Scene::new().await;
    scene.service().replace(set(Stage::Off, "one")).await.unwrap();
    let (actor, now) = (administrator(ODS), scene.now());
    let write = scene.service().store.write(async move |tx| {
        let new = NewSession {
            hash: "hash",
            actor: &actor,
            issuer: "https://idp.example.org",
            provider_role: None,
            sid: None,
            started: now,
            authenticated_at: None,
            frame_ancestors: "",
        };
        session::insert(&tx, new, now).await
    });
    write.await.unwrap();
    let count = async || session::entity::Entity::find().count(scene.service().store.read()).await.unwrap();
    scene.service().replace(set(Stage::SafetyTesters, "one")).await.unwrap();
    assert_eq!(count().await, 1, "another change ends none");
    let mut lapsed = set(Stage::Off, "one");
    lapsed.organisations[0].agreement_signed = false;
    scene.service().replace(lapsed).await.unwrap();
    assert_eq!(count().await, 0);
}

#[tokio::test]
async fn unusable_credentials_are_refused_without_repeating_them_and_the_row_is_stored() {
    let scene = Scene::new().await;
    let mut with_colon = set(Stage::Off, "one");
    let wrong = Credentials::Basic { user: "a:b".into(), password: Phi::new("hidden".into()) };
    with_colon.credentials.insert(id(), Some(wrong));
    let answer = scene.service().replace(with_colon).await.unwrap();
    assert!(answer.refused.contains_key(ID) && !format!("{answer:?}").contains("hidden"), "{answer:?}");
    assert!(scene.system(ID).await.setup.credentials.is_none());
}

#[tokio::test]
async fn a_client_that_is_no_longer_named_loses_its_keys_and_gets_them_back() {
    let scene = Scene::new().await;
    let db = scene.service().store.read();
    scene.service().replace(set(Stage::Off, "one")).await.unwrap();
    let named = client::find(db, "rr8-feed").await.unwrap().unwrap();
    let without = PartnerSet { clients: vec![], ..set(Stage::Off, "one") };
    scene.service().replace(without).await.unwrap();
    let unnamed = client::find(db, "rr8-feed").await.unwrap().unwrap();
    assert!(named.jwks.contains("OKP") && !unnamed.jwks.contains("OKP"), "{}", unnamed.jwks);
    scene.service().replace(set(Stage::Off, "one")).await.unwrap();
    assert_eq!(client::find(db, "rr8-feed").await.unwrap().unwrap().jwks, named.jwks);
}

#[tokio::test]
async fn a_clients_id_belongs_to_one_organisation() {
    let scene = Scene::new().await;
    scene.service().replace(set(Stage::Off, "one")).await.unwrap();
    let mut taken = set(Stage::Off, "one");
    taken.clients.push(client_of("RGD", "rr8-feed"));
    let answer = scene.service().replace(taken).await.unwrap();
    assert!(answer.refused_clients.contains_key("rr8-feed"), "{answer:?}");
    let stored = client::find(scene.service().store.read(), "rr8-feed").await.unwrap().unwrap();
    assert_eq!((stored.org.as_str(), stored.jwks.contains("OKP")), (ODS, true));
}

#[tokio::test]
async fn details_end_in_the_file_of_the_operators_own_organisations_alone() {
    let scene = Scene::new().await;
    let details = |name: &str| OrganisationDetails {
        name: name.into(),
        kind: "acute".into(),
        part_of: None,
        serves: vec![],
        sites: vec![Site { ods: OdsCode::new("RR813"), name: "St James's".into() }],
        contact: "the integration team".into(),
    };
    let mut with_details = set(Stage::Off, "one");
    with_details.details.insert(OdsCode::new(ODS), details("Leeds"));
    with_details.details.insert(OdsCode::new(RECEIVER), details("Another"));
    scene.service().replace(with_details).await.unwrap();
    let db = scene.service().store.read();
    let file = organisation_file::find(db, &OdsCode::new(ODS)).await.unwrap().unwrap();
    assert_eq!((file.details.contact.as_str(), file.on_paper), ("the integration team", true));
    assert!(organisation_file::find(db, &OdsCode::new(RECEIVER)).await.unwrap().is_none());
}

#[tokio::test]
async fn the_rows_of_others_are_read_without_credentials() {
    let scene = Scene::new().await;
    scene.service().replace(set(Stage::Off, "one")).await.unwrap();
    let others = scene.service().others().await.unwrap();
    assert!(others.organisations.iter().all(|one| one.ods.as_str() != ODS), "never the operator's own");
    assert!(others.systems.iter().all(|one| one.setup.credentials.is_none()));
    assert!(others.clients.iter().all(|one| one.id != "rr8-feed"));
}
