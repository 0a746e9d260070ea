//! Whether something in a resource may turn its meaning round: FHIR forbids to act on a resource with a
//! `modifierExtension` or `implicitRules` that one does not know (R4, section 2.4.1), and we know none.

use serde_json::Value;

use crate::read;

/// `modifierExtension` or `implicitRules` anywhere in the resource or in what it contains. A contained observation is an
/// item of its own, and costs itself alone.
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
