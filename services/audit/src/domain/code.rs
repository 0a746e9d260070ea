//! The code of a row: what the log itself computes when it appends, with a key that is not in its database. A row that
//! somebody else put there, or changed before it had a place in the tree, has no code that holds.

use hmac::{Hmac, KeyInit, Mac};
use lcr_model::SigningKey;
use sha2::Sha256;

const PURPOSE: &str = "leedscarerecord.example/audit-row/v1";

/// Computes and checks codes. Never printed.
#[derive(Clone)]
pub struct RowKey([u8; 32]);

impl std::fmt::Debug for RowKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RowKey")
    }
}

impl RowKey {
    /// `None` when no key can be made from the log's.
    pub fn of(log_key: &SigningKey) -> Option<Self> {
        log_key.derive(PURPOSE).ok().map(Self)
    }

    fn mac(&self, canonical: &str) -> Option<Hmac<Sha256>> {
        let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(&self.0).ok()?;
        mac.update(canonical.as_bytes());
        Some(mac)
    }

    /// The code of a row in its hashed form.
    pub fn code(&self, canonical: &str) -> Vec<u8> {
        self.mac(canonical).map(|mac| mac.finalize().into_bytes().to_vec()).unwrap_or_default()
    }

    pub fn holds(&self, canonical: &str, code: &[u8]) -> bool {
        self.mac(canonical).is_some_and(|mac| mac.verify_slice(code).is_ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_holds_for_its_row_and_its_log_alone() {
        let key = RowKey::of(&SigningKey::generate().unwrap()).unwrap();
        let code = key.code(r#"["opened",1]"#);
        assert!(key.holds(r#"["opened",1]"#, &code));
        assert!(!key.holds(r#"["opened",2]"#, &code) && !key.holds(r#"["opened",1]"#, &[]));
        let other = RowKey::of(&SigningKey::generate().unwrap()).unwrap();
        assert!(!other.holds(r#"["opened",1]"#, &code));
    }
}
