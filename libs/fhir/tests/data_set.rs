//! Compares us with the peer on R4 files of others: every resource of the types we ask for, whole and broken in one place. Prints
//! that it is skipped if the data set is absent.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use lcr_fhir::{Item, read};
use serde_json::{Value, json};

#[path = "shared/invalid_resources.rs"]
mod invalid_resources;
#[path = "shared/peer.rs"]
mod peer;

const TYPES: [&str; 17] = [
    "Patient",
    "AllergyIntolerance",
    "Condition",
    "MedicationRequest",
    "MedicationStatement",
    "Observation",
    "DiagnosticReport",
    "DocumentReference",
    "ServiceRequest",
    "Appointment",
    "Encounter",
    "Procedure",
    "Immunization",
    "RelatedPerson",
    "CarePlan",
    "Flag",
    "Task",
];

const SUITES: [&str; 6] =
    ["synthea-r4", "ukcore-examples-json", "r4-spec-examples", "nhs-pds", "nhs-bars", "nhs-ers-r4"];

fn folder(suite: &str) -> Option<PathBuf> {
    let root = std::env::var_os("LCR_TEST_DATA")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"), PathBuf::from);
    let folder = root.join("fhir").join(suite);
    if !folder.is_dir() {
        println!("skipped: {suite} is absent");
    }
    folder.is_dir().then_some(folder)
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let inside = fs::read_dir(folder).unwrap().flatten().map(|one| one.path());
    inside.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

fn resources(value: Value) -> Vec<Value> {
    let entries = read::list(&value, "entry").to_vec();
    let of = |entry: Value| entry.get("resource").cloned();
    if entries.is_empty() { vec![value] } else { entries.into_iter().filter_map(of).collect() }
}

/// Resources of the types we ask for, each with its file name.
fn resources_of(suite: &str) -> Vec<(String, Value)> {
    let mut found = vec![];
    for path in folder(suite).map(|folder| files(&folder)).unwrap_or_default() {
        let Ok(value) = serde_json::from_slice::<Value>(&fs::read(&path).unwrap()) else { continue };
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let is_of_our_types = |one: &Value| read::str_at(one, "resourceType").is_some_and(|name| TYPES.contains(&name));
        found.extend(resources(value).into_iter().filter(is_of_our_types).map(|one| (name.clone(), one)));
    }
    found
}

/// Adds an id if there is none, because a resource without an id is always refused.
fn with_id(mut resource: Value) -> Value {
    if read::str_at(&resource, "id").is_none() {
        resource["id"] = json!("1");
    }
    resource
}

#[test]
fn every_resource_of_the_data_set_is_accepted_or_refused_by_type() {
    for suite in SUITES {
        let (mut accepted, mut refused) = (0, vec![]);
        for (file, resource) in resources_of(suite) {
            match Item::read(resource) {
                Ok(_) => accepted += 1,
                Err(one) => refused.push(format!("{} in {file}", one.resource_type.unwrap_or_default())),
            }
        }
        println!("{suite}: {accepted} accepted, {} refused: {refused:?}", refused.len());
        if suite == "synthea-r4" {
            assert!(refused.is_empty(), "the peer accepts every resource of it: {refused:?}");
        }
    }
}

#[test]
fn we_accept_the_resources_of_the_data_set_that_the_peer_accepts() {
    let mut differ = vec![];
    for (file, resource) in SUITES.into_iter().flat_map(resources_of) {
        let resource = with_id(resource);
        // The peer gets numbers written as text converted, as our check does.
        let converted = Item::read(resource.clone()).map_or(resource.clone(), Item::into_value);
        if Item::read(resource).is_ok() != peer::reads(&converted) {
            differ.push(file);
        }
    }
    assert!(differ.is_empty(), "{differ:?}");
}

#[test]
fn we_accept_the_resources_broken_in_one_place_that_the_peer_accepts() {
    let (mut seen, mut checked, mut differ) = (BTreeSet::new(), 0, vec![]);
    for (_, resource) in SUITES.into_iter().flat_map(resources_of) {
        let Ok(item) = Item::read(with_id(resource)) else { continue };
        let good = item.into_value();
        for (place, at) in invalid_resources::places(&good) {
            // One resource for each place is enough, because all values there have the same type.
            if at != "/id" && seen.insert(place.clone()) {
                let invalid = invalid_resources::at(&good, &place, &at);
                checked += invalid.len();
                differ.extend(invalid.iter().filter_map(invalid_resources::InvalidResource::unexplained));
            }
        }
    }
    println!("{checked} checked, of {} places", seen.len());
    assert!(differ.is_empty(), "{differ:#?}");
}
