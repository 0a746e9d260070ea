//! Signs the assertion by which a client proves itself at a token endpoint (RFC 7523). A private key must never be printed.

use jiff::Timestamp;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use pkcs8::PrivateKeyInfoRef;
use rustls::pki_types::{PrivatePkcs8KeyDer, pem::PemObject};
use serde::Serialize;
use uuid::Uuid;

/// Token endpoints of the NHS refuse an assertion that is valid for more than five minutes.
const VALID_SECONDS: i64 = 240;

/// A private key, with the algorithm and the key id that the partner has registered.
#[derive(Debug)]
pub struct AssertionKey {
    header: Header,
    key: EncodingKey,
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    iat: i64,
    exp: i64,
    jti: String,
}

impl AssertionKey {
    /// Reads a key in PKCS #8 as PEM. `None` if it is not one, or does not fit the algorithm.
    pub fn new(algorithm: &str, key_id: String, pem: &str) -> Option<Self> {
        let document = PrivatePkcs8KeyDer::from_pem_slice(pem.as_bytes()).ok()?;
        let der = document.secret_pkcs8_der();
        let (algorithm, key) = match algorithm {
            "ES384" => (Algorithm::ES384, EncodingKey::from_ec_der(der)),
            "EdDSA" => (Algorithm::EdDSA, EncodingKey::from_ed_der(der)),
            "RS384" => (Algorithm::RS384, rsa_key(der)?),
            "RS512" => (Algorithm::RS512, rsa_key(der)?),
            "PS256" => (Algorithm::PS256, rsa_key(der)?),
            _ => return None,
        };
        let mut header = Header::new(algorithm);
        header.kid = Some(key_id);
        let key = Self { header, key };
        // A key that does not fit is found here, and not at the first token.
        key.sign("", "", Timestamp::UNIX_EPOCH)?;
        Some(key)
    }

    /// An assertion of `client` for the token endpoint `audience`, to be used once.
    pub fn sign(&self, client: &str, audience: &str, now: Timestamp) -> Option<String> {
        let now = now.as_second();
        let (exp, jti) = (now + VALID_SECONDS, Uuid::new_v4().to_string());
        let claims = Claims { iss: client, sub: client, aud: audience, iat: now, exp, jti };
        jsonwebtoken::encode(&self.header, &claims, &self.key).ok()
    }
}

/// The RSA key inside PKCS #8: signing takes it in PKCS #1.
fn rsa_key(der: &[u8]) -> Option<EncodingKey> {
    let info = PrivateKeyInfoRef::try_from(der).ok()?;
    Some(EncodingKey::from_rsa_der(info.private_key.as_bytes()))
}

#[cfg(test)]
#[path = "assertion_tests.rs"]
mod tests;
