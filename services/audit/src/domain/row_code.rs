//! Row codes: an HMAC that the log computes when it appends a row. The key must never be in the log's database. So a row
//! that somebody else inserted, or altered before it was in the tree, has no valid code.

use hmac::{Hmac, KeyInit, Mac};
use lcr_model::SigningKey;
use sha2::Sha256;

const PURPOSE: &str = "leedscarerecord.example/audit-row/v1";

/// The key that computes and verifies row codes. It must never be printed.
#[derive(Clone)]
pub struct RowKey([u8; 32]);

impl std::fmt::Debug for RowKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RowKey")
    }
}

impl RowKey {
    /// Derives the key from the log's key. `None` if that fails.
    pub fn derive_from(log_key: &SigningKey) -> Option<Self> {
        log_key.derive(PURPOSE).ok().map(Self)
    }

    fn mac(&self, canonical: &str) -> Option<Hmac<Sha256>> {
        let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(&self.0).ok()?;
        mac.update(canonical.as_bytes());
        Some(mac)
    }

    /// Computes the code of a row in its hashed form.
    pub fn compute(&self, canonical: &str) -> Vec<u8> {
        self.mac(canonical).map(|mac| mac.finalize().into_bytes().to_vec()).unwrap_or_default()
    }

    pub fn verify(&self, canonical: &str, code: &[u8]) -> bool {
        self.mac(canonical).is_some_and(|mac| mac.verify_slice(code).is_ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_valid_only_for_its_row_and_its_log() {
        let key = RowKey::derive_from(&SigningKey::generate().unwrap()).unwrap();
        let code = key.compute(r#"["opened",1]"#);
        assert!(key.verify(r#"["opened",1]"#, &code));
        assert!(!key.verify(r#"["opened",2]"#, &code) && !key.verify(r#"["opened",1]"#, &[]));
        let other = RowKey::derive_from(&SigningKey::generate().unwrap()).unwrap();
        assert!(!other.verify(r#"["opened",1]"#, &code));
    }
}
