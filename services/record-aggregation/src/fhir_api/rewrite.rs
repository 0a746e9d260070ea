//! Rewrites a source's resource to our ids: its own id, and every relative reference. It must change nothing else except
//! `meta.source`, which names the source.

use lcr_contracts::registry::System;
use lcr_model::PersonId;
use serde_json::{Value, json};

use crate::domain::resource_type::ResourceType;

/// `own` are the ids by which the source knows the person.
pub fn rewrite(mut resource: Value, system: &System, person: PersonId, own: &[String]) -> Value {
    rewrite_references(&mut resource, &IdRewriter { system, person, own });
    let id = resource.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
    resource["id"] = json!(our_id(system, &id));
    resource["meta"]["source"] = json!(format!("urn:lcr:source:{}", system.id));
    resource
}

/// Adds the person's reference to a resource that has lost all references.
pub fn add_person(mut resource: Value, resource_type: ResourceType, person: PersonId) -> Value {
    let has_patient = matches!(
        resource_type,
        ResourceType::AllergyIntolerance | ResourceType::Immunization | ResourceType::RelatedPerson
    );
    resource[if has_patient { "patient" } else { "subject" }] = json!({ "reference": format!("Patient/{person}") });
    resource
}

/// `source.id`, cut to FHIR's 64 letters, digits, dots and dashes.
fn our_id(system: &System, id: &str) -> String {
    let plain: String =
        id.chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' || c == '.' { c } else { '-' }).collect();
    let long = format!("{}.{plain}", system.id);
    long.chars().take(64).collect()
}

/// Rewrites the references of one source's resources.
struct IdRewriter<'a> {
    system: &'a System,
    person: PersonId,
    /// The ids by which the source knows the person. Another patient's reference is removed.
    own: &'a [String],
}

fn rewrite_references(value: &mut Value, rewriter: &IdRewriter<'_>) {
    match value {
        Value::Array(list) => list.iter_mut().for_each(|value| rewrite_references(value, rewriter)),
        Value::Object(fields) => {
            match fields.get("reference").and_then(Value::as_str).map(|text| rewriter.reference(text)) {
                Some(Some(rewritten)) => {
                    fields.insert("reference".to_owned(), Value::String(rewritten));
                }
                // Another patient: the display may stay, the reference may not.
                Some(None) => {
                    fields.remove("reference");
                }
                None => {}
            }
            fields.values_mut().for_each(|value| rewrite_references(value, rewriter));
        }
        _ => {}
    }
}

impl IdRewriter<'_> {
    /// The reference in our ids, or unchanged if it is not relative; `None` for another patient.
    fn reference(&self, text: &str) -> Option<String> {
        let relative = text.strip_prefix(self.system.base_url.trim_end_matches('/')).unwrap_or(text);
        let Some((resource_type, id)) = relative.trim_start_matches('/').split_once('/') else {
            return Some(text.to_owned());
        };
        let is_relative = !resource_type.contains(':') && resource_type.starts_with(|c: char| c.is_ascii_uppercase());
        match resource_type {
            _ if !is_relative => Some(text.to_owned()),
            "Patient" => self.own.iter().any(|own| own == id).then(|| format!("Patient/{}", self.person)),
            _ => Some(format!("{resource_type}/{}", our_id(self.system, id))),
        }
    }
}
