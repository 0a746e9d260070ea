//! The R4 files nobody here wrote: every resource of the types we ask for gets a decided outcome, and those a
//! peer found valid are read. Skipped aloud where the data set is absent.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::{
    fs,
    path::{Path, PathBuf},
};

use lcr_fhir::{Item, read};
use serde_json::Value;

const ASKED: [&str; 16] = [
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
];

fn folder(suite: &str) -> Option<PathBuf> {
    let root = std::env::var_os("LCR_TEST_DATA").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"),
        PathBuf::from,
    );
    let folder = root.join("fhir").join(suite);
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

#[test]
fn every_resource_of_the_data_set_is_read_or_refused_by_name() {
    for suite in
        ["synthea-r4", "ukcore-examples-json", "r4-spec-examples", "nhs-pds", "nhs-bars", "nhs-ers-r4"]
    {
        let Some(folder) = folder(suite) else {
            println!("skipped: {suite} is not here");
            continue;
        };
        let (mut taken, mut refused) = (0, vec![]);
        for path in files(&folder) {
            let Ok(value) = serde_json::from_slice::<Value>(&fs::read(&path).unwrap()) else {
                continue;
            };
            for resource in resources(value) {
                let kind = read::text(&resource, "resourceType").unwrap_or_default();
                if !ASKED.contains(&kind.as_str()) {
                    continue;
                }
                match Item::read(resource) {
                    Ok(_) => taken += 1,
                    Err(_) => {
                        refused.push(format!("{kind} in {}", path.file_name().unwrap().to_string_lossy()));
                    }
                }
            }
        }
        println!("{suite}: {taken} read, {} refused: {refused:?}", refused.len());
        if suite == "synthea-r4" {
            assert!(taken > 0 && refused.is_empty(), "a peer found every resource of it valid: {refused:?}");
        }
    }
}
