//! Checks a resource against HL7's definition of its type (FHIR R4). A malformed element must never pass as absent.

mod elements;
mod primitive;
mod validate;

use serde_json::Value;

use elements::TYPES;

/// Whether `resource` has a type that we read, has every required element, and has no malformed one.
pub fn is_valid(resource: &Value) -> bool {
    let Value::Object(fields) = resource else { return false };
    let name = fields.get("resourceType").and_then(Value::as_str);
    name.and_then(|name| TYPES.resource(name)).is_some_and(|definition| definition.accepts(fields))
}

#[cfg(test)]
mod tests;
