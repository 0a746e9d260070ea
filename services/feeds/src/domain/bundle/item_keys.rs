//! Makes the keys that a Bundle's items are stored under. A resource sent again gets the same key; two different
//! resources must never share one.

use std::collections::HashMap;

use lcr_fhir::{Item as Resource, read};
use serde_json::Value;

use super::Bundle;
use crate::domain::hashed_ids::digest;

/// The key of an item, and the names by which later versions find it.
pub struct ItemKeys {
    pub key: String,
    pub names: Vec<String>,
}

/// How many resources of a Bundle have each number.
pub struct ResourceNumbers(HashMap<String, usize>);

impl ResourceNumbers {
    pub fn of(bundle: &Bundle) -> Self {
        let mut all = HashMap::new();
        for number in bundle.resources.iter().filter_map(resource_number) {
            *all.entry(number).or_default() += 1;
        }
        Self(all)
    }

    /// The sender's own id, else the resource's number if it is unique. For documents the number comes first, because
    /// each version has a new id.
    pub fn keys(&self, bundle: &Bundle, one: &Resource) -> ItemKeys {
        let by_id = format!("{}/{}", one.resource_type(), one.id());
        let own_id = (!bundle.generated_ids.contains(&by_id)).then(|| by_id.clone());
        let number = resource_number(one).filter(|number| self.0.get(number) == Some(&1));
        match (own_id, number) {
            (Some(id), Some(number)) if one.resource_type() == "DocumentReference" => {
                ItemKeys { key: number.clone(), names: vec![id, number] }
            }
            (Some(key), _) | (None, Some(key)) => ItemKeys { names: vec![key.clone()], key },
            (None, None) => ItemKeys { names: vec![by_id.clone()], key: by_id },
        }
    }
}

/// The first identifier with its system, preferably a document's master identifier. A result's number includes the
/// test, because results of one specimen may share an identifier.
fn resource_number(one: &Resource) -> Option<String> {
    let value = one.value();
    let kind = one.resource_type();
    let of = |identifier: &Value| {
        let number = read::text(identifier, "value")?;
        Some(read::str_at(identifier, "system").map_or(number.clone(), |system| format!("{system}|{number}")))
    };
    let at = |path| read::at(value, path).and_then(of);
    match kind {
        "DocumentReference" => at("masterIdentifier").or_else(|| at("identifier.0")),
        "DiagnosticReport" | "Observation" => {
            let test = read::code_at(value, "code").map(str::to_owned);
            let test = test.or_else(|| read::concept_at(value, "code")).unwrap_or_default();
            Some(format!("{kind}|{}|{}", at("identifier.0")?, digest(&[&test])))
        }
        _ => Some(format!("{kind}|{}", at("identifier.0")?)),
    }
}
