//! Encryption at rest: `v1.kid.nonce.ciphertext`. The associated data says where the value is stored, so a value moved
//! elsewhere does not open. Keys must never print, and plaintext must never reach an error.

use std::{collections::BTreeMap, fmt};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use hmac::Mac;
use sha2::Sha256;
use thiserror::Error;

/// Why sealing or opening failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SealError {
    #[error("a data key is `kid:base64` of 32 bytes, several separated by commas")]
    BadKey,
    #[error("sealed by a key that is not configured")]
    UnknownKey,
    #[error("the sealed value does not open here: altered, moved or not sealed")]
    DoesNotOpen,
    #[error("no randomness to seal with")]
    Randomness,
}

/// The prefix of a key from which one key per purpose is derived.
const DERIVED: &str = "hkdf:";

/// The data keys (`LCR_DATA_KEY`): the first seals, all open.
#[derive(Clone)]
pub struct DataKeys {
    first: String,
    keys: BTreeMap<String, Pair>,
}

/// A key for sealing and a key for hashing names.
#[derive(Clone)]
struct Pair {
    seal: [u8; 32],
    name: [u8; 32],
}

impl Pair {
    /// Derives two keys from one (HKDF-SHA256).
    fn derived(key: &[u8; 32]) -> Result<Self, SealError> {
        let hkdf = hkdf::Hkdf::<Sha256>::new(None, key);
        let derive = |purpose: &str| {
            let mut derived = [0u8; 32];
            let made = hkdf.expand(purpose.as_bytes(), &mut derived);
            made.map(|()| derived).map_err(|_| SealError::BadKey)
        };
        Ok(Self { seal: derive("lcr/data-key/seal/v1")?, name: derive("lcr/data-key/name/v1")? })
    }

    /// A key of the old form serves both purposes, so that its data is still found.
    fn older(key: [u8; 32]) -> Self {
        Self { seal: key, name: key }
    }
}

impl DataKeys {
    /// Parses `kid:hkdf:base64,…`; without `hkdf:` it is a key of the old form.
    pub fn parse(text: &str) -> Result<Self, SealError> {
        let mut keys = BTreeMap::new();
        let mut first = None;
        for pair in text.split(',') {
            let (kid, secret) = pair.trim().split_once(':').ok_or(SealError::BadKey)?;
            let derived = secret.strip_prefix(DERIVED);
            let secret = derived.unwrap_or(secret);
            let bytes = URL_SAFE_NO_PAD
                .decode(secret.trim_end_matches('=').replace('+', "-").replace('/', "_"))
                .map_err(|_| SealError::BadKey)?;
            let key: [u8; 32] = bytes.try_into().map_err(|_| SealError::BadKey)?;
            if kid.is_empty() || kid.contains('.') {
                return Err(SealError::BadKey);
            }
            first.get_or_insert_with(|| kid.to_owned());
            let pair = if derived.is_some() { Pair::derived(&key)? } else { Pair::older(key) };
            keys.insert(kid.to_owned(), pair);
        }
        Ok(Self { first: first.ok_or(SealError::BadKey)?, keys })
    }

    /// Generates one key, in the form that `parse` reads.
    pub fn generate_text() -> Result<String, SealError> {
        let mut key = [0u8; 32];
        getrandom::fill(&mut key).map_err(|_| SealError::Randomness)?;
        Ok(format!("k1:{DERIVED}{}", URL_SAFE_NO_PAD.encode(key)))
    }

    /// Seals `plain` for the place `lives_at`.
    pub fn seal(&self, lives_at: &str, plain: &[u8]) -> Result<String, SealError> {
        let mut nonce = [0u8; 24];
        getrandom::fill(&mut nonce).map_err(|_| SealError::Randomness)?;
        let key = self.keys.get(&self.first).ok_or(SealError::UnknownKey)?;
        let sealed = XChaCha20Poly1305::new(&key.seal.into())
            .encrypt(&XNonce::from(nonce), Payload { msg: plain, aad: lives_at.as_bytes() })
            .map_err(|_| SealError::DoesNotOpen)?;
        Ok(format!("v1.{}.{}.{}", self.first, URL_SAFE_NO_PAD.encode(nonce), URL_SAFE_NO_PAD.encode(sealed)))
    }

    /// Whether the current sealing key sealed it.
    pub fn is_sealed_by_first(&self, sealed: &str) -> bool {
        sealed.split('.').nth(1) == Some(self.first.as_str())
    }

    /// Opens a value sealed for `lives_at`, or by a previous version for one of the `older` places.
    pub fn open_any(&self, lives_at: &str, older: &[&str], sealed: &str) -> Result<Vec<u8>, SealError> {
        let first = self.open(lives_at, sealed);
        let again = |opened: Result<Vec<u8>, SealError>, place: &&str| opened.or_else(|_| self.open(place, sealed));
        older.iter().fold(first, again)
    }

    /// Opens a value sealed for `lives_at`.
    pub fn open(&self, lives_at: &str, sealed: &str) -> Result<Vec<u8>, SealError> {
        let mut parts = sealed.split('.');
        let (Some("v1"), Some(kid), Some(nonce), Some(body), None) =
            (parts.next(), parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(SealError::DoesNotOpen);
        };
        let key = self.keys.get(kid).ok_or(SealError::UnknownKey)?;
        let nonce = URL_SAFE_NO_PAD.decode(nonce).map_err(|_| SealError::DoesNotOpen)?;
        let nonce: [u8; 24] = nonce.try_into().map_err(|_| SealError::DoesNotOpen)?;
        let body = URL_SAFE_NO_PAD.decode(body).map_err(|_| SealError::DoesNotOpen)?;
        XChaCha20Poly1305::new(&key.seal.into())
            .decrypt(&XNonce::from(nonce), Payload { msg: &body, aad: lives_at.as_bytes() })
            .map_err(|_| SealError::DoesNotOpen)
    }

    /// A keyed hash of `name`, for cache keys and lookups that must not reveal it.
    pub fn hash_name(&self, name: &str) -> String {
        self.hash_under(&self.first, name)
    }

    /// The hashes of `name` under every key, the sealing key first: data stored before a rotation is found under an old
    /// key.
    pub fn hash_names(&self, name: &str) -> Vec<String> {
        let others = self.keys.keys().filter(|kid| **kid != self.first);
        std::iter::once(&self.first).chain(others).map(|kid| self.hash_under(kid, name)).collect()
    }

    fn hash_under(&self, kid: &str, name: &str) -> String {
        let key = self.keys.get(kid).map(|pair| pair.name).unwrap_or_default();
        let Ok(mut mac) = <hmac::Hmac<Sha256> as hmac::KeyInit>::new_from_slice(&key) else {
            return String::new();
        };
        mac.update(name.as_bytes());
        URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
    }
}

impl fmt::Debug for DataKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DataKeys({} keys, sealing with {})", self.keys.len(), self.first)
    }
}

#[cfg(test)]
#[path = "seal_tests.rs"]
mod tests;
