//! The peer: the crate `fhir-model`, which knows every type of R4B. It reads a malformed choice as absent, so its result is written
//! again and compared. It must not count as the truth: where we differ, the tests say who is right.

use fhir_model::r4b::resources::Resource;
use serde_json::Value;

/// Whether the peer reads the resource, with all its choices.
pub fn reads(resource: &Value) -> bool {
    let resource = &rounded(resource.clone());
    let Ok(typed) = <Resource as serde::Deserialize>::deserialize(resource) else { return false };
    serde_json::to_value(typed).is_ok_and(|again| keeps_choices(resource, &again))
}

/// Rounds numbers, because the peer stores floating point and refuses more digits.
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

/// The choices with clinical meaning in the types we read.
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
    let starts_choice =
        |prefix: &&str| key.strip_prefix(*prefix).is_some_and(|rest| rest.starts_with(char::is_uppercase));
    CHOICES.iter().any(starts_choice)
}

fn keeps_choices(before: &Value, after: &Value) -> bool {
    match (before, after) {
        (Value::Object(before), Value::Object(after)) => {
            before.iter().filter(|(key, _)| !key.ends_with("xtension")).all(|(key, value)| match after.get(key) {
                Some(after) => keeps_choices(value, after),
                None => !is_choice(key),
            })
        }
        (Value::Array(before), Value::Array(after)) => {
            before.iter().zip(after).all(|(before, after)| keeps_choices(before, after))
        }
        _ => true,
    }
}
