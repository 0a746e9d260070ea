//! One resource that is what it says it is.

use serde_json::Value;

use crate::{r4::is_what_it_says, read};

/// A resource of a known type, with an id, that reads as that type. Holds clinical content: never printed.
#[derive(Clone, PartialEq)]
pub struct Item(Value);

/// A resource that cannot be trusted to say what it means: its type, if it gave one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotReadable {
    pub resource_type: Option<String>,
}

impl Item {
    /// Checks `value` against what HL7 says of its type.
    pub fn read(mut value: Value) -> Result<Self, NotReadable> {
        numbers_from_text(&mut value, "");
        let resource_type = read::text(&value, "resourceType");
        let has_id = read::str_at(&value, "id").is_some_and(|id| !id.is_empty() && id.len() <= 200);
        if has_id && is_what_it_says(&value) { Ok(Self(value)) } else { Err(NotReadable { resource_type }) }
    }

    /// One that was read before and kept sealed since: nobody can have changed it, so it is not checked again.
    pub fn kept(value: Value) -> Self {
        Self(value)
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

/// Where FHIR wants a decimal, many systems write `"104"`. A text that is exactly a number is taken as that
/// number; anything else is left to be refused.
fn numbers_from_text(value: &mut Value, under: &str) {
    const DECIMALS: [&str; 9] =
        ["value", "period", "periodMax", "duration", "durationMax", "low", "high", "factor", "count"];
    let quantity = ["Quantity", "quantity", "Duration", "low", "high", "numerator", "denominator"];
    let decimal_here = under == "repeat" || quantity.iter().any(|end| under.ends_with(end));
    match value {
        Value::Array(list) => list.iter_mut().for_each(|one| numbers_from_text(one, under)),
        Value::Object(fields) => {
            for (key, field) in fields.iter_mut() {
                let number = match field {
                    Value::String(text) if decimal_here && DECIMALS.contains(&key.as_str()) => {
                        serde_json::from_str::<serde_json::Number>(text).ok()
                    }
                    _ => None,
                };
                match number {
                    Some(number) => *field = Value::Number(number),
                    None => numbers_from_text(field, key),
                }
            }
        }
        _ => {}
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
        let mut as_text = good.clone();
        as_text["valueQuantity"]["value"] = json!("41.5");
        let read = Item::read(as_text).unwrap();
        assert_eq!(
            read.value()["valueQuantity"]["value"],
            json!(41.5),
            "a number written as text is that number"
        );
        let mut no_id = good;
        no_id.as_object_mut().unwrap().remove("id");
        assert_eq!(Item::read(no_id).unwrap_err().resource_type.as_deref(), Some("Observation"));
    }
}
