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
        partner_change,
        session::{self, NewSession},
        switch_step,
    },
    systems::testing::{OWNER, RECEIVER, Scene, administrator, jwks, organisation},
};
use scene::{ID, ODS, basic, client_of, id, notices, set, set_of, store_old, system};

#[path = "registrar_tests/scene.rs"]
mod scene;
#[path = "registrar_tests/stages.rs"]
mod stages;

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

#[tokio::test]
async fn a_change_of_a_suspended_system_is_no_second_suspension() {
    let scene = Scene::new().await;
    let with = |name: &str, suspended| PartnerSet {
        organisations: vec![organisation(ODS, PartnerState::Live)],
        systems: vec![System { name: name.into(), suspended, ..system() }],
        ..PartnerSet::default()
    };
    for (name, suspended) in [("PAS", false), ("PAS", true), ("Patients", true), ("Patients", false)] {
        scene.service().replace(with(name, suspended)).await.unwrap();
    }
    let entries = partner_change::list(scene.service().store.read(), &OdsCode::new(ODS), 20).await.unwrap();
    let mut whats: Vec<String> = entries.into_iter().filter(|one| one.system.is_some()).map(|one| one.what).collect();
    whats.sort();
    let expected = [
        "Changed the system rr8-pas (name)",
        "Changed the system rr8-pas (suspension)",
        "Set up the system rr8-pas",
        "Suspended the system rr8-pas",
    ];
    assert_eq!(whats, expected);
}
