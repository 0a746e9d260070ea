//! A source's resource with our ids: its own id, and every relative reference in it. A patient reference
//! becomes the person's; nothing else of the resource changes but its meta, which says where it is from.

use lcr_contracts::identity::System;
use lcr_model::PersonId;
use serde_json::{Value, json};

use crate::domain::kind::Kind;

pub fn rewrite(mut resource: Value, system: &System, person: PersonId, own: &[String]) -> Value {
    walk(&mut resource, &Ours { system, person, own });
    let id = resource.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
    resource["id"] = json!(our_id(system, &id));
    resource["meta"]["source"] = json!(format!("urn:lcr:source:{}", system.id));
    resource
}

/// A resource without references, as one of the person.
pub fn of_person(mut resource: Value, kind: Kind, person: PersonId) -> Value {
    let by_patient = matches!(kind, Kind::AllergyIntolerance | Kind::Immunization | Kind::RelatedPerson);
    resource[if by_patient { "patient" } else { "subject" }] =
        json!({ "reference": format!("Patient/{person}") });
    resource
}

/// `source.id`, within FHIR's 64 letters, digits, dots and dashes.
fn our_id(system: &System, id: &str) -> String {
    let plain: String =
        id.chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' || c == '.' { c } else { '-' }).collect();
    let long = format!("{}.{plain}", system.id);
    long.chars().take(64).collect()
}

/// Whose references are ours to rewrite.
struct Ours<'a> {
    system: &'a System,
    person: PersonId,
    /// The ids the source knows the person by; another patient is never made this one.
    own: &'a [String],
}

fn walk(value: &mut Value, ours: &Ours<'_>) {
    match value {
        Value::Array(list) => list.iter_mut().for_each(|one| walk(one, ours)),
        Value::Object(fields) => {
            match fields.get("reference").and_then(Value::as_str).map(|text| ours.reference(text)) {
                Some(Some(rewritten)) => {
                    fields.insert("reference".to_owned(), Value::String(rewritten));
                }
                // Somebody else: a display may stay, the way to them may not.
                Some(None) => {
                    fields.remove("reference");
                }
                None => {}
            }
            fields.values_mut().for_each(|one| walk(one, ours));
        }
        _ => {}
    }
}

impl Ours<'_> {
    /// The reference in our ids; itself where it is not a relative one; `None` for another patient.
    fn reference(&self, text: &str) -> Option<String> {
        let relative = text.strip_prefix(self.system.base_url.trim_end_matches('/')).unwrap_or(text);
        let Some((kind, id)) = relative.trim_start_matches('/').split_once('/') else {
            return Some(text.to_owned());
        };
        let simple = !kind.contains(':') && kind.starts_with(|c: char| c.is_ascii_uppercase());
        match kind {
            _ if !simple => Some(text.to_owned()),
            "Patient" => self.own.iter().any(|own| own == id).then(|| format!("Patient/{}", self.person)),
            _ => Some(format!("{kind}/{}", our_id(self.system, id))),
        }
    }
}
