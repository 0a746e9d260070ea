//! What the items of a Bundle are filed under. Different resources never have one key; the same resource sent again has
//! the same.

use std::collections::HashMap;

use lcr_fhir::{Item as Resource, read};
use serde_json::Value;

use super::Bundle;
use crate::domain::values::digest;

/// What an item is filed under, and by what it is found again.
pub struct Keys {
    pub key: String,
    pub names: Vec<String>,
}

/// The numbers of a Bundle's resources, and how many have each.
pub struct Numbers(HashMap<String, usize>);

impl Numbers {
    pub fn of(bundle: &Bundle) -> Self {
        let mut all = HashMap::new();
        for number in bundle.others.iter().filter_map(number) {
            *all.entry(number).or_default() += 1;
        }
        Self(all)
    }

    /// The sender's own id, else the number of the resource where no other has it. Documents come with a new id for each
    /// version: their number counts first.
    pub fn keys(&self, bundle: &Bundle, one: &Resource) -> Keys {
        let by_id = format!("{}/{}", one.resource_type(), one.id());
        let own_id = (!bundle.made_ids.contains(&by_id)).then(|| by_id.clone());
        let number = number(one).filter(|number| self.0.get(number) == Some(&1));
        match (own_id, number) {
            (Some(id), Some(number)) if one.resource_type() == "DocumentReference" => {
                Keys { key: number.clone(), names: vec![id, number] }
            }
            (Some(key), _) | (None, Some(key)) => Keys { names: vec![key.clone()], key },
            (None, None) => Keys { names: vec![by_id.clone()], key: by_id },
        }
    }
}

/// The first identifier with its system; a document's master identifier before others. Results of one specimen may
/// share a number: theirs goes with what was tested.
fn number(one: &Resource) -> Option<String> {
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
