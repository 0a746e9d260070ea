//! Tests of `item_relations.rs`.

use serde_json::json;

use super::*;

#[test]
fn a_reference_gives_its_type_and_id() {
    for (reference, expected) in [
        ("Observation/1", Some("Observation/1")),
        ("Observation/1/_history/2", Some("Observation/1")),
        ("https://h.example/fhir/Observation/1", Some("Observation/1")),
        ("https://h.example/fhir/Observation/1/_history/2", Some("Observation/1")),
        ("/1", Some("/1")),
        ("Observation/", None),
        ("#contained", None),
        ("1", None),
        ("/_history/2", None),
    ] {
        assert_eq!(type_and_id(reference), expected, "{reference}");
    }
}

#[test]
fn an_item_says_what_it_replaces_and_which_results_it_names() {
    let read = ItemRelations::read(&json!({
        "docStatus": "entered-in-error",
        "relatesTo": [
            { "code": "replaces", "target": { "reference": "DocumentReference/1", "identifier": { "value": "L-7" } } },
            { "code": "appends", "target": { "reference": "DocumentReference/2" } },
            { "code": "replaces", "target": { "identifier": { "system": "urn:a", "value": "7" } } },
            { "code": "replaces", "target": { "identifier": { "system": "urn:a" } } },
        ],
        "replaces": [{ "reference": "CarePlan/3/_history/1" }],
        "result": [{ "reference": "h/Observation/4/_history/1" }, { "reference": "#inside" }, { "display": "none" }] }));
    assert!(read.is_entered_in_error);
    assert_eq!(*read.replaces, ["DocumentReference/1", "CarePlan/3"].map(str::to_owned));
    let identifiers: Vec<_> =
        read.replaced_identifiers.iter().map(|one| (one.system.as_deref(), one.value.as_str())).collect();
    assert_eq!(identifiers, [(None, "L-7"), (Some("urn:a"), "7")]);
    assert_eq!(read.results().collect::<Vec<_>>(), ["Observation/4"]);
    assert_eq!(read.result_ids().collect::<Vec<_>>(), ["4", "#inside"]);
}
