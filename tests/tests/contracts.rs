//! Compares the services' `OpenAPI` documents, the call graph, the dependencies between services and the stored events with
//! the agreed golden files. Read a difference before you commit it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::PathBuf,
};

use lcr_model::ServiceName;
use lcr_testkit::golden;
use lcr_tests::{Options, Platform};
use serde_json::Value;

#[path = "contracts/documents.rs"]
mod documents;
#[path = "contracts/events.rs"]
mod events;

/// Each contract and the service that offers it.
const CONTRACTS: [(&str, &str); 6] = [
    ("Identity", "identity"),
    ("Consent", "consent"),
    ("Audit", "audit"),
    ("PatientIndex", "patient-index"),
    ("Records", "record-aggregation"),
    ("VirtualWard", "virtual-ward"),
];

/// The designed call graph.
const DESIGNED_CALLS: [(&str, &[&str]); 8] = [
    ("audit", &[]),
    ("consent", &["audit"]),
    ("feeds", &[]),
    ("gateway", &["audit", "consent", "identity", "patient-index", "record-aggregation", "virtual-ward"]),
    ("identity", &[]),
    ("patient-index", &["consent"]),
    ("record-aggregation", &["consent", "patient-index"]),
    ("virtual-ward", &["consent"]),
];

/// Calls that no field of a `Deps` shows: the gateway proxies messages to feeds, and the operator calls identity over
/// HTTP. The chart allows both, so the golden file names them.
const OTHER_CALLS: [(&str, &str); 2] = [("gateway", "feeds"), ("operator", "identity")];

/// The folders of all services except all-in-one.
fn services() -> Vec<(String, PathBuf)> {
    let folders = fs::read_dir(lcr_testkit::root().join("services")).unwrap();
    let named = folders.map(|one| one.unwrap().path()).filter(|path| path.join("Cargo.toml").is_file());
    let mut all: Vec<(String, PathBuf)> =
        named.map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), path)).collect();
    all.retain(|(name, _)| name != "all-in-one");
    all.sort();
    all
}

/// The services that offer a contract or an API, which the operator does not.
fn callable_services() -> Vec<(String, PathBuf)> {
    let mut all = services();
    all.retain(|(name, _)| name != "operator");
    all
}

/// The services whose contracts are fields of a service's `Deps`.
fn callees(folder: &std::path::Path) -> Vec<&'static str> {
    let files = lcr_testkit::data::files(&folder.join("src")).unwrap();
    let texts: String = files.iter().filter_map(|file| fs::read_to_string(file).ok()).collect();
    let fields = texts.split("pub struct Deps {").nth(1).and_then(|after| after.split('}').next());
    let fields = fields.unwrap_or_else(|| panic!("{} has no Deps", folder.display()));
    let called = CONTRACTS.iter().filter(|(name, _)| fields.contains(&format!("Arc<dyn {name}>")));
    let mut called: Vec<&str> = called.map(|(_, service)| *service).collect();
    called.sort_unstable();
    called
}

#[test]
fn who_calls_whom_is_the_designs_call_graph() {
    let found: BTreeMap<String, Vec<&str>> =
        callable_services().into_iter().map(|(name, folder)| (name, callees(&folder))).collect();
    let designed: BTreeMap<String, Vec<&str>> =
        DESIGNED_CALLS.iter().map(|(name, called)| ((*name).to_owned(), called.to_vec())).collect();
    assert_eq!(found, designed, "the code's contracts match the designed calls");
    let seen = found.iter().flat_map(|(name, called)| called.iter().map(move |to| (name.as_str(), *to)));
    let arrows: BTreeSet<(&str, &str)> = seen.chain(OTHER_CALLS).collect();
    let lines: Vec<String> = arrows.iter().map(|(from, to)| format!("{from} -> {to}")).collect();
    golden::compare("arrows.txt", &lines.join("\n")).unwrap();
}

#[test]
fn no_service_is_built_from_another_and_none_from_a_demonstration() {
    let named: Vec<String> = services().into_iter().map(|(name, _)| format!("lcr-{name}")).collect();
    let folders =
        services().into_iter().chain([("all-in-one".to_owned(), lcr_testkit::root().join("services/all-in-one"))]);
    for (name, folder) in folders {
        let manifest = fs::read_to_string(folder.join("Cargo.toml")).unwrap();
        let needs = |one: &str| {
            manifest
                .lines()
                .any(|line| line.trim_start().starts_with(&format!("{one}.")) || line.starts_with(&format!("{one} ")))
        };
        for other in named.iter().filter(|other| **other != format!("lcr-{name}")) {
            assert!(name == "all-in-one" || !needs(other), "{name} is built from {other}");
        }
        for demo in ["lcr-city", "lcr-demo-idp", "lcr-cli", "lcr"] {
            assert!(!needs(demo), "{name} is built from {demo}: the demo is not a back door");
        }
    }
}

#[test]
fn nothing_but_the_command_line_and_the_tests_links_the_demonstration() {
    for file in lcr_testkit::data::files(&lcr_testkit::root().join("libs")).unwrap() {
        if file.ends_with("Cargo.toml") {
            let manifest = fs::read_to_string(&file).unwrap();
            let demo = ["lcr-city", "lcr-demo-idp", "lcr-cli"].iter().find(|one| manifest.contains(*one));
            assert_eq!(demo, None, "{}", file.display());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_services_document_is_the_agreed_one() {
    let platform = Platform::start(Options { city: false, ..Options::default() }).await;
    for (name, _) in callable_services().iter().filter(|(name, _)| name != "gateway") {
        let service: ServiceName = name.parse().unwrap();
        let anybody = platform.anonymous().at(platform.service_url(service));
        let answer = anybody.get("/openapi.json").await;
        assert_eq!(answer.status, 200, "{name} documents itself");
        let mut document: Value = answer.json();
        // The version is the build's, not the contract's.
        document["info"]["version"] = Value::from("");
        let text = serde_json::to_string_pretty(&document).unwrap();
        golden::compare(&format!("openapi/{name}.json"), &text).unwrap();
    }
}
