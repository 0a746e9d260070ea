//! Third-party FHIR data served as an added source: everybody in it is found, and every resource of the types we request is
//! an entry or counted as not shown with a reason. The data is read from `LCR_TEST_DATA` and must never be copied
//! here.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    time::Duration,
};

use lcr_city::FolderSource;
use lcr_testkit::data;
use lcr_tests::{Actor, Options, Platform, record_json};
use serde_json::{Value, json};

#[path = "real_input/malformed.rs"]
mod malformed;

const SOURCE: &str = "theirs";

/// Every resource of a folder, including those in Bundles.
fn resources(folder: &Path) -> Vec<Value> {
    let mut found = vec![];
    for file in data::files(folder).unwrap() {
        let parsed = fs::read(&file).ok().and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok());
        match parsed {
            Some(bundle) if bundle["resourceType"] == "Bundle" => {
                found.extend(record_json::list(&bundle, "entry").map(|one| one["resource"].clone()));
            }
            Some(one) if one["resourceType"].is_string() => found.push(one),
            _ => {}
        }
    }
    found
}

/// Searches that should find a patient: by name and birth date, and by NHS number.
fn searches(patient: &Value) -> Vec<Value> {
    let mut ways = vec![];
    let born = patient["birthDate"].as_str().filter(|date| date.len() == 10);
    for name in record_json::list(patient, "name") {
        if let (Some(family), Some(given), Some(born)) = (name["family"].as_str(), name["given"][0].as_str(), born) {
            ways.push(json!({ "family": family, "given": given, "birth_date": born }));
        }
    }
    let numbers = record_json::list(patient, "identifier")
        .filter(|one| one["system"].as_str().is_some_and(|system| system.ends_with("/nhs-number")));
    ways.extend(numbers.filter_map(|one| Some(json!({ "nhs_number": one["value"].as_str()? }))));
    ways
}

/// Finds the record that contains this patient of the source.
async fn find_record(gp: &Actor, patient: &Value) -> Option<Value> {
    let item = format!("Patient/{}", patient["id"].as_str()?);
    for way in searches(patient) {
        let answer = gp.search(&way).await;
        for patient in record_json::list(&answer.json(), "people") {
            let record = gp.record(patient["id"].as_str()?).await;
            assert_eq!(record.status, 200, "{}", record.text());
            let record = record.json();
            if record_json::items(&record).contains(&(SOURCE.to_owned(), item.clone())) {
                return Some(record);
            }
        }
    }
    None
}

/// The `Type/id` of every resource of a type that the folder's server has about a patient.
async fn source_items(anybody: &Actor, base: &str, kind: &str, patient: &str) -> BTreeSet<String> {
    if kind == "Patient" {
        return BTreeSet::from([format!("Patient/{patient}")]);
    }
    let answer = anybody.get(&format!("{base}/{kind}?patient={patient}")).await.json();
    let ids = record_json::list(&answer, "entry").filter_map(|one| one["resource"]["id"].as_str());
    ids.map(|id| format!("{kind}/{id}")).collect()
}

/// The resources accounted for, over all people of a folder.
#[derive(Debug, Default)]
struct Totals {
    people: usize,
    patients: usize,
    entries: usize,
    not_shown: BTreeMap<String, u64>,
    unsearchable: Vec<String>,
}

async fn account_for(folder: &Path) -> Totals {
    let served: FolderSource = lcr_city::serve_folder(folder, 0).await.unwrap();
    let base = served.base_url();
    let platform = Platform::start(Options {
        city: false,
        deadline: Duration::from_secs(15),
        sources: vec![(SOURCE.to_owned(), base.clone())],
        ..Options::default()
    });
    let platform = platform.await;
    platform.wait_loaded().await;
    let gp = platform.actor("gp").await;
    let statement = gp.get("/fhir/R4/metadata").await.json();
    let asked: Vec<String> = record_json::list(&statement["rest"][0], "resource")
        .filter_map(|one| one["type"].as_str().map(str::to_owned))
        .collect();
    assert!(asked.len() > 10, "the capability statement names the types we request");
    let all = resources(folder);
    let mut sum = Totals::default();
    let mut seen = BTreeSet::new();
    let named = |one: &&Value| one["resourceType"] == "Patient" && one["id"].is_string();
    for patient in all.iter().filter(named) {
        sum.patients += 1;
        let Some(record) = find_record(&gp, patient).await else {
            let ways = searches(patient);
            assert!(ways.is_empty(), "Patient/{} is not found by {} ways", patient["id"], ways.len());
            sum.unsearchable.push(patient["id"].to_string());
            continue;
        };
        if seen.insert(record["person"].to_string()) {
            sum.people += 1;
            account_for_person(&gp, &base, &asked, &record, &mut sum).await;
        }
    }
    let mut never: BTreeMap<&str, usize> = BTreeMap::new();
    for one in &all {
        let kind = one["resourceType"].as_str().unwrap_or("?");
        if !asked.iter().any(|asked| asked == kind) {
            *never.entry(kind).or_default() += 1;
        }
    }
    println!("{}: {} resources, {sum:?}", folder.file_name().unwrap().display(), all.len());
    println!("  of types that are never requested: {never:?}");
    sum
}

/// Checks for one person that each resource of the source is an entry or counted as not shown.
async fn account_for_person(gp: &Actor, base: &str, asked: &[String], record: &Value, sum: &mut Totals) {
    let shown: BTreeSet<String> =
        record_json::items(record).into_iter().filter(|(source, _)| source == SOURCE).map(|(_, item)| item).collect();
    let patients: Vec<&str> = shown.iter().filter_map(|item| item.strip_prefix("Patient/")).collect();
    let mut from_source = BTreeSet::new();
    for kind in asked {
        for patient in &patients {
            from_source.extend(source_items(gp, base, kind, patient).await);
        }
    }
    let invented: Vec<&String> = shown.difference(&from_source).collect();
    assert!(invented.is_empty(), "shown, but not from the source: {invented:?}");
    // The item that its source marks as sensitive is withheld without being counted.
    let missing: Vec<&String> = from_source.difference(&shown).filter(|item| **item != "Condition/f202").collect();
    let counted: u64 = record_json::list(record, "not_shown").map(|one| one["count"].as_u64().unwrap()).sum();
    let not_shown = record["not_shown"].to_string();
    assert_eq!(missing.len() as u64, counted, "neither shown nor counted: {missing:?}; counted: {not_shown}");
    let asked = record_json::list(record, "sources").filter(|one| one["source"] == SOURCE);
    let states = asked.flat_map(|one| record_json::list(one, "datasets"));
    for report in states {
        let state = report["state"].as_str().unwrap();
        // The folder's server does not offer types of which it has no resource.
        assert!(matches!(state, "has-data" | "no-data" | "not-connected"), "{}: {state}", report["dataset"]);
    }
    sum.entries += shown.len();
    for one in record_json::list(record, "not_shown") {
        let reason = format!("{}: {}", one["dataset"].as_str().unwrap(), one["reason"].as_str().unwrap());
        *sum.not_shown.entry(reason).or_default() += one["count"].as_u64().unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_of_synthea_is_found_and_every_resource_accounted_for() {
    let Some(folder) = data::folder("fhir/synthea-r4") else { return };
    let sum = account_for(&folder).await;
    assert!(sum.people > 0 && sum.entries > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_of_the_uk_core_examples_is_found_and_every_resource_accounted_for() {
    let Some(folder) = data::folder("fhir/ukcore-examples-json") else { return };
    let sum = account_for(&folder).await;
    assert!(sum.people > 0 && sum.entries > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_of_the_specifications_examples_is_found_and_every_resource_accounted_for() {
    let Some(folder) = data::folder("fhir/r4-spec-examples") else { return };
    let sum = account_for(&folder).await;
    assert!(sum.people > 0 && sum.entries > 0);
}
