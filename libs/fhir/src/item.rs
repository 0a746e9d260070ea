//! A resource that was checked against its type. Unchecked JSON must never become an `Item`.

use std::sync::Arc;

use serde_json::Value;

use crate::{r4::is_valid, read};

/// A valid resource of a known type, with an id. It holds clinical content and must not be printed. A clone shares the
/// resource.
#[derive(Clone, PartialEq)]
pub struct Item(Arc<Value>);

/// A refused resource: its type, if it names one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnreadableResource {
    pub resource_type: Option<String>,
}

/// Contained resources of one resource. Bounded because lookups among them take quadratic time.
const MAX_CONTAINED: usize = 1000;
/// Elements of any list in a resource, bounded for the same purpose.
const MAX_LIST: usize = 5000;

/// Whether `text` can be used as an id. Servers exceed FHIR's 64 letters, digits, dashes and dots, but characters that a URL would
/// read differently are refused.
pub fn is_usable_id(text: &str) -> bool {
    (1..=128).contains(&text.len())
        && text.bytes().all(|byte| (byte.is_ascii_graphic() || byte == b' ') && !b"/\\?#%\"<>".contains(&byte))
        && text.bytes().any(|byte| byte != b'.' && byte != b' ')
}

impl Item {
    /// Checks `value` against HL7's definition of its type.
    pub fn read(mut value: Value) -> Result<Self, UnreadableResource> {
        numbers_from_text(&mut value, "");
        let resource_type = read::text(&value, "resourceType");
        let has_id = read::str_at(&value, "id").is_some_and(|id| !id.is_empty() && id.len() <= 200);
        let readable = has_id && is_bounded(&value, MAX_CONTAINED) && is_valid(&value);
        if readable { Ok(Self(Arc::new(value))) } else { Err(UnreadableResource { resource_type }) }
    }

    /// Takes a resource that was checked before it was stored sealed, without checking it again.
    pub fn from_trusted(value: Value) -> Self {
        Self(Arc::new(value))
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

    /// The resource itself. It is copied if another clone of the item is still in use.
    pub fn into_value(self) -> Value {
        Arc::unwrap_or_clone(self.0)
    }

    /// Whether the resource is, or refers to, `Patient/{local_id}`.
    pub fn is_about(&self, local_id: &str) -> bool {
        if self.resource_type() == "Patient" {
            return self.id() == local_id;
        }
        let direct = ["subject.reference", "patient.reference"].iter().find_map(|path| read::str_at(&self.0, path));
        let names = |reference: &str| {
            reference.rsplit_once("Patient/").is_some_and(|(_, id)| id.split('/').next() == Some(local_id))
        };
        match direct {
            Some(reference) => names(reference),
            // An Appointment names its patient among the participants.
            None => read::list(&self.0, "participant")
                .iter()
                .any(|one| read::str_at(one, "actor.reference").is_some_and(names)),
        }
    }
}

/// Whether every list in `value` is within the limits.
fn is_bounded(value: &Value, contained: usize) -> bool {
    match value {
        Value::Array(list) => list.len() <= MAX_LIST && list.iter().all(|one| is_bounded(one, contained)),
        Value::Object(fields) => fields.iter().all(|(name, field)| {
            let has_few = name != "contained" || field.as_array().is_none_or(|all| all.len() <= contained);
            has_few && is_bounded(field, contained)
        }),
        _ => true,
    }
}

/// Converts numbers that many systems write as text (`"104"`) where FHIR has a decimal. Other text stays and is refused later.
fn numbers_from_text(value: &mut Value, under: &str) {
    const DECIMALS: [&str; 9] =
        ["value", "period", "periodMax", "duration", "durationMax", "low", "high", "factor", "count"];
    let quantity = ["Quantity", "quantity", "Duration", "low", "high", "numerator", "denominator"];
    let has_decimals = under == "repeat" || quantity.iter().any(|end| under.ends_with(end));
    match value {
        Value::Array(list) => list.iter_mut().for_each(|one| numbers_from_text(one, under)),
        Value::Object(fields) => {
            for (key, field) in fields.iter_mut() {
                let number = match field {
                    Value::String(text) if has_decimals && DECIMALS.contains(&key.as_str()) => {
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
#[path = "item_tests.rs"]
mod tests;
