//! Replaced documents are omitted with a reason. Items that a reader may not see are neither listed nor counted.

#![allow(clippy::needless_pass_by_value, reason = "each case is written where it is used")]

use lcr_contracts::record::Omission;
use serde_json::{Value, json};

use super::*;
use crate::domain::source_answer::{QueryOutcome, TypeAnswer};

fn system() -> System {
    serde_json::from_value(json!({
        "id": "h", "name": "Hospital", "organisation": "A1", "base_url": "", "kind": "hospital", "authority": false,
        "discreet": false, "datasets": {}, "rhythm": "real-time", "default_practice": null, "suspended": false, "feed": null }))
    .unwrap()
}

fn letter(id: &str, more: Value) -> Value {
    let mut value = json!({ "resourceType": "DocumentReference", "id": id, "status": "current", "type": { "text": "Letter" },
        "content": [{ "attachment": { "title": id } }] });
    value.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    value
}

/// Returns the ids listed, and the ids omitted with the reason.
fn listed_and_omitted(letters: Vec<Value>) -> (Vec<String>, Vec<(String, Omission)>) {
    let resource_types = [ResourceType::DocumentReference];
    let mut answer = SourceAnswer::pending(SourceId::new("h"), true, &resource_types);
    let items = letters.into_iter().map(|letter| Item::from_trusted(letter).into()).collect();
    let ended = QueryOutcome::Answered { at: Timestamp::UNIX_EPOCH };
    answer.types.insert(ResourceType::DocumentReference, TypeAnswer { items, ..TypeAnswer::empty(ended) });
    let grant: PersonGrant = serde_json::from_value(json!({
        "person": lcr_model::PersonId::new(), "index_version": 1, "epoch": 0, "grants": [["h", "documents"]], "withheld": [],
        "clearances": [], "hide": [], "relationship": "" }))
    .unwrap();
    let registry = Registry { systems: vec![system()], ..Registry::default() };
    let answers = [answer];
    let input = ListInput {
        opaque_id: &|id: &str| id.to_owned(),
        grant: &grant,
        registry: &registry,
        answers: &answers,
        datasets: &[Dataset::Documents],
        now: Timestamp::UNIX_EPOCH,
    };
    let ItemList { items: listed, omitted, .. } = list_items(&input);
    let left_out = omitted.into_iter().map(|one| (one.item.unwrap_or_default(), one.reason)).collect();
    (listed.iter().map(|one| one.item.id().to_owned()).collect(), left_out)
}

fn replaces(target: Value) -> Value {
    json!({ "relatesTo": [{ "code": "replaces", "target": target }] })
}

#[test]
fn a_document_that_another_replaces_is_left_out_with_its_reason() {
    let (listed, left_out) = listed_and_omitted(vec![
        letter("1", json!({})),
        letter("2", replaces(json!({ "reference": "DocumentReference/1" }))),
    ]);
    assert_eq!(listed, ["2"]);
    assert_eq!(left_out, [("h~DocumentReference~1".to_owned(), Omission::Replaced)]);
}

#[test]
fn a_document_can_be_replaced_by_its_identifier() {
    let old = letter("1", json!({ "identifier": [{ "value": "L-7" }] }));
    let (listed, _) = listed_and_omitted(vec![old, letter("2", replaces(json!({ "identifier": { "value": "L-7" } })))]);
    assert_eq!(listed, ["2"]);
}

#[test]
fn neither_an_appendix_nor_a_document_entered_in_error_replaces_another() {
    let appends = json!({ "relatesTo": [{ "code": "appends", "target": { "reference": "DocumentReference/1" } }] });
    assert_eq!(listed_and_omitted(vec![letter("1", json!({})), letter("2", appends)]).0, ["1", "2"]);
    let mut withdrawn = replaces(json!({ "reference": "DocumentReference/1" }));
    withdrawn["docStatus"] = json!("entered-in-error");
    let (listed, left_out) = listed_and_omitted(vec![letter("1", json!({})), letter("2", withdrawn)]);
    assert_eq!(listed, ["1"]);
    assert_eq!(left_out, [("h~DocumentReference~2".to_owned(), Omission::Withdrawn)]);
}

#[test]
fn a_new_version_with_the_same_identifier_is_listed() {
    let mut new = replaces(json!({ "identifier": { "value": "L-7" } }));
    new["identifier"] = json!([{ "value": "L-7" }]);
    let old = letter("1", json!({ "identifier": [{ "value": "L-7" }] }));
    assert_eq!(listed_and_omitted(vec![old, letter("2", new)]).0, ["2"]);
    let other_system = letter("1", json!({ "identifier": [{ "system": "urn:a", "value": "7" }] }));
    let by_number = replaces(json!({ "identifier": { "system": "urn:b", "value": "7" } }));
    assert_eq!(listed_and_omitted(vec![other_system, letter("2", by_number)]).0, ["1", "2"]);
}

#[test]
fn a_withdrawn_replacement_by_identifier_replaces_nothing() {
    let mut withdrawn = replaces(json!({ "identifier": { "value": "L-7" } }));
    withdrawn["status"] = json!("entered-in-error");
    let old = letter("1", json!({ "identifier": [{ "value": "L-7" }] }));
    assert_eq!(listed_and_omitted(vec![old, letter("2", withdrawn)]).0, ["1"]);
}

#[test]
fn a_reference_with_a_version_replaces_the_document_it_names() {
    let versioned = replaces(json!({ "reference": "DocumentReference/1/_history/2" }));
    let (listed, _) = listed_and_omitted(vec![letter("1", json!({})), letter("2", json!({})), letter("3", versioned)]);
    assert_eq!(listed, ["2", "3"]);
}
