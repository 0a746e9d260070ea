//! The keys that seal an incident's words. They are derived from the log's key, so that audit needs no key with which other
//! services seal patient data. They must never be in the log's database.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use lcr_model::{SigningKey, seal::DataKeys};

const PURPOSE: &str = "leedscarerecord.example/audit-text/v1";

/// Derives the keys from the log's key. `None` if that fails.
pub fn derive_from(log_key: &SigningKey) -> Option<DataKeys> {
    let key = log_key.derive(PURPOSE).ok()?;
    DataKeys::parse(&format!("log:hkdf:{}", URL_SAFE_NO_PAD.encode(key))).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_open_only_in_their_place_and_with_the_key_of_their_log() {
        let key = SigningKey::generate().unwrap();
        let sealed = derive_from(&key).unwrap().seal("audit/incident/1/title", b"words").unwrap();
        let again = derive_from(&key).unwrap();
        assert_eq!(again.open("audit/incident/1/title", &sealed).unwrap(), b"words");
        assert!(again.open("audit/incident/2/title", &sealed).is_err());
        let other = derive_from(&SigningKey::generate().unwrap()).unwrap();
        assert!(other.open("audit/incident/1/title", &sealed).is_err());
    }
}
