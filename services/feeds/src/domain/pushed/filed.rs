//! An item as it is filed under a number that another one has replaced: it and its parts go by the names that they had
//! there. Never changes what it says.

use lcr_contracts::events::PushedItem;
use lcr_model::SourceIdentity;
use serde_json::Value;

use super::Change;
use crate::domain::{Item, r4};

/// `item` as one of `to`, whose version before is `known`.
pub fn filed_as(mut item: Item, to: SourceIdentity, known: Option<&PushedItem>) -> Item {
    let patient = |identity: &SourceIdentity| r4::patient(identity)["reference"].clone();
    let person = (patient(&item.identity), patient(&to));
    let id = |of: &PushedItem| of.resources.first()?["id"].as_str().map(str::to_owned);
    // Ids that were made here hold the person's number; a sender's own do not.
    let ids = known.filter(|_| item.names.is_empty()).and_then(|known| Some((id(&item.pushed)?, id(known)?)));
    let rename = |text: &str| match &ids {
        Some((from, to)) => text.replace(from, to),
        None => text.to_owned(),
    };
    for one in &mut item.pushed.resources {
        walk(one, &|value| {
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

/// Every value that holds no others.
fn walk(value: &mut Value, change: &impl Fn(&mut Value)) {
    match value {
        Value::Array(all) => all.iter_mut().for_each(|one| walk(one, change)),
        Value::Object(fields) => fields.values_mut().for_each(|one| walk(one, change)),
        leaf => change(leaf),
    }
}
