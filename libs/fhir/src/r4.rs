//! Whether a resource is as HL7 says its type is (FHIR R4). What is malformed must never be read as absent.

mod check;
mod elements;
mod primitive;

use serde_json::Value;

use elements::ELEMENTS;

/// Whether it is a resource of a type we read, with all that the type must have and nothing malformed.
pub fn is_what_it_says(resource: &Value) -> bool {
    let Value::Object(fields) = resource else { return false };
    let named = fields.get("resourceType").and_then(Value::as_str);
    named.and_then(|name| ELEMENTS.resource(name)).is_some_and(|of| of.fits(fields))
}

#[cfg(test)]
mod tests;
