//! Moves a new version of an item to the identity under which older versions are stored, after a person's number was
//! replaced. It must never change the clinical content.

use lcr_contracts::events::PushedItem;
use lcr_model::SourceIdentity;
use serde_json::Value;

use super::Change;
use crate::domain::{Item, fhir_json};

/// Moves `item` to identity `to`. `known` is the stored previous version.
pub fn refile(mut item: Item, to: SourceIdentity, known: Option<&PushedItem>) -> Item {
    let patient = |identity: &SourceIdentity| fhir_json::patient_reference(identity)["reference"].clone();
    let person = (patient(&item.identity), patient(&to));
    let id = |of: &PushedItem| of.resources.first()?["id"].as_str().map(str::to_owned);
    // Only ids made by this service contain the person's number.
    let ids = known.filter(|_| item.names.is_empty()).and_then(|known| Some((id(&item.pushed)?, id(known)?)));
    let rename = |text: &str| match &ids {
        Some((from, to)) => text.replace(from, to),
        None => text.to_owned(),
    };
    for one in &mut item.pushed.resources {
        change_leaves(one, &|value| {
            if *value == person.0 {
                *value = person.1.clone();
            } else if let Value::String(text) = value {
                *text = rename(text);
            }
        });
    }
    if let Change::SomeObservations(part) = &mut item.change {
        part.keep_value = part.keep_value.iter().map(|id| rename(id)).collect();
    }
    item.identity = to;
    item
}

/// Applies `change` to every value that is neither a list nor an object.
fn change_leaves(value: &mut Value, change: &impl Fn(&mut Value)) {
    match value {
        Value::Array(all) => all.iter_mut().for_each(|one| change_leaves(one, change)),
        Value::Object(fields) => fields.values_mut().for_each(|one| change_leaves(one, change)),
        leaf => change(leaf),
    }
}
