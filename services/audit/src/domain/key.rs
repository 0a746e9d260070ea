//! The log's key in the form of C2SP signed-note: a name, a hash, the algorithm's byte and the key. The name is the log's
//! origin and must never change.

use base64::{Engine as _, engine::general_purpose::STANDARD, engine::general_purpose::URL_SAFE_NO_PAD};
use lcr_model::SigningKey;
use signed_note::{StandardSigner, key_id};

/// The first line of every checkpoint.
pub const ORIGIN: &str = "leedscarerecord.example/audit";
/// The algorithm number of Ed25519 in signed-note.
const ED25519: u8 = 1;

fn public_bytes(key: &SigningKey) -> Vec<u8> {
    let mut bytes = vec![ED25519];
    bytes.extend(URL_SAFE_NO_PAD.decode(&key.public().x).unwrap_or_default());
    bytes
}

/// The public key that verifies checkpoints: `lcr audit verify --key …`.
pub fn verifier(key: &SigningKey) -> String {
    let public = public_bytes(key);
    format!("{ORIGIN}+{:08x}+{}", key_id(ORIGIN, &public), STANDARD.encode(&public))
}

/// Signs checkpoints; `None` for a key that is not an Ed25519 key.
pub fn signer(key: &SigningKey) -> Option<StandardSigner> {
    let mut secret = vec![ED25519];
    secret.extend(key.seed());
    let id = key_id(ORIGIN, &public_bytes(key));
    StandardSigner::new(&format!("PRIVATE+KEY+{ORIGIN}+{id:08x}+{}", STANDARD.encode(secret))).ok()
}

#[cfg(test)]
mod tests {
    use signed_note::{Signer, StandardVerifier, Verifier};

    use super::*;

    #[test]
    fn the_verifier_accepts_only_what_the_signer_signed() {
        let key = SigningKey::generate().unwrap();
        let (signer, verifier) = (signer(&key).unwrap(), StandardVerifier::new(&verifier(&key)).unwrap());
        let signature = signer.sign(b"a checkpoint").unwrap();
        assert!(verifier.verify(b"a checkpoint", &signature));
        assert!(!verifier.verify(b"another", &signature));
    }
}
