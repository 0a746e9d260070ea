//! The peer: the crate `fhir-model`, which knows every type of R4B. It reads a malformed choice as absent, so that what
//! it read is written again and compared. Only a peer: where the two differ, the tests say which is right.

use fhir_model::r4b::resources::Resource;
use serde_json::Value;

/// Whether the peer reads the resource, with all its choices.
pub fn reads(resource: &Value) -> bool {
    let resource = &rounded(resource.clone());
    let Ok(typed) = <Resource as serde::Deserialize>::deserialize(resource) else { return false };
    serde_json::to_value(typed).is_ok_and(|again| keeps_choices(resource, &again))
}

/// The peer keeps numbers as floating point, and refuses one with more digits than that has.
fn rounded(mut value: Value) -> Value {
    match &mut value {
        Value::Array(all) => all.iter_mut().for_each(|one| *one = rounded(one.take())),
        Value::Object(fields) => fields.values_mut().for_each(|one| *one = rounded(one.take())),
        Value::Number(number) if number.to_string().contains('.') => {
            if let Some(float) =
                number.as_f64().and_then(|float| serde_json::Number::from_f64((float * 1e6).round() / 1e6))
            {
                value = Value::Number(float);
            }
        }
        _ => {}
    }
    value
}

/// The choices of the types we read that say what is wrong with somebody, or what they are given.
const CHOICES: [&str; 12] = [
    "value",
    "effective",
    "onset",
    "abatement",
    "medication",
    "performed",
    "occurrence",
    "deceased",
    "asNeeded",
    "doseNumber",
    "dose",
    "rate",
];

fn is_choice(key: &str) -> bool {
    let of =
        |prefix: &&str| key.strip_prefix(*prefix).is_some_and(|rest| rest.starts_with(char::is_uppercase));
    CHOICES.iter().any(of)
}

fn keeps_choices(before: &Value, after: &Value) -> bool {
    match (before, after) {
        (Value::Object(before), Value::Object(after)) => before
            .iter()
            .filter(|(key, _)| !key.ends_with("xtension"))
            .all(|(key, value)| match after.get(key) {
                Some(kept) => keeps_choices(value, kept),
                None => !is_choice(key),
            }),
        (Value::Array(before), Value::Array(after)) => {
            before.iter().zip(after).all(|(before, after)| keeps_choices(before, after))
        }
        _ => true,
    }
}
