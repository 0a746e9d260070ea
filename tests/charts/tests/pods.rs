//! The properties that every pod must have, checked for every values file of the chart.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use lcr_charts_tests::{
    helm,
    objects::{containers, list, of_kind, pods, service, settings, text, title, workloads},
};
use serde_json::{Value, json};

/// Runs a check over the objects of every values file.
fn for_every_values_file(check: impl Fn(&str, &[Value])) {
    for file in helm::values_files().unwrap() {
        check(&file.file_name().unwrap().to_string_lossy(), &helm::objects(&file).unwrap());
    }
}

#[test]
fn every_pod_keeps_to_the_restricted_standard() {
    for_every_values_file(|file, objects| {
        for (of, pod) in pods(objects) {
            let holds = |what: &str, ok: bool| assert!(ok, "{file}: {of}: {what}");
            let at = |pointer: &str| pod.pointer(pointer).cloned().unwrap_or_default();
            holds("not root", at("/securityContext/runAsNonRoot") == json!(true));
            holds("a user of its own", at("/securityContext/runAsUser") == json!(65532));
            holds("seccomp", at("/securityContext/seccompProfile/type") == json!("RuntimeDefault"));
            holds("no environment of other services", at("/enableServiceLinks") == json!(false));
            holds(
                "a token for the operator alone",
                at("/automountServiceAccountToken") == json!(of == "Deployment/lcr-operator"),
            );
            for forbidden in ["/hostNetwork", "/hostPID", "/hostIPC"] {
                holds(forbidden, pod.pointer(forbidden).is_none());
            }
        }
    });
}

#[test]
fn every_container_has_a_read_only_file_system_and_no_privileges() {
    for_every_values_file(|file, objects| {
        for (of, pod) in pods(objects) {
            for container in containers(pod) {
                let security = container.pointer("/securityContext").cloned().unwrap_or_default();
                let wanted = json!({"allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true,
                    "capabilities": {"drop": ["ALL"]}});
                assert_eq!(security, wanted, "{file}: {of}");
                assert!(!text(container, "/image").ends_with(":latest"), "{file}: {of}");
            }
        }
    });
}

#[test]
fn every_container_has_requests_and_a_memory_limit_but_no_cpu_limit() {
    for_every_values_file(|file, objects| {
        for (of, pod) in pods(objects) {
            for container in containers(pod) {
                let has = |at: &str| container.pointer(&format!("/resources/{at}")).is_some();
                assert!(has("requests/cpu") && has("requests/memory") && has("limits/memory"), "{file}: {of}");
                assert!(!has("limits/cpu"), "{file}: {of}: a CPU limit only adds waiting");
            }
        }
    });
}

#[test]
fn every_service_is_probed_on_its_admin_port_and_stops_in_order() {
    for_every_values_file(|file, objects| {
        for workload in workloads(objects) {
            let of = title(workload);
            let container = &list(workload, "/spec/template/spec/containers")[0];
            for (probe, path) in
                [("startupProbe", "/livez"), ("livenessProbe", "/livez"), ("readinessProbe", "/readyz")]
            {
                assert_eq!(text(container, &format!("/{probe}/httpGet/path")), path, "{file}: {of}");
                assert_eq!(text(container, &format!("/{probe}/httpGet/port")), "admin", "{file}: {of}");
            }
            let seconds = |at: &str| workload.pointer(at).and_then(Value::as_i64).unwrap_or_default();
            let sleep = container.pointer("/lifecycle/preStop/sleep/seconds").and_then(Value::as_i64).unwrap();
            let grace = seconds("/spec/template/spec/terminationGracePeriodSeconds");
            // A process stops within three seconds, so a pod stops within five.
            assert!(sleep == 2 && grace >= sleep + 10, "{file}: {of}: {sleep} s of sleep in {grace} s");
            if text(workload, "/kind") == "Deployment" {
                assert_eq!(seconds("/spec/strategy/rollingUpdate/maxUnavailable"), 0, "{file}: {of}");
                assert!(workload.pointer("/spec/strategy/rollingUpdate/maxUnavailable").is_some(), "{of}");
            }
        }
    });
}

#[test]
fn every_service_has_an_account_an_address_a_budget_and_a_policy_of_its_own() {
    for_every_values_file(|file, objects| {
        for workload in workloads(objects) {
            let of = service(workload);
            for kind in ["ServiceAccount", "Service", "PodDisruptionBudget", "NetworkPolicy"] {
                let own = of_kind(objects, kind).filter(|one| service(one) == of);
                assert!(own.count() >= 1, "{file}: {of} has no {kind}");
            }
            let account = text(workload, "/spec/template/spec/serviceAccountName");
            assert_eq!(account, format!("lcr-{of}"), "{file}");
            let budget = of_kind(objects, "PodDisruptionBudget").find(|one| service(one) == of).unwrap();
            assert_eq!(text(budget, "/spec/unhealthyPodEvictionPolicy"), "AlwaysAllow", "{file}: {of}");
        }
    });
}

#[test]
fn every_pod_carries_its_settings_so_that_an_old_pod_keeps_its_version() {
    for_every_values_file(|file, objects| {
        for workload in workloads(objects) {
            let of = title(workload);
            assert!(settings(workload).starts_with("# Settings of "), "{file}: {of}");
            let volumes = list(workload, "/spec/template/spec/volumes");
            let config = volumes.iter().find(|one| text(one, "/name") == "config").unwrap();
            let from = text(config, "/downwardAPI/items/0/fieldRef/fieldPath");
            assert_eq!(from, "metadata.annotations['leedscarerecord.uk/config']", "{file}: {of}");
            assert_eq!(text(config, "/downwardAPI/items/0/path"), "config.toml", "{file}: {of}");
        }
    });
}

#[test]
fn the_sites_own_certificate_authority_is_mounted_in_every_container() {
    let set = [r#"trustBundle={"configMap":"site-trust","key":"bundle.pem"}"#];
    for file in helm::values_files().unwrap() {
        let objects = helm::objects_with(&file, &set).unwrap();
        for workload in workloads(&objects) {
            let (of, pod) = (title(workload), workload.pointer("/spec/template/spec").unwrap());
            let bundle = json!({"name": "trust", "configMap": {"name": "site-trust"}});
            assert!(list(pod, "/volumes").contains(&bundle), "{of}");
            for container in containers(pod) {
                let given = json!({"name": "SSL_CERT_FILE", "value": "/etc/lcr/trust/bundle.pem"});
                assert!(list(container, "/env").contains(&given), "{of}");
                let seen = json!({"name": "trust", "mountPath": "/etc/lcr/trust", "readOnly": true});
                assert!(list(container, "/volumeMounts").contains(&seen), "{of}");
            }
        }
    }
    let set = [r#"trustBundle.configMap="""#];
    let production = helm::render(&helm::values("production"), &set).unwrap();
    assert!(!production.contains("SSL_CERT_FILE"), "public authorities are the default");
}

#[test]
fn only_the_init_container_of_a_storing_service_may_change_its_schema() {
    let objects = helm::objects(&helm::values("production")).unwrap();
    let has =
        |container: &Value, name: &str| list(container, "/env").iter().any(|variable| text(variable, "/name") == name);
    for workload in workloads(&objects) {
        let pod = workload.pointer("/spec/template/spec").unwrap();
        let main = &list(pod, "/containers")[0];
        assert!(!has(main, "LCR_MIGRATE_DATABASE_URL"), "{}", title(workload));
        let first = list(pod, "/initContainers").first();
        assert_eq!(first.is_some(), has(main, "LCR_DATABASE_URL"), "{}", title(workload));
        if let Some(migrate) = first {
            assert_eq!(migrate.pointer("/args"), Some(&json!(["migrate"])));
            assert!(has(migrate, "LCR_MIGRATE_DATABASE_URL"), "{}", title(workload));
            assert_eq!(text(migrate, "/image"), text(main, "/image"));
        }
    }
}
