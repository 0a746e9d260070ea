//! Detects modifiers that may reverse a resource's meaning. FHIR forbids acting on an unknown `modifierExtension` or
//! `implicitRules` (R4, 2.4.1), and we know none.

use serde_json::Value;

use crate::read;

/// Whether the resource or a contained one has `modifierExtension` or `implicitRules`. Contained Observations are checked as items
/// of their own.
pub fn has_unknown_modifier(value: &Value) -> bool {
    match value {
        Value::Array(all) => all.iter().any(has_unknown_modifier),
        Value::Object(fields) => fields.iter().any(|(name, field)| match name.as_str() {
            "modifierExtension" => !is_empty(field),
            "implicitRules" => field.is_string(),
            "contained" => contained(field).any(has_unknown_modifier),
            _ => has_unknown_modifier(field),
        }),
        _ => false,
    }
}

fn contained(field: &Value) -> impl Iterator<Item = &Value> {
    let all = field.as_array().map_or(&[][..], Vec::as_slice);
    all.iter().filter(|one| read::str_at(one, "resourceType") != Some("Observation"))
}

fn is_empty(field: &Value) -> bool {
    field.is_null() || field.as_array().is_some_and(|all| all.iter().all(Value::is_null))
}
