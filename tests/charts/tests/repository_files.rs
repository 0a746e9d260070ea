//! The files around the chart's templates: its README, the manifests of `k8s/`, the Tiltfile, the Dockerfiles. Rendered
//! objects are tested in the other suites.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::{collections::BTreeSet, fs, path::PathBuf};

use lcr_charts_tests::{
    chart, documents, k8s,
    objects::{containers, pods, text},
    read, schemas, tools, values_table,
};
use serde_json::Value;

#[test]
fn the_table_of_values_says_what_values_yaml_says() {
    let rows = values_table::rows(&read(&chart("values.yaml")).unwrap()).unwrap();
    let held = read(&chart("README.md")).unwrap();
    let now = values_table::insert_table(&held, &values_table::markdown(&rows)).unwrap();
    if std::env::var("LCR_GOLDEN").is_ok_and(|word| word == "update") {
        fs::write(chart("README.md"), &now).unwrap();
    }
    let held = read(&chart("README.md")).unwrap();
    assert!(held == now, "the chart's README is older than values.yaml: run this test with LCR_GOLDEN=update");
}

#[test]
fn manifests_beside_the_chart_are_valid() {
    let folder = lcr_testkit::data::folder("crd-schemas");
    for file in documents::manifest_files().unwrap() {
        let objects = documents::parse_file(&file).unwrap();
        schemas::validate_own_kinds(&objects).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        if let Some(folder) = &folder {
            let wrong = schemas::validate_other_kinds(&objects, folder).unwrap();
            assert!(wrong.is_empty(), "{}: {}", file.display(), wrong.join("\n"));
        }
    }
}

#[test]
fn the_manifest_of_a_restored_database_is_valid_and_reads_from_the_live_ones_backups() {
    let page = read(&k8s("OPERATING.md")).unwrap();
    let shown = page.split("```yaml\n").nth(1).unwrap().split("```").next().unwrap();
    let shown = documents::parse(shown).unwrap();
    let live = documents::parse_file(&k8s("production/postgres-cluster.yaml")).unwrap();
    let source = shown[0].pointer("/spec/externalClusters/0/plugin/parameters").unwrap();
    assert_eq!(text(source, "/serverName"), text(&live[0], "/metadata/name"));
    let store = live.iter().find(|one| text(one, "/kind") == "ObjectStore").unwrap();
    assert_eq!(text(source, "/barmanObjectName"), text(store, "/metadata/name"));
    let own = text(&shown[0], "/spec/plugins/0/parameters/serverName");
    assert_ne!(own, text(source, "/serverName"), "the restored database would overwrite the original's backups");
    for alike in ["/spec/postgresql", "/spec/storage", "/spec/walStorage", "/spec/resources", "/spec/instances"] {
        assert_eq!(shown[0].pointer(alike), live[0].pointer(alike), "{alike}");
    }
    if let Some(folder) = lcr_testkit::data::folder("crd-schemas") {
        assert_eq!(schemas::validate_other_kinds(&shown, &folder).unwrap(), [] as [String; 0]);
    }
}

#[test]
fn development_services_are_restricted_too_and_pinned() {
    let files = documents::yaml_files(&k8s("backing")).unwrap();
    let objects: Vec<Value> = files.iter().flat_map(|file| documents::parse_file(file).unwrap()).collect();
    assert_eq!(pods(&objects).count(), 4);
    for (of, pod) in pods(&objects) {
        assert_eq!(pod.pointer("/securityContext/runAsNonRoot"), Some(&Value::Bool(true)), "{of}");
        assert_eq!(text(pod, "/securityContext/seccompProfile/type"), "RuntimeDefault", "{of}");
        for container in containers(pod) {
            let at = |pointer: &str| container.pointer(pointer).cloned().unwrap_or_default();
            assert_eq!(at("/securityContext/readOnlyRootFilesystem"), true, "{of}");
            assert_eq!(at("/securityContext/allowPrivilegeEscalation"), false, "{of}");
            assert_eq!(at("/securityContext/capabilities/drop/0"), "ALL", "{of}");
            let tag = text(container, "/image").rsplit_once(':').unwrap().1;
            let version = tag.trim_start_matches('v');
            let one = version.starts_with(|first: char| first.is_ascii_digit()) && version.contains('.');
            assert!(one, "{of}: {tag} is not one version");
        }
    }
}

#[test]
fn the_database_for_development_has_a_schema_for_each_service_that_stores() {
    let manifests = documents::parse_file(&k8s("backing/postgres.yaml")).unwrap();
    let script = text(&manifests[0], "/data/services.sh");
    let made = script.split("for service in ").nth(1).unwrap().split(';').next().unwrap();
    let made: BTreeSet<String> = made.split_whitespace().map(|one| one.replace('_', "-")).collect();
    assert_eq!(made, storing(), "k8s/backing/postgres.yaml");
    let live = read(&k8s("production/postgres-cluster.yaml")).unwrap();
    for service in made.iter().map(|one| one.replace('-', "_")) {
        assert!(live.contains(&format!("create schema {service} authorization {service};")), "{service}");
        assert!(live.contains(&format!("{{name: {service}, ensure: present")), "{service}");
    }
}

/// The services that have a database, by `values.yaml`.
fn storing() -> BTreeSet<String> {
    let values = documents::parse_single(&chart("values.yaml")).unwrap();
    let services = values.pointer("/services").unwrap().as_object().unwrap();
    let stores = services.iter().filter(|(_, spec)| spec.to_string().contains("\"postgres\""));
    stores.map(|(name, _)| name.clone()).collect()
}

#[test]
fn yaml_is_tidy() {
    let mut command = tools::from_package("yamllint").unwrap();
    command.args(["--strict", "--config-file"]).arg(lcr_testkit::root().join("tests/charts/yamllint.yaml"));
    command.args([chart("values.yaml"), chart("Chart.yaml"), chart("ci"), chart("files"), k8s("")]);
    tools::run(&mut command).unwrap();
}

#[test]
fn the_tiltfile_is_tidy() {
    let mut command = tools::buildifier().unwrap();
    // The comment at the top replaces the docstring.
    command.args(["--lint=warn", "--mode=check", "--type=default", "--warnings=-module-docstring"]);
    tools::run(command.arg(lcr_testkit::root().join("Tiltfile"))).unwrap();
}

#[test]
fn the_tiltfile_builds_each_service_and_gives_it_a_resource() {
    let root = lcr_testkit::root();
    let mut command = tools::python().unwrap();
    command.arg("-B").arg(root.join("tests/charts/tiltfile.py")).arg(root.join("Tiltfile"));
    let calls: Value = serde_json::from_str(&tools::run(&mut command).unwrap()).unwrap();
    let named = |builtin: &str, at: &str| -> BTreeSet<String> {
        let all = calls.as_array().unwrap().iter().filter(|call| text(call, "/builtin") == builtin);
        all.map(|call| text(call, at).to_owned()).collect()
    };
    let values = documents::parse_single(&chart("values.yaml")).unwrap();
    let services: Vec<&String> = values.pointer("/services").unwrap().as_object().unwrap().keys().collect();
    let (images, resources) = (named("docker_build", "/positional/0"), named("k8s_resource", "/positional/0"));
    for service in &services {
        let image = format!("{}/{service}", text(&values, "/image/registry"));
        assert!(images.contains(&image), "{service} is not built");
        assert!(resources.contains(&format!("lcr-{service}")), "{service} has no resource");
    }
    assert_eq!(images.len(), services.len());
    let clusters = calls.as_array().unwrap().iter().find(|call| text(call, "/builtin") == "allow_k8s_contexts");
    let clusters = clusters.unwrap().pointer("/positional/0").unwrap().as_array().unwrap();
    let local = |one: &Value| ["kind-", "k3d-"].iter().any(|start| one.as_str().unwrap().starts_with(start));
    assert!(clusters.iter().all(local), "only clusters on this machine: {clusters:?}");
    assert_eq!(named("helm", "/positional/0"), BTreeSet::from(["charts/leeds-care-record".to_owned()]));
}

#[test]
fn dockerfiles_are_tidy() {
    let places = ["Dockerfile", "services/Dockerfile", "k8s/Dockerfile", ".ci/Dockerfile"];
    let found: Vec<PathBuf> =
        places.iter().map(|place| lcr_testkit::root().join(place)).filter(|path| path.is_file()).collect();
    if found.is_empty() {
        println!("skipped: there is no Dockerfile in {places:?}");
        return;
    }
    tools::run(tools::from_package("hadolint").unwrap().args(found)).unwrap();
}
