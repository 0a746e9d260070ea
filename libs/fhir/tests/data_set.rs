//! The R4 files nobody here wrote: every resource of the types we ask for gets a decided outcome, the same as the
//! peer's; and broken in one place, the same or for a reason. Skipped aloud where the data set is absent.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use lcr_fhir::{Item, read};
use serde_json::{Value, json};

#[path = "shared/broken.rs"]
mod broken;
#[path = "shared/peer.rs"]
mod peer;

const ASKED: [&str; 17] = [
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
    let root = std::env::var_os("LCR_TEST_DATA").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"),
        PathBuf::from,
    );
    let folder = root.join("fhir").join(suite);
    if !folder.is_dir() {
        println!("skipped: {suite} is not here");
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

/// Resources of the types we ask for, each with the name of its file.
fn asked(suite: &str) -> Vec<(String, Value)> {
    let mut found = vec![];
    for path in folder(suite).map(|folder| files(&folder)).unwrap_or_default() {
        let Ok(value) = serde_json::from_slice::<Value>(&fs::read(&path).unwrap()) else { continue };
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let of_ours =
            |one: &Value| read::str_at(one, "resourceType").is_some_and(|kind| ASKED.contains(&kind));
        found.extend(resources(value).into_iter().filter(of_ours).map(|one| (name.clone(), one)));
    }
    found
}

/// With an id: what has none is refused whatever else it says.
fn with_id(mut resource: Value) -> Value {
    if read::str_at(&resource, "id").is_none() {
        resource["id"] = json!("1");
    }
    resource
}

#[test]
fn every_resource_of_the_data_set_is_read_or_refused_by_name() {
    for suite in SUITES {
        let (mut taken, mut refused) = (0, vec![]);
        for (file, resource) in asked(suite) {
            match Item::read(resource) {
                Ok(_) => taken += 1,
                Err(one) => refused.push(format!("{} in {file}", one.resource_type.unwrap_or_default())),
            }
        }
        println!("{suite}: {taken} read, {} refused: {refused:?}", refused.len());
        if suite == "synthea-r4" {
            assert!(refused.is_empty(), "a peer found every resource of it valid: {refused:?}");
        }
    }
}

#[test]
fn every_resource_of_the_data_set_is_to_us_what_it_is_to_the_peer() {
    let mut differ = vec![];
    for (file, resource) in SUITES.into_iter().flat_map(asked) {
        let resource = with_id(resource);
        // Numbers written as text are mended for the peer as for us.
        let mended = Item::read(resource.clone()).map_or(resource.clone(), Item::into_value);
        if Item::read(resource).is_ok() != peer::reads(&mended) {
            differ.push(file);
        }
    }
    assert!(differ.is_empty(), "{differ:?}");
}

#[test]
fn a_resource_broken_in_one_place_is_to_us_what_it_is_to_the_peer() {
    let (mut seen, mut checked, mut differ) = (BTreeSet::new(), 0, vec![]);
    for (_, resource) in SUITES.into_iter().flat_map(asked) {
        let Ok(item) = Item::read(with_id(resource)) else { continue };
        let good = item.into_value();
        for (place, at) in broken::places(&good) {
            // One of each place is enough: what stands there in another resource is of the same type.
            if at != "/id" && seen.insert(place.clone()) {
                let broken = broken::at(&good, &place, &at);
                checked += broken.len();
                differ.extend(broken.iter().filter_map(broken::Broken::unexplained));
            }
        }
    }
    println!("{checked} checked, of {} places", seen.len());
    assert!(differ.is_empty(), "{differ:#?}");
}
