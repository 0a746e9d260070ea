//! Controller, pass and lease together, driven by watches.

use std::{sync::Arc, time::Duration};

use lcr_model::SystemClock;
use lcr_operator::{Operator, lease::Lease, process::check_definition_installed};
use lcr_runtime::Stop;
use lcr_testkit::{eventually, eventually_ok};

use crate::scene::{ENTRIES, POLICIES, SYSTEMS, Scene, fhir};

const LIMIT: Duration = Duration::from_secs(30);

/// Starts the operator on the scene's API server.
fn start(scene: Scene, stop: &Stop) -> tokio::task::JoinHandle<std::io::Result<()>> {
    scene.leader_sender.send_replace(false);
    let lease = Lease::new(scene.api.client(), "lcr", "lcr-operator", "lcr-operator-0", Arc::new(SystemClock));
    let Scene { context, writer, requeue, leader_sender, .. } = scene;
    tokio::spawn(Operator { context, writer, requeue, lease, leader: leader_sender }.run(stop.clone()))
}

fn count_ready(api: &crate::fake_api_server::FakeApiServer) -> usize {
    let matches = |one: &serde_json::Value| {
        let all = one["status"]["conditions"].as_array().cloned().unwrap_or_default();
        all.iter().any(|one| one["type"] == "Ready" && one["status"] == "True")
    };
    api.all(SYSTEMS).iter().filter(|one| matches(one)).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_hundred_systems_are_ready_in_thirty_seconds_and_then_nothing_is_written() {
    let (scene, stop) = (Scene::new(), Stop::new());
    let (api, registrar) = (scene.api.clone(), scene.registrar.clone());
    for at in 0..300 {
        // Feeds only: whether a host answers depends on where the test runs.
        let mut feed = fhir(&format!("pas-{at}"));
        feed["spec"]["protocol"] = "hl7v2-mllp".into();
        feed["spec"].as_object_mut().unwrap().remove("endpoint");
        feed["spec"]["senders"] = serde_json::json!([{"application": "PAS", "facility": format!("RR8{at}")}]);
        api.put(SYSTEMS, feed);
    }
    let running = start(scene, &stop);
    eventually(LIMIT, "all are ready", async || count_ready(&api) == 300).await;
    assert_eq!(registrar.sets.lock().unwrap().last().unwrap().systems.len(), 300);
    tokio::time::sleep(Duration::from_secs(2)).await;
    api.forget_requests();
    tokio::time::sleep(Duration::from_secs(4)).await;
    assert_eq!(api.writes().len(), 0, "{:?}", api.writes().first());
    stop.cancel();
    running.await.unwrap().unwrap();
    let lease = api.get("apis/coordination.k8s.io/v1/namespaces/lcr/leases", "lcr-operator").unwrap();
    assert!(lease["spec"].get("holderIdentity").is_none(), "released");
}

/// Whether the first system is registered. Its host has no address, so it never answers.
fn is_in_place(api: &crate::fake_api_server::FakeApiServer) -> bool {
    let all = api.all(SYSTEMS);
    let conditions = all.first().and_then(|one| one["status"]["conditions"].as_array().cloned());
    conditions.unwrap_or_default().iter().any(|one| one["type"] == "Ready" && one["reason"] == "NotAnswering")
}

/// Counts the systems whose probe timed out and whose conditions say so.
fn count_unreachable(api: &crate::fake_api_server::FakeApiServer) -> usize {
    let matches = |one: &serde_json::Value| {
        let all = one["status"]["conditions"].as_array().cloned().unwrap_or_default();
        let is = |type_: &str, reason: &str| {
            all.iter().any(|one| one["type"] == type_ && one["status"] == "False" && one["reason"] == reason)
        };
        is("Reachable", "TimedOut") && is("Ready", "NotAnswering")
    };
    api.all(SYSTEMS).iter().filter(|one| matches(one)).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_hundred_unreachable_systems_have_conditions_in_thirty_seconds() {
    let rules = lcr_web::EgressRules { loopback: true, ..lcr_web::EgressRules::default() };
    let (scene, stop) = (Scene::with_egress_rules(rules), Stop::new());
    let api = scene.api.clone();
    api.set_delay(Duration::from_millis(20));
    // Each host accepts the connection but never answers, so each probe runs into its timeout.
    let mut silent_listeners = vec![];
    for at in 0..300 {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let mut system = fhir(&format!("pas-{at}"));
        let port = listener.local_addr().unwrap().port();
        system["spec"]["endpoint"] = format!("https://localhost:{port}/r4").into();
        api.put(SYSTEMS, system);
        silent_listeners.push(listener);
    }
    let started = std::time::Instant::now();
    let running = start(scene, &stop);
    let all_unreachable = async || match count_unreachable(&api) {
        300 => Ok(()),
        count => Err(count),
    };
    eventually_ok(LIMIT, "all are unreachable", all_unreachable).await;
    println!("300 conditions in {:?}", started.elapsed());
    stop.cancel();
    running.await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn applied_changed_and_deleted_resources_are_followed() {
    let (scene, stop) = (Scene::new(), Stop::new());
    let (api, registrar) = (scene.api.clone(), scene.registrar.clone());
    let running = start(scene, &stop);
    api.put(SYSTEMS, fhir("pas"));
    let has_policy = || api.get(POLICIES, "rr8-pas").is_some();
    eventually(LIMIT, "the system is in place", async || is_in_place(&api) && has_policy()).await;
    api.delete(POLICIES, "rr8-pas");
    eventually(LIMIT, "the policy is restored", async || has_policy()).await;
    let mut moved = fhir("pas");
    moved["spec"]["endpoint"] = "https://elsewhere.invalid/r4".into();
    api.put(SYSTEMS, moved);
    let has_moved = || api.get(ENTRIES, "elsewhere.invalid").is_some() && api.get(ENTRIES, "pas.invalid").is_none();
    eventually(LIMIT, "its entry moves", async || has_moved()).await;
    api.delete(SYSTEMS, "rr8-pas");
    let is_unregistered = || registrar.sets.lock().unwrap().last().is_some_and(|set| set.systems.is_empty());
    eventually(LIMIT, "the system is unregistered", async || is_unregistered()).await;
    stop.cancel();
    running.await.unwrap().unwrap();
}

#[tokio::test]
async fn without_the_definition_the_operator_does_not_start_and_names_the_install_command() {
    let scene = Scene::new();
    scene.api.refuse(SYSTEMS, 404);
    let error = check_definition_installed(&scene.api.client()).await.unwrap_err().to_string();
    assert!(error.contains("operator crd | kubectl apply --server-side -f -"), "{error}");
    scene.api.stop_refusing(SYSTEMS);
    assert!(check_definition_installed(&scene.api.client()).await.is_ok());
}

#[test]
fn the_metrics_equal_those_of_alarms_and_dashboards() {
    let meter = lcr_observe::Meter::new();
    let _ = lcr_operator::metrics::Metrics::new(&meter).unwrap();
    // `tests/charts` has the same list beside the golden one.
    let expected = ["lcr_partner_systems gauge condition,status", "lcr_reconcile_failures_total counter reason"];
    assert_eq!(meter.described(), expected);
}
