//! Tests of `denied.rs`.

use jiff::Timestamp;
use lcr_contracts::registry::Registry;
use lcr_fhir::Item;
use lcr_model::{SourceId, permit::PersonGrant};
use serde_json::{Value, json};

use super::*;
use crate::domain::{
    resource_type::ResourceType,
    source_answer::{QueryOutcome, SourceAnswer, TypeAnswer},
};

/// The titles of what a hospital denies, by dataset.
fn denied(resource_type: ResourceType, items: Vec<Value>, grants: &Value, hide: &[Hide]) -> Vec<(Dataset, String)> {
    let mut answer = SourceAnswer::pending(SourceId::new("h"), true, &[resource_type]);
    let items = items.into_iter().map(|item| Item::from_trusted(item).into()).collect();
    let ended = QueryOutcome::Answered { at: Timestamp::UNIX_EPOCH };
    answer.types.insert(resource_type, TypeAnswer { items, ..TypeAnswer::empty(ended) });
    let mut grant: PersonGrant = serde_json::from_value(json!({
            "person": lcr_model::PersonId::new(), "index_version": 1, "epoch": 0, "grants": grants, "withheld": [],
            "clearances": [], "hide": [], "relationship": "" }))
    .unwrap();
    grant.hide.extend(hide.iter().copied());
    let system = serde_json::from_value(json!({
            "id": "h", "name": "Hospital", "organisation": "A1", "base_url": "", "kind": "hospital", "authority": false,
            "discreet": false, "datasets": {}, "rhythm": "real-time", "default_practice": null, "suspended": false,
            "feed": null }))
    .unwrap();
    let registry = Registry { systems: vec![system], ..Registry::default() };
    let input = ListInput {
        opaque_id: &|id: &str| id.to_owned(),
        grant: &grant,
        registry: &registry,
        answers: &[answer],
        datasets: &[Dataset::Allergies, Dataset::Diagnoses],
        now: Timestamp::UNIX_EPOCH,
    };
    let entries = denied_entries(&input).into_iter();
    entries.flat_map(|(dataset, all)| all.into_iter().map(move |entry| (dataset, entry.title))).collect()
}

fn item(resource_type: &str, status: &str) -> Value {
    json!({ "resourceType": resource_type, "id": status, "code": { "text": "Latex" },
            "verificationStatus": { "coding": [{ "code": status }] } })
}

#[test]
fn what_a_source_withdrew_is_read_for_readers_who_may_see_the_dataset_and_the_source() {
    let both = json!([["h", "allergies"], ["h", "diagnoses"]]);
    let allergies = || vec![item("AllergyIntolerance", "entered-in-error"), item("AllergyIntolerance", "confirmed")];
    let read = |grants: &Value, hide: &[Hide]| denied(ResourceType::AllergyIntolerance, allergies(), grants, hide);
    assert_eq!(read(&both, &[]), [(Dataset::Allergies, "Latex".to_owned())]);
    assert!(read(&json!([["h", "diagnoses"]]), &[]).is_empty(), "not granted");
    assert!(read(&both, &[Hide::Location]).is_empty(), "the source would be named");
    let problems = vec![item("Condition", "refuted"), item("Condition", "confirmed")];
    assert_eq!(denied(ResourceType::Condition, problems, &both, &[]), [(Dataset::Diagnoses, "Latex".to_owned())]);
}
