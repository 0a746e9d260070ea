//! A source's resource with our ids: its own id, and every relative reference in it. A patient reference
//! becomes the person's; nothing else of the resource changes but its meta, which says where it is from.

use lcr_contracts::identity::System;
use lcr_model::PersonId;
use serde_json::{Value, json};

pub fn rewrite(mut resource: Value, system: &System, person: PersonId) -> Value {
    walk(&mut resource, system, person);
    let id = resource.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
    resource["id"] = json!(our_id(system, &id));
    resource["meta"]["source"] = json!(format!("urn:lcr:source:{}", system.id));
    resource
}

/// `source.id`, within FHIR's 64 letters, digits, dots and dashes.
fn our_id(system: &System, id: &str) -> String {
    let plain: String =
        id.chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' || c == '.' { c } else { '-' }).collect();
    let long = format!("{}.{plain}", system.id);
    long.chars().take(64).collect()
}

fn walk(value: &mut Value, system: &System, person: PersonId) {
    match value {
        Value::Array(list) => list.iter_mut().for_each(|one| walk(one, system, person)),
        Value::Object(fields) => {
            if let Some(Value::String(reference)) = fields.get_mut("reference")
                && let Some(ours) = our_reference(reference, system, person)
            {
                *reference = ours;
            }
            fields.values_mut().for_each(|one| walk(one, system, person));
        }
        _ => {}
    }
}

fn our_reference(reference: &str, system: &System, person: PersonId) -> Option<String> {
    let relative = reference.strip_prefix(system.base_url.trim_end_matches('/')).unwrap_or(reference);
    let (kind, id) = relative.trim_start_matches('/').split_once('/')?;
    let simple = !kind.contains(':') && kind.starts_with(|c: char| c.is_ascii_uppercase());
    match kind {
        _ if !simple => None,
        "Patient" => Some(format!("Patient/{person}")),
        _ => Some(format!("{kind}/{}", our_id(system, id))),
    }
}
