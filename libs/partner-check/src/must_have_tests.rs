//! Tests of `must_have.rs`.

use lcr_model::Dataset;
use serde_json::json;

use super::*;
use crate::resource_types;

#[test]
fn every_type_that_is_searched_has_a_row() {
    let types = Dataset::ALL.iter().flat_map(|dataset| resource_types::of(*dataset));
    for resource_type in types {
        assert!(TABLE.iter().any(|row| row.resource_type == *resource_type), "{resource_type}");
    }
}

#[test]
fn an_element_of_several_types_is_found_by_its_name() {
    let item = |value| Item::from_trusted(value);
    let whole = item(json!({ "resourceType": "MedicationStatement", "status": "active", "subject": {},
            "medicationCodeableConcept": {}, "effectivePeriod": {}, "identifier": [] }));
    let found = lacks("MedicationStatement", std::slice::from_ref(&whole));
    assert_eq!(found.required, Vec::<String>::new());
    assert_eq!(
        found.expected,
        ["No MedicationStatement of 1 has dateAsserted.", "No MedicationStatement of 1 has dosage."]
    );
    let bare = item(json!({ "resourceType": "MedicationStatement", "dateAsserted": "2026", "dosage": [] }));
    let found = lacks("MedicationStatement", &[whole, bare]);
    assert_eq!(found.required[0], "1 of 2 MedicationStatement have no status.");
    assert_eq!((found.required.len(), found.expected.len()), (3, 0));
}
