//! Reconciling one system: what is written, and when nothing is.

use http::Method;
use jiff::SignedDuration;
use lcr_operator::reconcile::{error_policy, reconcile};
use serde_json::json;

use crate::scene::{ENTRIES, EVENTS, POLICIES, SYSTEMS, Scene, fhir};

#[tokio::test]
async fn a_new_system_gets_mesh_objects_a_status_and_one_event() {
    let mut scene = Scene::new();
    scene.api.put(SYSTEMS, fhir("pas"));
    scene.reconcile_all().await;
    let entry = scene.api.get(ENTRIES, "pas.invalid").unwrap();
    assert_eq!(entry["metadata"]["ownerReferences"][0]["uid"], "uid-rr8-pas");
    let policy = scene.api.get(POLICIES, "rr8-pas").unwrap();
    let who = &policy["spec"]["rules"][0]["from"][0]["source"]["principals"];
    let account = |service: &str| format!("cluster.local/ns/lcr/sa/lcr-{service}");
    assert_eq!(*who, json!([account("record-aggregation"), account("identity"), account("operator")]));
    assert_eq!(scene.condition("rr8-pas", "AgreementCurrent"), "True Current");
    assert_eq!(scene.condition("rr8-pas", "Ready"), "False NotRegistered");
    scene.wait_for_probes(1).await;
    lcr_operator::reconcile::pass::run_once(&scene.context).await.unwrap();
    scene.reconcile_all().await;
    assert_eq!(scene.condition("rr8-pas", "Reachable"), "False NoAddress");
    assert_eq!(scene.condition("rr8-pas", "Ready"), "False NotAnswering");
    assert_eq!(scene.api.get(SYSTEMS, "rr8-pas").unwrap()["status"]["observedGeneration"], 1);
    assert_eq!(scene.api.all(EVENTS).len(), 2, "one for each change of Ready");
}

#[tokio::test]
async fn a_cluster_at_rest_is_read_but_never_written() {
    let mut scene = Scene::new();
    for at in 0..300 {
        let mut one = fhir(&format!("pas-{at}"));
        // A name that resolves everywhere without delay, at an address that may not be probed.
        one["spec"]["endpoint"] = json!(format!("https://localhost:{}/r4", 10_000 + at));
        scene.api.put(SYSTEMS, one);
    }
    scene.reconcile_all().await;
    scene.wait_for_probes(300).await;
    lcr_operator::reconcile::pass::run_once(&scene.context).await.unwrap();
    scene.reconcile_all().await;
    scene.api.forget_requests();
    for _ in 0..3 {
        scene.clock.advance(SignedDuration::from_mins(6));
        scene.reconcile_all().await;
        lcr_operator::reconcile::pass::run_once(&scene.context).await.unwrap();
    }
    assert_eq!(scene.api.writes().len(), 0, "{:?}", scene.api.writes().first());
    assert!(scene.api.requests().len() >= 1800, "it still reads");
}

#[tokio::test]
async fn every_apply_is_complete_and_forced_with_the_field_manager_of_its_kind() {
    let mut scene = Scene::new();
    scene.api.put(SYSTEMS, fhir("pas"));
    scene.reconcile_all().await;
    let applied: Vec<_> = scene.api.writes().into_iter().filter(|one| one.method == Method::PATCH).collect();
    let managers: Vec<&str> = applied
        .iter()
        .map(|one| one.query.split('&').find_map(|pair| pair.strip_prefix("fieldManager=")).unwrap())
        .collect();
    assert_eq!(managers, ["lcr-operator", "lcr-operator", "lcr-operator-status"]);
    for one in &applied {
        assert!(one.query.contains("force=true"), "{one:?}");
        for read in ["managedFields", "resourceVersion", "uid", "generation"] {
            assert!(one.body["metadata"].get(read).is_none(), "{read}: {one:?}");
        }
    }
    let status = applied.last().unwrap();
    assert!(status.path.ends_with("/status") && status.body.get("spec").is_none(), "{status:?}");
    assert_eq!(status.body["status"]["conditions"].as_array().unwrap().len(), 6, "all of them, every time");
}

#[tokio::test]
async fn what_others_changed_is_put_right() {
    let mut scene = Scene::new();
    scene.api.put(SYSTEMS, fhir("pas"));
    scene.reconcile_all().await;
    let mut policy = scene.api.get(POLICIES, "rr8-pas").unwrap();
    policy["spec"]["rules"][0]["from"][0]["source"]["principals"] = json!(["cluster.local/ns/other/sa/guest"]);
    scene.api.put(POLICIES, policy.clone());
    scene.reconcile_all().await;
    assert!(!scene.api.get(POLICIES, "rr8-pas").unwrap().to_string().contains("guest"));
}

#[tokio::test]
async fn the_entry_of_a_sign_in_provider_on_the_same_host_is_not_taken_over() {
    let mut scene = Scene::new();
    let labels = json!({"app.kubernetes.io/name": "providers"});
    scene.api.put(
        ENTRIES,
        json!({"metadata": {"name": "pas.invalid", "labels": labels}, "spec": {"hosts": ["pas.invalid"]}}),
    );
    let before = scene.api.get(ENTRIES, "pas.invalid").unwrap();
    scene.api.put(SYSTEMS, fhir("pas"));
    scene.reconcile_all().await;
    assert_eq!(scene.api.get(ENTRIES, "pas.invalid").unwrap(), before);
    let policy = scene.api.get(POLICIES, "rr8-pas").unwrap();
    assert_eq!(policy["spec"]["targetRefs"][0]["name"], "pas.invalid", "the way is open by the system's own policy");
}

#[tokio::test]
async fn a_status_older_than_the_last_one_written_is_not_written_twice() {
    let mut scene = Scene::new();
    scene.api.put(SYSTEMS, fhir("pas"));
    let stale = scene.refresh_watch();
    reconcile(stale[0].clone(), scene.context.clone()).await.unwrap();
    scene.wait_for_probes(1).await;
    reconcile(stale[0].clone(), scene.context.clone()).await.unwrap();
    let first = scene.api.get(SYSTEMS, "rr8-pas").unwrap();
    scene.clock.advance(SignedDuration::from_secs(30));
    reconcile(stale[0].clone(), scene.context.clone()).await.unwrap();
    assert_eq!(scene.api.get(SYSTEMS, "rr8-pas").unwrap(), first);
}

#[tokio::test]
async fn a_failure_is_counted_shown_in_the_status_and_retried() {
    let mut scene = Scene::new();
    scene.api.put(SYSTEMS, fhir("pas"));
    scene.api.refuse(ENTRIES, 403);
    let system = scene.refresh_watch()[0].clone();
    let failure = reconcile(system.clone(), scene.context.clone()).await.unwrap_err();
    assert_eq!(failure.reason(), "forbidden");
    assert_eq!(scene.condition("rr8-pas", "Ready"), "False WayNotOpen");
    error_policy(system, &failure, scene.context.clone());
    let text = scene.meter.text();
    assert!(text.contains(r#"lcr_reconcile_failures_total{reason="forbidden"} 1"#), "{text}");
    scene.api.stop_refusing(ENTRIES);
    scene.reconcile_all().await;
    assert_eq!(scene.condition("rr8-pas", "Ready"), "False NotRegistered");
}

#[tokio::test]
async fn without_a_mesh_no_mesh_objects_are_written() {
    let mut scene = Scene::with_mesh_scope(None);
    scene.api.put(SYSTEMS, fhir("pas"));
    scene.reconcile_all().await;
    scene.wait_for_probes(1).await;
    lcr_operator::reconcile::pass::run_once(&scene.context).await.unwrap();
    scene.reconcile_all().await;
    assert_eq!(scene.condition("rr8-pas", "Ready"), "False NotAnswering");
    assert!(scene.api.requests().iter().all(|one| !one.path.contains("istio.io")));
}

#[tokio::test]
async fn a_replica_that_is_not_leader_writes_nothing() {
    let mut scene = Scene::new();
    scene.api.put(SYSTEMS, fhir("pas"));
    scene.leader_sender.send_replace(false);
    scene.reconcile_all().await;
    assert_eq!(scene.api.requests().len(), 0);
}

#[tokio::test]
async fn no_finalizer_is_ever_set() {
    let mut scene = Scene::new();
    scene.api.put(SYSTEMS, fhir("pas"));
    scene.reconcile_all().await;
    assert!(scene.api.get(SYSTEMS, "rr8-pas").unwrap()["metadata"].get("finalizers").is_none());
}
