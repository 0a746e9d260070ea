//! Everything together, on watches: the controller, the pass, the lease.

use std::{sync::Arc, time::Duration};

use lcr_model::SystemClock;
use lcr_operator::{Operator, lease::Lease, process::is_defined};
use lcr_runtime::Stop;

use crate::{
    api::soon,
    scene::{ENTRIES, POLICIES, SYSTEMS, Scene, fhir},
};

/// Starts everything on the scene's API server.
fn start(scene: Scene, stop: &Stop) -> tokio::task::JoinHandle<std::io::Result<()>> {
    scene.leads.send_replace(false);
    let lease =
        Lease::new(scene.api.client(), "lcr", "lcr-operator", "lcr-operator-0", Arc::new(SystemClock));
    let Scene { context, writer, again, leads, .. } = scene;
    tokio::spawn(Operator { context, writer, again, lease, leads }.run(stop.clone()))
}

fn ready(api: &crate::api::Api) -> usize {
    let says = |one: &serde_json::Value| {
        let all = one["status"]["conditions"].as_array().cloned().unwrap_or_default();
        all.iter().any(|one| one["type"] == "Ready" && one["status"] == "True")
    };
    api.all(SYSTEMS).iter().filter(|one| says(one)).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_hundred_systems_are_ready_in_thirty_seconds_and_then_nothing_is_written() {
    let (scene, stop) = (Scene::new(), Stop::new());
    let (api, registrar) = (scene.api.clone(), scene.registrar.clone());
    for at in 0..300 {
        // Feeds: whether a host answers depends on where the test runs.
        let mut feed = fhir(&format!("pas-{at}"));
        feed["spec"]["protocol"] = "hl7v2-mllp".into();
        feed["spec"].as_object_mut().unwrap().remove("endpoint");
        feed["spec"]["senders"] = serde_json::json!([{"application": "PAS", "facility": format!("RR8{at}")}]);
        api.put(SYSTEMS, feed);
    }
    let running = start(scene, &stop);
    let counted = api.clone();
    soon(move || ready(&counted) == 300).await;
    assert_eq!(registrar.sets.lock().unwrap().last().unwrap().systems.len(), 300);
    tokio::time::sleep(Duration::from_secs(2)).await;
    api.forget_requests();
    tokio::time::sleep(Duration::from_secs(4)).await;
    assert_eq!(api.writes().len(), 0, "{:?}", api.writes().first());
    stop.cancel();
    running.await.unwrap().unwrap();
    let lease = api.get("apis/coordination.k8s.io/v1/namespaces/lcr/leases", "lcr-operator").unwrap();
    assert!(lease["spec"].get("holderIdentity").is_none(), "given back");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_applied_changed_taken_away_or_deleted_is_followed() {
    let (scene, stop) = (Scene::new(), Stop::new());
    let (api, registrar) = (scene.api.clone(), scene.registrar.clone());
    let running = start(scene, &stop);
    api.put(SYSTEMS, fhir("pas"));
    let seen = api.clone();
    soon(move || ready(&seen) == 1 && seen.get(POLICIES, "rr8-pas").is_some()).await;
    api.delete(POLICIES, "rr8-pas");
    let seen = api.clone();
    soon(move || seen.get(POLICIES, "rr8-pas").is_some()).await;
    let mut moved = fhir("pas");
    moved["spec"]["endpoint"] = "https://elsewhere.invalid/r4".into();
    api.put(SYSTEMS, moved);
    let seen = api.clone();
    soon(move || {
        seen.get(ENTRIES, "elsewhere.invalid").is_some() && seen.get(ENTRIES, "pas.invalid").is_none()
    })
    .await;
    api.delete(SYSTEMS, "rr8-pas");
    soon(move || registrar.sets.lock().unwrap().last().is_some_and(|set| set.systems.is_empty())).await;
    stop.cancel();
    running.await.unwrap().unwrap();
}

#[tokio::test]
async fn without_the_definition_it_does_not_start_and_says_what_installs_it() {
    let scene = Scene::new();
    scene.api.refuse(SYSTEMS, 404);
    let error = is_defined(&scene.api.client()).await.unwrap_err().to_string();
    assert!(error.contains("operator crd | kubectl apply --server-side -f -"), "{error}");
    scene.api.accept(SYSTEMS);
    assert!(is_defined(&scene.api.client()).await.is_ok());
}

#[test]
fn its_numbers_are_those_that_alarms_and_dashboards_know() {
    let meter = lcr_observe::Meter::new();
    let _ = lcr_operator::metrics::Metrics::new(&meter).unwrap();
    // As `tests/charts` holds them beside the golden list.
    let known = ["lcr_partner_systems gauge condition,status", "lcr_reconcile_failures_total counter reason"];
    assert_eq!(meter.described(), known);
}
