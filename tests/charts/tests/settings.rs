//! The settings of each service are TOML with exactly the keys that the service accepts, because it stops at an unknown key.
//! They must contain no secret.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use lcr_charts_tests::{
    documents, helm, k8s,
    objects::{self, list, pods, service, text, workloads},
    read, tools,
};
use serde_json::{Value, json};

const READ: &str = "import json, sys, tomllib; print(json.dumps(tomllib.load(open(sys.argv[1], 'rb'))))";
const EVERYBODY: &[&str] = &["log", "otlp_endpoint", "listen", "admin_listen", "public_keys"];
const BUS: &[&str] = &["bus_url", "bus_replicas"];

/// The further keys of each service in production.
const OWN: &[(&str, &[&[&str]])] = &[
    (
        "gateway",
        &[
            &["cache_url", "public_origin", "identity_url", "consent_url", "patient_index_url"],
            &["record_aggregation_url", "virtual_ward_url", "audit_url", "feeds_url"],
            &["connections_per_peer"],
        ],
    ),
    ("identity", &[BUS, &["public_origin", "providers", "egress_allow"]]),
    ("consent", &[BUS, &["audit_url"]]),
    ("patient-index", &[BUS, &["consent_url", "searches_per_minute"]]),
    ("record-aggregation", &[BUS, &["cache_url", "patient_index_url", "consent_url", "deadline_ms", "egress_allow"]]),
    ("virtual-ward", &[BUS, &["consent_url"]]),
    ("audit", &[BUS]),
    ("feeds", &[BUS, &["mllp_listen", "mllp_certificate", "mllp_key", "mllp_client_ca"]]),
    (
        "operator",
        &[
            &["identity_url", "egress_namespace", "lease_namespace", "trust_domain"],
            &["application_namespace", "service_account_prefix", "egress_allow", "credentials_namespace"],
        ],
    ),
];

/// The settings of every service of a values file, read by Python's `tomllib`.
fn settings(values: &str) -> BTreeMap<String, Value> {
    settings_with(values, &[])
}

/// Like `settings`, with overrides.
fn settings_with(values: &str, set: &[&str]) -> BTreeMap<String, Value> {
    let folder = lcr_testkit::Folder::new("settings").unwrap();
    let objects = helm::objects_with(&helm::values(values), set).unwrap();
    let settings_of = workloads(&objects).map(|one| {
        let file = folder.path().join(service(one));
        fs::write(&file, objects::settings(one)).unwrap();
        let read = tools::run(tools::python().unwrap().args(["-c", READ]).arg(&file));
        let read = read.unwrap_or_else(|error| panic!("{values}: {}: {error}", service(one)));
        (service(one).to_owned(), serde_json::from_str(&read).unwrap())
    });
    settings_of.collect()
}

fn keys(settings: &Value) -> BTreeSet<&str> {
    settings.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn each_service_gets_exactly_the_keys_that_it_accepts() {
    let settings_of = settings("production");
    let named: BTreeSet<&str> = OWN.iter().map(|(name, _)| *name).collect();
    assert_eq!(settings_of.keys().map(String::as_str).collect::<BTreeSet<_>>(), named);
    for (name, own) in OWN {
        let wanted: BTreeSet<&str> = EVERYBODY.iter().chain(own.iter().copied().flatten()).copied().collect();
        assert_eq!(keys(&settings_of[*name]), wanted, "{name}");
    }
}

#[test]
fn numbers_are_numbers_and_lists_are_lists() {
    let settings_of = settings("production");
    let records = &settings_of["record-aggregation"];
    assert_eq!(records["deadline_ms"], json!(2000));
    assert_eq!(records["bus_replicas"], json!(3));
    assert_eq!(records["egress_allow"], json!(["10.0.0.0/8", "240.240.0.0/16", "2001:2::/48"]));
    assert_eq!(records["public_keys"].as_object().unwrap().len(), 9);
    let providers = settings_of["identity"]["providers"].as_array().unwrap();
    assert_eq!(providers.len(), 2);
    assert_eq!(providers[0]["organisations"], json!(["RR8", "RGD"]));
    assert_eq!(providers[1]["patients"], json!(true));
    assert_eq!(providers[1]["callback"], json!("nhs-login"));
    // Behind an ingress all users have the same peer address.
    assert_eq!(settings_of["gateway"]["connections_per_peer"], json!(4096));
    assert_eq!(settings_of["patient-index"]["searches_per_minute"], json!(60));
}

#[test]
fn in_a_trial_each_service_has_its_own_role_in_the_database_and_no_keys() {
    for (name, settings_of) in settings("minimal") {
        assert!(settings_of.get("public_keys").is_none(), "{name}");
        let stores = !["gateway", "operator"].contains(&name.as_str());
        let role = name.replace('-', "_");
        let address = json!(format!("postgres://{role}@postgres.lcr-backing:5432/lcr"));
        assert_eq!(settings_of.get("database_url"), stores.then_some(&address), "{name}");
    }
}

#[test]
fn all_in_one_gets_providers_by_its_file_and_other_settings_by_environment() {
    assert_eq!(keys(&settings("all-in-one")["all-in-one"]), BTreeSet::new());
    let set = [
        r#"providers=[{"issuer":"https://login.example.org","client_id":"lcr"}]"#,
        r#"egressAllow=["10.1.0.0/16","10.2.0.0/16"]"#,
        r#"otlpEndpoint="http://otel:4318""#,
        r#"log="debug""#,
    ];
    let settings_of = settings_with("all-in-one", &set);
    assert_eq!(keys(&settings_of["all-in-one"]), BTreeSet::from(["providers"]));
    assert_eq!(settings_of["all-in-one"]["providers"][0]["client_id"], json!("lcr"));
    let objects = helm::objects_with(&helm::values("all-in-one"), &set).unwrap();
    let workload = workloads(&objects).next().unwrap();
    let env = list(workload, "/spec/template/spec/containers/0/env");
    let env: BTreeMap<&str, &str> = env.iter().map(|one| (text(one, "/name"), text(one, "/value"))).collect();
    assert_eq!(env["LCR_EGRESS_ALLOW"], "10.1.0.0/16,10.2.0.0/16");
    assert_eq!(env["LCR_OTLP_ENDPOINT"], "http://otel:4318");
    assert_eq!(env["LCR_LOG"], "debug");
}

#[test]
fn on_a_laptop_users_belong_to_the_example_organisation() {
    let example = documents::parse_single(&k8s("examples/partnersystem.yaml")).unwrap();
    for values in ["minimal", "dev"] {
        let provider = &settings(values)["identity"]["providers"][0];
        assert_eq!(text(provider, "/organisation"), text(&example, "/spec/odsCode"), "{values}");
        assert_eq!(text(provider, "/organisations/0"), text(&example, "/spec/odsCode"), "{values}");
        assert_eq!(text(provider, "/role"), "gp", "{values}");
    }
}

#[test]
fn on_a_laptop_the_provider_has_one_name_and_one_certificate_authority() {
    let dex = documents::parse_file(&k8s("backing/dex.yaml")).unwrap();
    let config = text(&dex[0], "/data/config.yaml");
    let issuer = config.lines().find_map(|line| line.strip_prefix("issuer: ")).unwrap();
    let host = issuer.strip_prefix("https://").unwrap().split(':').next().unwrap();
    let script = read(&k8s("backing/trust.sh")).unwrap();
    assert!(script.contains(&format!("subjectAltName=DNS:{host}\"")), "{host}");
    let (_, pod) = pods(&dex).next().unwrap();
    let volumes = list(pod, "/volumes").iter();
    let secret = volumes.map(|one| text(one, "/secret/secretName")).find(|name| !name.is_empty()).unwrap();
    assert!(script.contains(&format!("create secret generic {secret} ")), "{secret}");
    for values in ["minimal", "dev"] {
        assert_eq!(settings(values)["identity"]["providers"][0]["issuer"], json!(issuer), "{values}");
        let output = documents::parse_single(&helm::values(values)).unwrap();
        let trusted = text(&output, "/trustBundle/configMap");
        assert!(script.contains(&format!("create configmap {trusted} ")), "{values}: {trusted}");
    }
    let mut reading = std::process::Command::new("sh");
    tools::run(reading.arg("-n").arg(k8s("backing/trust.sh"))).unwrap();
}

#[test]
fn no_secret_is_among_settings() {
    for values in ["production", "minimal", "all-in-one", "dev"] {
        for (name, settings_of) in settings(values) {
            for key in ["signing_key", "data_key", "log_key", "trial_key", "migrate_database_url"] {
                assert!(settings_of.get(key).is_none(), "{values}: {name}: {key}");
            }
        }
    }
}
