//! One resource that is what it says it is.

use fhir_model::r4b::resources::Resource;
use serde_json::Value;

use crate::read;

/// A resource of a known type, with an id, that reads as that type. Holds clinical content: never printed.
#[derive(Clone, PartialEq)]
pub struct Item(Value);

/// A resource that cannot be trusted to say what it means: its type, if it gave one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotReadable {
    pub resource_type: Option<String>,
}

impl Item {
    /// Checks `value` against the library's model of its type.
    pub fn read(value: Value) -> Result<Self, NotReadable> {
        let resource_type = read::text(&value, "resourceType");
        let has_id = read::str_at(&value, "id").is_some_and(|id| !id.is_empty() && id.len() <= 200);
        let checked = has_id && <Resource as serde::Deserialize>::deserialize(&value).is_ok();
        if checked { Ok(Self(value)) } else { Err(NotReadable { resource_type }) }
    }

    pub fn resource_type(&self) -> &str {
        read::str_at(&self.0, "resourceType").unwrap_or_default()
    }

    pub fn id(&self) -> &str {
        read::str_at(&self.0, "id").unwrap_or_default()
    }

    pub fn value(&self) -> &Value {
        &self.0
    }

    pub fn into_value(self) -> Value {
        self.0
    }

    /// Whether it is about `Patient/{local_id}`: its own id, or its subject or patient reference.
    pub fn is_about(&self, local_id: &str) -> bool {
        if self.resource_type() == "Patient" {
            return self.id() == local_id;
        }
        let direct =
            ["subject.reference", "patient.reference"].iter().find_map(|path| read::str_at(&self.0, path));
        let names = |reference: &str| {
            reference.rsplit_once("Patient/").is_some_and(|(_, id)| id.split('/').next() == Some(local_id))
        };
        match direct {
            Some(reference) => names(reference),
            // An appointment names its patient among the participants.
            None => read::list(&self.0, "participant")
                .iter()
                .any(|one| read::str_at(one, "actor.reference").is_some_and(names)),
        }
    }
}

impl std::fmt::Debug for Item {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Item({})", self.resource_type())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_malformed_resource_is_refused_not_read_as_absent() {
        let good = json!({ "resourceType": "Observation", "id": "1", "status": "final", "code": { "text": "eGFR" },
            "subject": { "reference": "Patient/7" }, "valueQuantity": { "value": 41.0 } });
        assert!(Item::read(good.clone()).unwrap().is_about("7"));
        assert!(!Item::read(good.clone()).unwrap().is_about("8"));
        let mut bad = good.clone();
        bad["valueQuantity"]["value"] = json!("forty-one");
        assert!(Item::read(bad).is_err());
        let mut no_id = good;
        no_id.as_object_mut().unwrap().remove("id");
        assert_eq!(Item::read(no_id).unwrap_err().resource_type.as_deref(), Some("Observation"));
    }
}
