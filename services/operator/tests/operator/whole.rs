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

/// Ours is done; whether the host answers depends on where the test runs, and this one has no address anywhere.
fn is_in_place(api: &crate::api::Api) -> bool {
    let all = api.all(SYSTEMS);
    let conditions = all.first().and_then(|one| one["status"]["conditions"].as_array().cloned());
    conditions.unwrap_or_default().iter().any(|one| one["type"] == "Ready" && one["reason"] == "NotAnswering")
}

/// How many have all four conditions, and the reason why each that does not answer is not ready.
fn known(api: &crate::api::Api) -> usize {
    let says = |one: &serde_json::Value| {
        let all = one["status"]["conditions"].as_array().cloned().unwrap_or_default();
        let is = |type_: &str, reason: &str| {
            all.iter().any(|one| one["type"] == type_ && one["status"] == "False" && one["reason"] == reason)
        };
        is("Reachable", "TimedOut") && is("Ready", "NotAnswering")
    };
    api.all(SYSTEMS).iter().filter(|one| says(one)).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_hundred_that_do_not_answer_have_their_conditions_in_thirty_seconds() {
    let rules = lcr_web::EgressRules { loopback: true, ..lcr_web::EgressRules::default() };
    let (scene, stop) = (Scene::looking(rules), Stop::new());
    let api = scene.api.clone();
    api.takes(Duration::from_millis(20));
    // Each takes the connection and says nothing for ever: the longest that a look may take.
    let mut silent = vec![];
    for at in 0..300 {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let mut system = fhir(&format!("pas-{at}"));
        let port = listener.local_addr().unwrap().port();
        system["spec"]["endpoint"] = format!("https://localhost:{port}/r4").into();
        api.put(SYSTEMS, system);
        silent.push(listener);
    }
    let begun = std::time::Instant::now();
    let running = start(scene, &stop);
    while known(&api) < 300 {
        assert!(begun.elapsed() < Duration::from_secs(30), "{} after {:?}", known(&api), begun.elapsed());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    println!("300 conditions in {:?}", begun.elapsed());
    stop.cancel();
    running.await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_applied_changed_taken_away_or_deleted_is_followed() {
    let (scene, stop) = (Scene::new(), Stop::new());
    let (api, registrar) = (scene.api.clone(), scene.registrar.clone());
    let running = start(scene, &stop);
    api.put(SYSTEMS, fhir("pas"));
    let seen = api.clone();
    soon(move || is_in_place(&seen) && seen.get(POLICIES, "rr8-pas").is_some()).await;
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
