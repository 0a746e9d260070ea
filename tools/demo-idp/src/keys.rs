//! Ed25519 keys and random tokens. Keys are made at each start and must never be written to disk.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::EncodePrivateKey;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::error::IdpError;

/// A key that signs tokens.
pub(crate) struct Signer {
    kid: String,
    public: String,
    key: EncodingKey,
}

impl Signer {
    pub(crate) fn new() -> Result<Self, IdpError> {
        let mut secret = [0_u8; 32];
        getrandom::fill(&mut secret).map_err(|error| IdpError::Key(error.to_string()))?;
        let signing = SigningKey::from_bytes(&secret);
        let document = signing.to_pkcs8_der().map_err(|error| IdpError::Key(error.to_string()))?;
        let public = signing.verifying_key().to_bytes();
        let kid = URL_SAFE_NO_PAD.encode(&Sha256::digest(public)[..12]);
        let key = EncodingKey::from_ed_der(document.as_bytes());
        Ok(Self { kid, public: URL_SAFE_NO_PAD.encode(public), key })
    }

    pub(crate) fn jwks(&self) -> Value {
        json!({"keys": [{
            "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": self.kid, "x": self.public,
        }]})
    }

    pub(crate) fn sign(&self, claims: &impl Serialize) -> Result<String, jsonwebtoken::errors::Error> {
        self.sign_as("JWT", claims)
    }

    /// Signs a token of this type (`typ` in its header).
    pub(crate) fn sign_as(&self, typ: &str, claims: &impl Serialize) -> Result<String, jsonwebtoken::errors::Error> {
        let mut header = Header::new(Algorithm::EdDSA);
        header.typ = Some(typ.to_owned());
        header.kid = Some(self.kid.clone());
        jsonwebtoken::encode(&header, claims, &self.key)
    }
}

/// 256 random bits, safe in a URL. None if the machine has no randomness.
pub(crate) fn random_token() -> Option<String> {
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes).ok()?;
    Some(URL_SAFE_NO_PAD.encode(bytes))
}

/// The S256 challenge of a PKCE verifier.
pub(crate) fn pkce_challenge(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()))
}
