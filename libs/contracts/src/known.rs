//! Values of a later version, met while two versions run side by side or after a rollback: what a list has of them is left
//! out, so that they do not cost the rest of an answer. Never for what a permit is made of.

use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_json::Value;

/// Those of a list that read.
pub fn list<'de, D: Deserializer<'de>, T: DeserializeOwned>(from: D) -> Result<Vec<T>, D::Error> {
    let all = Vec::<Value>::deserialize(from)?;
    Ok(all.into_iter().filter_map(|one| serde_json::from_value(one).ok()).collect())
}

/// The value, or its default where it does not read.
pub fn or_default<'de, D: Deserializer<'de>, T: DeserializeOwned + Default>(from: D) -> Result<T, D::Error> {
    Ok(serde_json::from_value(Value::deserialize(from)?).unwrap_or_default())
}

/// The same of a value that may be absent.
pub fn some_or_default<'de, D: Deserializer<'de>, T: DeserializeOwned + Default>(
    from: D,
) -> Result<Option<T>, D::Error> {
    let value = Option::<Value>::deserialize(from)?;
    Ok(value.map(|value| serde_json::from_value(value).unwrap_or_default()))
}

#[cfg(test)]
#[path = "known_tests.rs"]
mod tests;
