//! Deserialises values of a later version, while two versions run side by side or after a rollback: unknown items of a
//! list are skipped, so that the rest still parses. Must never be used for parts of a permit.

use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_json::Value;

/// The items of a list that parse.
pub fn list<'de, D: Deserializer<'de>, T: DeserializeOwned>(from: D) -> Result<Vec<T>, D::Error> {
    let all = Vec::<Value>::deserialize(from)?;
    Ok(all.into_iter().filter_map(|one| serde_json::from_value(one).ok()).collect())
}

/// The value, or its default if it does not parse.
pub fn or_default<'de, D: Deserializer<'de>, T: DeserializeOwned + Default>(from: D) -> Result<T, D::Error> {
    Ok(serde_json::from_value(Value::deserialize(from)?).unwrap_or_default())
}

/// The optional value, or its default if it does not parse.
pub fn some_or_default<'de, D: Deserializer<'de>, T: DeserializeOwned + Default>(
    from: D,
) -> Result<Option<T>, D::Error> {
    let value = Option::<Value>::deserialize(from)?;
    Ok(value.map(|value| serde_json::from_value(value).unwrap_or_default()))
}

#[cfg(test)]
#[path = "known_tests.rs"]
mod tests;
