//! Tests of `cluster.rs`.

use serde_json::json;

use super::*;

fn pod(service: &str, ready: &str, waiting: &Value) -> Value {
    json!({ "metadata": { "name": format!("lcr-{service}-1"), "labels": { "app.kubernetes.io/name": service } },
                "status": { "phase": "Running", "conditions": [{ "type": "Ready", "status": ready }],
                            "containerStatuses": [{ "name": service, "state": waiting }] } })
}

fn workloads(names: &[&str]) -> Value {
    let one = |name: &&str| json!({ "metadata": { "labels": { "app.kubernetes.io/name": name } } });
    json!({ "items": names.iter().map(one).collect::<Vec<_>>() })
}

#[test]
fn each_service_of_the_release_is_listed_with_advice() {
    let crash = json!({ "waiting": { "reason": "CrashLoopBackOff" } });
    let pods = json!({ "items": [
            pod("audit", "True", &json!({ "running": {} })),
            pod("consent", "True", &json!({})),
            pod("consent", "False", &crash),
        ] });
    let found = check_services(&workloads(&["audit", "consent", "feeds"]), &pods);
    let of = |service| found.iter().find(|one| one.service == service).unwrap();
    assert_eq!((of("audit").is_healthy, of("audit").summary.as_str()), (true, "1 of 1 ready"));
    assert!(!of("consent").is_healthy && of("consent").summary.contains("1 of 2 ready consent CrashLoopBackOff"));
    assert_eq!(of("consent").pods.len(), 2, "the pod that is not ready is asked too");
    assert!(of("feeds").summary.starts_with("no pod"));
    assert_eq!(found.len(), 3, "services outside the release are not listed");
}

#[test]
fn a_release_in_one_pod_is_listed_as_one_service() {
    let pods = json!({ "items": [pod("all-in-one", "True", &json!({}))] });
    let found = check_services(&workloads(&["all-in-one"]), &pods);
    assert_eq!((found.len(), found[0].is_healthy), (1, true));
    assert!(check_services(&workloads(&[]), &pods).is_empty());
}

#[test]
fn missing_parts_of_a_service_are_named() {
    let missing = |text: &str| missing_parts(text).unwrap_or_default();
    let without_bus = r#"200 {"ready":true,"parts":{"store":"ready","bus":"not connected"}}"#;
    assert_eq!(missing(without_bus), "bus: not connected");
    assert_eq!(missing(r#"200 {"ready":true,"parts":{"store":"ready"}}"#), "has all it needs");
    assert_eq!(missing("503 {\"ready\":false,\"missing\":\"store: no connection\"}\n"), "store: no connection");
    assert_eq!(missing_parts("command terminated"), None);
}
