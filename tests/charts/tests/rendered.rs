//! Every values file renders valid objects, the same each time, with no more objects and rights than intended. The
//! properties of pods must be tested in `pods.rs`.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use lcr_charts_tests::{
    helm,
    objects::{list, of_kind, pods, service, text, title, workloads},
    schemas,
};
use serde_json::{Value, json};

/// Runs a check over the objects of every values file.
fn for_every_values_file(check: impl Fn(&str, &[Value])) {
    for file in helm::values_files().unwrap() {
        check(&file.file_name().unwrap().to_string_lossy(), &helm::objects(&file).unwrap());
    }
}

#[test]
fn helm_lint_reports_nothing() {
    for file in helm::values_files().unwrap() {
        let output = helm::lint(&file).unwrap();
        assert!(!output.contains("[WARNING]") && !output.contains("[ERROR]"), "{}: {output}", file.display());
    }
}

#[test]
fn kubernetes_own_kinds_are_valid() {
    for_every_values_file(|file, objects| {
        schemas::validate_own_kinds(objects).unwrap_or_else(|error| panic!("{file}: {error}"));
    });
}

#[test]
fn all_other_kinds_are_valid_and_have_a_schema() {
    let Some(folder) = lcr_testkit::data::folder("crd-schemas") else { return };
    for_every_values_file(|file, objects| {
        let wrong = schemas::validate_other_kinds(objects, &folder).unwrap();
        assert!(wrong.is_empty(), "{file}: {}", wrong.join("\n"));
    });
}

/// Overrides of the production values.
const SWITCHES: &[&[&str]] = &[
    &["mesh.enabled=false"],
    &["network.enabled=false", "monitoring.inMesh=true"],
    &["route.regularExpressions=false", "route.inMesh=false"],
    &["monitoring.inMesh=true", "monitoring.labels={}"],
    &["mllp={\"enabled\":false}"],
    &["services.operator.enabled=false", "crds.install=false"],
    &["otlpEndpoint=\"\"", "egressAllow=[]", "providers=[]"],
    &[
        "image.pullSecrets=[{\"name\":\"registry\"}]",
        "podAnnotations={\"a\":\"b\"}",
        "trustBundle.configMap=\"site-trust\"",
    ],
    &["defaults.nodeSelector={\"pool\":\"clinical\"}", "defaults.priorityClassName=\"clinical\""],
    &["defaults.tolerations=[{\"key\":\"clinical\",\"operator\":\"Exists\",\"effect\":\"NoSchedule\"}]"],
];

#[test]
fn every_switch_leaves_valid_objects() {
    let folder = lcr_testkit::data::folder("crd-schemas");
    for set in SWITCHES {
        let objects = helm::objects_with(&helm::values("production"), set).unwrap();
        schemas::validate_own_kinds(&objects).unwrap_or_else(|error| panic!("{set:?}: {error}"));
        if let Some(folder) = &folder {
            let wrong = schemas::validate_other_kinds(&objects, folder).unwrap();
            assert!(wrong.is_empty(), "{set:?}: {}", wrong.join("\n"));
        }
    }
}

#[test]
fn a_wrong_key_is_an_error_in_every_kind() {
    let mut objects = helm::objects(&helm::values("production")).unwrap();
    let deployment = objects.iter_mut().find(|one| text(one, "/kind") == "Deployment").unwrap();
    deployment["spec"]["template"]["spec"]["containers"][0]["containrPort"] = json!(1);
    assert!(schemas::validate_own_kinds(&objects).unwrap_err().contains("containrPort"));
    let Some(folder) = lcr_testkit::data::folder("crd-schemas") else { return };
    let route = objects.iter_mut().find(|one| text(one, "/kind") == "HTTPRoute").unwrap();
    route["spec"]["rules"][0]["timeout"] = json!("0s");
    let wrong = schemas::validate_other_kinds(&objects, &folder).unwrap();
    assert!(wrong.len() == 1 && wrong[0].contains("timeout"), "{wrong:?}");
    objects.push(json!({"apiVersion": "example.org/v1", "kind": "Unknown", "metadata": {"name": "x"}}));
    assert!(schemas::validate_other_kinds(&objects, &folder).unwrap_err().contains("Unknown/x has no schema"));
}

#[test]
fn the_route_keeps_to_the_standard_channel() {
    let objects = helm::objects(&helm::values("production")).unwrap();
    let route = of_kind(&objects, "HTTPRoute").next().unwrap();
    for rule in list(route, "/spec/rules") {
        let keys: Vec<&str> = rule.as_object().unwrap().keys().map(String::as_str).collect();
        assert!(keys.iter().all(|key| ["matches", "timeouts", "backendRefs"].contains(key)), "{keys:?}");
    }
    let streams = &list(route, "/spec/rules")[0];
    assert_eq!(text(streams, "/timeouts/request"), "0s", "a stream lasts for as long as somebody reads it");
    assert_eq!(list(streams, "/matches").len(), 3);
}

#[test]
fn every_service_port_names_its_protocol() {
    for_every_values_file(|file, objects| {
        for one in of_kind(objects, "Service") {
            for port in list(one, "/spec/ports") {
                assert!(!text(port, "/appProtocol").is_empty(), "{file}: {}", title(one));
            }
        }
    });
}

#[test]
fn a_workload_with_an_autoscaler_sets_no_replicas() {
    let objects = helm::objects(&helm::values("production")).unwrap();
    let scaled: Vec<&str> = of_kind(&objects, "HorizontalPodAutoscaler").map(service).collect();
    assert!(scaled.contains(&"gateway") && scaled.contains(&"record-aggregation"), "{scaled:?}");
    for workload in workloads(&objects) {
        let says = workload.pointer("/spec/replicas").is_some();
        assert_eq!(says, !scaled.contains(&service(workload)), "{}", title(workload));
    }
}

#[test]
fn the_chart_creates_no_secret_except_the_key_of_a_trial() {
    for_every_values_file(|file, objects| {
        let made: Vec<String> = of_kind(objects, "Secret").map(title).collect();
        let expected: &[&str] = if file == "minimal-values.yaml" { &["Secret/lcr-trial"] } else { &[] };
        assert_eq!(made, expected, "{file}");
    });
}

#[test]
fn a_live_platform_renders_the_same_every_time() {
    let values = helm::values("production");
    assert_eq!(helm::render(&values, &[]).unwrap(), helm::render(&values, &[]).unwrap());
}

#[test]
fn a_changed_setting_restarts_only_the_services_that_read_it() {
    let values = helm::values("production");
    let pods = |set: &[&str]| -> Vec<(String, String)> {
        let objects = helm::objects_with(&values, set).unwrap();
        let pod = |one: &Value| one.pointer("/spec/template").unwrap().to_string();
        workloads(&objects).map(|one| (service(one).to_owned(), pod(one))).collect()
    };
    let (before, after) = (pods(&[]), pods(&["deadlineMs=1500"]));
    let changed: Vec<&str> =
        before.iter().zip(&after).filter(|(was, is)| was != is).map(|(was, _)| was.0.as_str()).collect();
    assert_eq!(changed, ["record-aggregation"]);
}

/// One line for each right: namespace, resource, verbs, and the object's name if it is limited to one.
fn rights(objects: &[Value]) -> Vec<String> {
    let mut given: Vec<String> = vec![];
    for role in objects.iter().filter(|one| matches!(text(one, "/kind"), "Role" | "ClusterRole")) {
        for rule in list(role, "/rules") {
            let words = |at: &str| -> Vec<&str> { list(rule, at).iter().filter_map(Value::as_str).collect() };
            let place = match text(role, "/kind") {
                "ClusterRole" => "everywhere",
                _ => text(role, "/metadata/namespace"),
            };
            let (groups, resources) = (words("/apiGroups").join(","), words("/resources").join(","));
            let only = match words("/resourceNames")[..] {
                [name] => format!(" (only {name})"),
                _ => String::new(),
            };
            given.push(format!("{place}: {resources}.{groups} {}{only}", words("/verbs").join(" ")));
        }
    }
    given.sort();
    given
}

#[test]
fn the_operator_has_the_agreed_rights_and_reads_only_the_secrets_of_partners() {
    let given = rights(&helm::objects(&helm::values("production")).unwrap());
    lcr_testkit::golden::compare("operator-rbac.txt", &given.join("\n")).unwrap();
    let secrets: Vec<&String> = given.iter().filter(|right| right.contains("secrets")).collect();
    assert_eq!(secrets, ["lcr-partners: secrets. get"]);
    let none = helm::objects_with(&helm::values("production"), &[r#"partnerCredentials.namespace="""#]).unwrap();
    assert!(!rights(&none).join(" ").contains("secrets"), "without a namespace no right to read any");
    let without = helm::objects_with(&helm::values("production"), &["mesh.enabled=false"]).unwrap();
    assert!(!rights(&without).join(" ").contains("istio.io"), "without a mesh no right to write for it");
}

#[test]
fn objects_created_at_run_time_are_deleted_with_the_release() {
    for_every_values_file(|file, objects| {
        // Helm would not know a lease that the operator creates itself.
        let leases: Vec<String> = of_kind(objects, "Lease").map(title).collect();
        let operator = workloads(objects).any(|one| service(one) == "operator");
        let expected: &[&str] = if operator { &["Lease/lcr-operator"] } else { &[] };
        assert_eq!(leases, expected, "{file}");
        for lease in of_kind(objects, "Lease") {
            assert!(lease.pointer("/spec").is_none(), "{file}: who holds it is not helm's to say");
        }
        let hooks = objects.iter().filter(|one| one.pointer("/metadata/annotations/helm.sh~1hook").is_some());
        for hook in hooks {
            let gone = text(hook, "/metadata/annotations/helm.sh~1hook-delete-policy");
            for word in ["before-hook-creation", "hook-succeeded", "hook-failed"] {
                assert!(gone.split(',').any(|one| one == word), "{file}: {}: {word}", title(hook));
            }
        }
    });
}

#[test]
fn feeds_has_one_replica_and_no_autoscaler() {
    let objects = helm::objects(&helm::values("production")).unwrap();
    let feeds = workloads(&objects).find(|one| service(one) == "feeds").unwrap();
    assert_eq!(feeds.pointer("/spec/replicas"), Some(&json!(1)));
    assert!(!of_kind(&objects, "HorizontalPodAutoscaler").any(|one| service(one) == "feeds"));
}

#[test]
fn the_definition_of_partner_system_outlives_the_release() {
    let objects = helm::objects(&helm::values("production")).unwrap();
    let definition = of_kind(&objects, "CustomResourceDefinition").next().unwrap();
    assert_eq!(text(definition, "/metadata/annotations/helm.sh~1resource-policy"), "keep");
    let without = helm::objects_with(&helm::values("production"), &["crds.install=false"]).unwrap();
    assert_eq!(of_kind(&without, "CustomResourceDefinition").count(), 0);
}

#[test]
fn each_image_is_pinned_by_its_own_digest() {
    let (one, other) = (format!("sha256:{}", "a".repeat(64)), format!("sha256:{}", "b".repeat(64)));
    let set = [
        format!(r#"services.consent.digest="{one}""#),
        format!(r#"services.gateway.digest="{other}""#),
        r#"image.tag="built""#.to_owned(),
        r#"image.registry="localhost/leeds-care-record""#.to_owned(),
    ];
    let set: Vec<&str> = set.iter().map(String::as_str).collect();
    let objects = helm::objects_with(&helm::values("production"), &set).unwrap();
    let image = |of: &str| {
        let (_, pod) = pods(&objects).find(|(name, _)| name.ends_with(of)).unwrap();
        text(pod, "/containers/0/image").to_owned()
    };
    assert_eq!(image("lcr-consent"), format!("localhost/leeds-care-record/consent@{one}"));
    assert_eq!(image("lcr-test"), format!("localhost/leeds-care-record/gateway@{other}"));
    assert_eq!(image("lcr-audit"), "localhost/leeds-care-record/audit:built");
    let set = [format!(r#"allInOne.digest="{one}""#)];
    let objects = helm::objects_with(&helm::values("all-in-one"), &[set[0].as_str()]).unwrap();
    for (of, pod) in pods(&objects) {
        assert!(text(pod, "/containers/0/image").ends_with(&format!("/all-in-one@{one}")), "{of}");
    }
}

#[test]
fn the_all_in_one_pod_needs_no_other_object() {
    let objects = helm::objects(&helm::values("all-in-one")).unwrap();
    let kinds: Vec<String> = workloads(&objects).map(title).collect();
    assert_eq!(kinds, ["StatefulSet/lcr-all-in-one"]);
    let (_, pod) = pods(&objects).next().unwrap();
    let names: Vec<&str> = list(pod, "/containers/0/env").iter().map(|one| text(one, "/name")).collect();
    assert_eq!(names, ["LCR_CONFIG", "LCR_DATA_DIR", "LCR_LISTEN", "LCR_PORT", "LCR_PUBLIC_ORIGIN", "LCR_LOG"]);
    for kind in ["Secret", "CustomResourceDefinition", "PersistentVolumeClaim"] {
        assert_eq!(of_kind(&objects, kind).count(), 0, "{kind}");
    }
    let data = json!({"name": "data", "emptyDir": {}});
    assert!(list(pod, "/volumes").contains(&data), "no storage class is needed");
    let stored = helm::objects_with(&helm::values("all-in-one"), &[r#"allInOne.storage="1Gi""#]).unwrap();
    let stored = workloads(&stored).next().unwrap();
    assert_eq!(list(stored, "/spec/volumeClaimTemplates").len(), 1);
    assert!(!list(stored, "/spec/template/spec/volumes").contains(&data), "one or the other");
}
