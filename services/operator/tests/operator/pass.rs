//! The full pass: removes unwanted objects, sends identity the complete set, writes resources of portal rows.

use std::sync::atomic::Ordering;

use lcr_contracts::{registrar::PartnerSet, registry::Organisation};
use lcr_model::OdsCode;
use lcr_operator::{domain::registry, reconcile::pass};
use serde_json::json;

use crate::scene::{ENTRIES, POLICIES, SYSTEMS, Scene, fhir, parsed};

fn names(scene: &Scene, collection: &str) -> Vec<String> {
    let all = scene.api.all(collection);
    all.iter().map(|one| one["metadata"]["name"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn two_systems_on_one_host_share_its_service_entry_and_have_a_policy_each() {
    let mut scene = Scene::new();
    let mut other = fhir("lab");
    other["spec"]["endpoint"] = json!("https://pas.invalid:8443/lab");
    scene.api.put(SYSTEMS, fhir("pas"));
    scene.api.put(SYSTEMS, other);
    scene.reconcile_all().await;
    assert_eq!(names(&scene, ENTRIES), ["pas.invalid"]);
    let entry = scene.api.get(ENTRIES, "pas.invalid").unwrap();
    let ports: Vec<_> = entry["spec"]["ports"].as_array().unwrap().iter().map(|port| &port["number"]).collect();
    assert_eq!(ports, [443, 8443]);
    assert_eq!(entry["metadata"]["ownerReferences"].as_array().unwrap().len(), 2);
    assert_eq!(names(&scene, POLICIES), ["rr8-lab", "rr8-pas"]);
    scene.api.delete(SYSTEMS, "rr8-lab");
    scene.reconcile_all().await;
    pass::run_once(&scene.context).await.unwrap();
    let entry = scene.api.get(ENTRIES, "pas.invalid").unwrap();
    assert_eq!(entry["metadata"]["ownerReferences"].as_array().unwrap().len(), 1);
    assert_eq!(names(&scene, POLICIES), ["rr8-pas"], "the host stays open for the one that is left");
}

#[tokio::test]
async fn unwanted_objects_are_removed_and_foreign_ones_stay() {
    let mut scene = Scene::new();
    scene.api.put(SYSTEMS, fhir("pas"));
    scene.reconcile_all().await;
    scene.api.put(POLICIES, json!({"metadata": {"name": "egress-nothing"}, "spec": {"action": "ALLOW"}}));
    let mut moved = fhir("pas");
    moved["spec"]["endpoint"] = json!("https://elsewhere.invalid/r4");
    scene.api.put(SYSTEMS, moved);
    scene.reconcile_all().await;
    pass::run_once(&scene.context).await.unwrap();
    assert_eq!(names(&scene, ENTRIES), ["elsewhere.invalid"]);
    assert_eq!(names(&scene, POLICIES), ["egress-nothing", "rr8-pas"]);
    let mut suspended = fhir("pas");
    suspended["spec"]["suspended"] = json!(true);
    scene.api.put(SYSTEMS, suspended);
    scene.reconcile_all().await;
    pass::run_once(&scene.context).await.unwrap();
    assert_eq!(names(&scene, ENTRIES), [] as [&str; 0]);
    assert_eq!(names(&scene, POLICIES), ["egress-nothing"]);
    assert_eq!(scene.condition("rr8-pas", "Ready"), "False Suspended");
}

#[tokio::test]
async fn identity_receives_the_complete_set_without_deleted_systems() {
    let mut scene = Scene::new();
    scene.api.put(SYSTEMS, fhir("pas"));
    scene.api.put(SYSTEMS, fhir("lab"));
    scene.refresh_watch();
    pass::run_once(&scene.context).await.unwrap();
    scene.api.delete(SYSTEMS, "rr8-lab");
    scene.refresh_watch();
    pass::run_once(&scene.context).await.unwrap();
    let sets = scene.registrar.sets.lock().unwrap();
    let ids = |at: usize| sets[at].systems.iter().map(|one| one.id.to_string()).collect::<Vec<_>>();
    assert_eq!((ids(0), ids(1)), (vec!["rr8-lab".to_owned(), "rr8-pas".to_owned()], vec!["rr8-pas".to_owned()]));
    assert_eq!(sets[0].organisations.len(), 1, "one row for the organisation of both");
}

#[tokio::test]
async fn while_identity_is_down_mesh_objects_stay_and_the_pass_reports_the_failure() {
    let mut scene = Scene::new();
    scene.api.put(SYSTEMS, fhir("pas"));
    scene.registrar.unavailable.store(true, Ordering::SeqCst);
    scene.reconcile_all().await;
    let failure = pass::run_once(&scene.context).await.unwrap_err();
    assert_eq!(failure.reason(), "identity");
    assert_eq!(names(&scene, POLICIES), ["rr8-pas"]);
    assert_eq!(scene.condition("rr8-pas", "Ready"), "False NotRegistered");
}

#[tokio::test]
async fn portal_rows_become_resources_and_are_never_sent_back() {
    let mut scene = Scene::new();
    scene.refresh_watch();
    let (organisation, system) = registry::to_registry_rows(&parsed(&fhir("pas")), jiff_now());
    let rows = PartnerSet { organisations: vec![organisation], systems: vec![system], ..PartnerSet::default() };
    *scene.registrar.others.lock().unwrap() = rows;
    pass::run_once(&scene.context).await.unwrap();
    let written = scene.api.get(SYSTEMS, "rr8-pas").unwrap();
    assert_eq!(written["metadata"]["labels"]["leedscarerecord.uk/managed-by"], "portal");
    scene.reconcile_all().await;
    assert_eq!(scene.condition("rr8-pas", "AgreementCurrent"), "True SignedInPortal");
    assert_eq!(scene.condition("rr8-pas", "Ready"), "Unknown NotLookedYet");
    scene.api.forget_requests();
    pass::run_once(&scene.context).await.unwrap();
    assert_eq!(scene.api.writes().len(), 0);
    assert!(scene.registrar.sets.lock().unwrap().iter().all(|set| set.systems.is_empty()));
}

#[tokio::test]
async fn a_resource_from_git_is_not_taken_over_by_a_row_of_the_same_name() {
    let mut scene = Scene::new();
    scene.api.put(SYSTEMS, fhir("pas"));
    scene.refresh_watch();
    let (organisation, mut system) = registry::to_registry_rows(&parsed(&fhir("pas")), jiff_now());
    system.name = "Somebody else's".into();
    let rows = PartnerSet { organisations: vec![organisation], systems: vec![system], ..PartnerSet::default() };
    *scene.registrar.others.lock().unwrap() = rows;
    pass::run_once(&scene.context).await.unwrap();
    assert_eq!(scene.api.get(SYSTEMS, "rr8-pas").unwrap()["spec"]["name"], "Leeds PAS");
}

#[tokio::test]
async fn an_invalid_row_does_not_block_the_others() {
    let mut scene = Scene::new();
    scene.refresh_watch();
    let (organisation, system) = registry::to_registry_rows(&parsed(&fhir("pas")), jiff_now());
    let mut plain_http = system.clone();
    (plain_http.id, plain_http.base_url) = (lcr_model::SourceId::new("plain"), "http://127.0.0.1:8100".into());
    let invalid = Organisation { ods: OdsCode::new("a.b"), ..organisation.clone() };
    let mut system_of_invalid = system.clone();
    (system_of_invalid.id, system_of_invalid.organisation) = (lcr_model::SourceId::new("odd"), invalid.ods.clone());
    let rows = PartnerSet {
        organisations: vec![organisation, invalid],
        systems: vec![plain_http, system_of_invalid, system],
        ..PartnerSet::default()
    };
    *scene.registrar.others.lock().unwrap() = rows;
    pass::run_once(&scene.context).await.unwrap();
    assert_eq!(names(&scene, SYSTEMS), ["rr8-pas"]);
}

fn jiff_now() -> jiff::Timestamp {
    "2026-11-22T10:00:00Z".parse().unwrap()
}
