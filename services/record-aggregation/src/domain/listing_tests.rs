//! What is replaced, and by what; what a reader may not see is neither listed nor counted.

#![allow(clippy::needless_pass_by_value, reason = "what a source gives is written where it is given")]

use lcr_contracts::record::Omission;
use serde_json::{Value, json};

use super::*;
use crate::domain::answer::{Ended, TypeAnswer};

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

/// (ids listed, ids left out with the reason).
fn outcome(letters: Vec<Value>) -> (Vec<String>, Vec<(String, Omission)>) {
    let kinds = [Kind::DocumentReference];
    let mut answer = SourceAnswer::asking(SourceId::new("h"), true, &kinds);
    let items = letters.into_iter().map(Item::kept).collect();
    let ended = Ended::Answered { at: Timestamp::UNIX_EPOCH };
    answer.types.insert(Kind::DocumentReference, TypeAnswer { items, ..TypeAnswer::empty(ended) });
    let grant: PersonGrant = serde_json::from_value(json!({
        "person": lcr_model::PersonId::new(), "index_version": 1, "epoch": 0, "grants": [["h", "documents"]], "withheld": [],
        "clearances": [], "hide": [], "relationship": "" }))
    .unwrap();
    let registry = Registry { systems: vec![system()], ..Registry::default() };
    let answers = [answer];
    let of = Listing {
        opaque: &|id: &str| id.to_owned(),
        grant: &grant,
        registry: &registry,
        answers: &answers,
        datasets: &[Dataset::Documents],
        now: Timestamp::UNIX_EPOCH,
    };
    let List { listed, omitted, .. } = list(&of);
    let left_out = omitted.into_iter().map(|one| (one.item.unwrap_or_default(), one.reason)).collect();
    (listed.iter().map(|one| one.item.id().to_owned()).collect(), left_out)
}

fn replaces(target: Value) -> Value {
    json!({ "relatesTo": [{ "code": "replaces", "target": target }] })
}

#[test]
fn a_document_that_another_replaces_is_left_out_with_its_reason() {
    let (listed, left_out) = outcome(vec![
        letter("1", json!({})),
        letter("2", replaces(json!({ "reference": "DocumentReference/1" }))),
    ]);
    assert_eq!(listed, ["2"]);
    assert_eq!(left_out, [("h~DocumentReference~1".to_owned(), Omission::Replaced)]);
}

#[test]
fn a_document_may_be_replaced_by_its_number() {
    let old = letter("1", json!({ "identifier": [{ "value": "L-7" }] }));
    let (listed, _) = outcome(vec![old, letter("2", replaces(json!({ "identifier": { "value": "L-7" } })))]);
    assert_eq!(listed, ["2"]);
}

#[test]
fn an_addition_replaces_nothing_nor_does_what_was_entered_in_error() {
    let appends =
        json!({ "relatesTo": [{ "code": "appends", "target": { "reference": "DocumentReference/1" } }] });
    assert_eq!(outcome(vec![letter("1", json!({})), letter("2", appends)]).0, ["1", "2"]);
    let mut withdrawn = replaces(json!({ "reference": "DocumentReference/1" }));
    withdrawn["docStatus"] = json!("entered-in-error");
    let (listed, left_out) = outcome(vec![letter("1", json!({})), letter("2", withdrawn)]);
    assert_eq!(listed, ["1"]);
    assert_eq!(left_out, [("h~DocumentReference~2".to_owned(), Omission::Withdrawn)]);
}

#[test]
fn a_new_version_that_keeps_its_number_stands() {
    let mut new = replaces(json!({ "identifier": { "value": "L-7" } }));
    new["identifier"] = json!([{ "value": "L-7" }]);
    let old = letter("1", json!({ "identifier": [{ "value": "L-7" }] }));
    assert_eq!(outcome(vec![old, letter("2", new)]).0, ["2"]);
    let other_system = letter("1", json!({ "identifier": [{ "system": "urn:a", "value": "7" }] }));
    let by_number = replaces(json!({ "identifier": { "system": "urn:b", "value": "7" } }));
    assert_eq!(outcome(vec![other_system, letter("2", by_number)]).0, ["1", "2"]);
}

#[test]
fn a_replacement_by_number_that_was_withdrawn_replaces_nothing() {
    let mut withdrawn = replaces(json!({ "identifier": { "value": "L-7" } }));
    withdrawn["status"] = json!("entered-in-error");
    let old = letter("1", json!({ "identifier": [{ "value": "L-7" }] }));
    assert_eq!(outcome(vec![old, letter("2", withdrawn)]).0, ["1"]);
}

#[test]
fn a_reference_with_a_version_replaces_the_document_it_names() {
    let versioned = replaces(json!({ "reference": "DocumentReference/1/_history/2" }));
    let (listed, _) = outcome(vec![letter("1", json!({})), letter("2", json!({})), letter("3", versioned)]);
    assert_eq!(listed, ["2", "3"]);
}
