//! A value that the browser holds sealed for some minutes, so that the server stores nothing until it comes back. The value
//! must never be in an address or a log.

use jiff::Timestamp;
use lcr_contracts::Failure;
use lcr_model::seal::DataKeys;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

#[derive(Serialize, Deserialize)]
struct TimestampedValue<T> {
    /// The end of its life, in seconds since 1970.
    until: i64,
    value: T,
}

/// Seals the value for `seconds`. `context` is what the cookie is for: sealed for one use, it opens for no other.
pub fn seal<T: Serialize>(
    keys: &DataKeys,
    context: &str,
    value: &T,
    seconds: i64,
    now: Timestamp,
) -> Result<String, Failure> {
    let dated = TimestampedValue { until: now.as_second().saturating_add(seconds), value };
    let plain = serde_json::to_vec(&dated).map_err(Failure::internal)?;
    keys.seal(context, &plain).map_err(Failure::internal)
}

/// The value. `None` if it is not ours, was sealed for another use or is too old.
pub fn open<T: DeserializeOwned>(keys: &DataKeys, context: &str, sealed: &str, now: Timestamp) -> Option<T> {
    let plain = keys.open(context, sealed).ok()?;
    let dated: TimestampedValue<T> = serde_json::from_slice(&plain).ok()?;
    (dated.until >= now.as_second()).then_some(dated.value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_value_opens_in_time_for_its_own_use() {
        let keys = DataKeys::parse(&DataKeys::generate_text().unwrap()).unwrap();
        let at = |seconds| Timestamp::from_second(seconds).unwrap();
        let sealed = seal(&keys, "role", &"gp", 300, at(1000)).unwrap();
        let open = |context: &str, now| open::<String>(&keys, context, &sealed, at(now));
        assert_eq!(open("role", 1300).as_deref(), Some("gp"));
        assert!(open("role", 1301).is_none() && open("applicant", 1000).is_none());
    }
}
