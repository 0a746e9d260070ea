//! Says in words what is wrong with a JSON body. It names only fields of ours: it must never repeat a value, nor a name that the
//! caller chose.

use lcr_contracts::Failure;
use serde::de::DeserializeOwned;
use serde_json::error::Category;
use serde_path_to_error::Segment;

/// The longest name of a field that is repeated.
const MAX_NAME: usize = 60;

/// The refusal of a body that is no `T`.
pub(crate) fn explain<T: DeserializeOwned>(bytes: &[u8], error: &serde_json::Error) -> Failure {
    let place = format!("line {}, column {}", error.line(), error.column());
    if error.classify() != Category::Data {
        return Failure::bad_request(format!("The body is not JSON, at {place}."));
    }
    let field = field_of::<T>(bytes);
    let text = error.to_string();
    Failure::bad_request(match (missing_field(&text), field) {
        (Some(missing), None) => format!("Say `{missing}`: the body does not have it."),
        (Some(missing), Some(field)) => format!("Say `{missing}` in {field}: the body does not have it."),
        (None, Some(field)) => {
            let kind = "a value of the wrong kind, or a field that this call does not take";
            format!("Say {field} in another way: it has {kind}, at {place}.")
        }
        (None, None) => format!("The body has a field this call does not take, or of the wrong kind, at {place}."),
    })
}

/// The name of the field that is missing. Serde takes it from our own type.
fn missing_field(text: &str) -> Option<&str> {
    let (name, _) = text.strip_prefix("missing field `")?.split_once('`')?;
    Some(name).filter(|name| is_name(name))
}

/// The field of the body that holds the fault, and its place in a list. A name further in may be one that the caller chose.
fn field_of<T: DeserializeOwned>(bytes: &[u8]) -> Option<String> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let error = serde_path_to_error::deserialize::<_, T>(&mut reader).err()?;
    let mut segments = error.path().iter();
    let (first, second) = (segments.next(), segments.next());
    let Some(Segment::Map { key }) = first else { return None };
    // The path to a field that the call does not take ends in the caller's own name for it.
    let is_callers = second.is_none() && error.inner().to_string().starts_with("unknown field `");
    if is_callers || !is_name(key) {
        return None;
    }
    Some(match second {
        Some(Segment::Seq { index }) => format!("`{key}`, entry {}", index.saturating_add(1)),
        _ => format!("`{key}`"),
    })
}

fn is_name(text: &str) -> bool {
    let is_plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-';
    (1..=MAX_NAME).contains(&text.len()) && text.bytes().all(is_plain)
}

#[cfg(test)]
#[path = "body_error_tests.rs"]
mod tests;
