//! Ed25519 signing keys and the public key sets that verify them, as JWS. Only the owner of a `SigningKey` signs; public
//! keys are distributed by configuration. Nothing here may read a clock.

use std::{collections::BTreeMap, fmt};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ed25519_dalek::pkcs8::EncodePrivateKey;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use thiserror::Error;

/// Why a signed value was refused. Never quotes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum KeyError {
    #[error("the key is not a valid Ed25519 key")]
    BadKey,
    #[error("signed by a key that is not known")]
    UnknownKey,
    #[error("the signature does not hold")]
    BadSignature,
    #[error("the value could not be encoded")]
    Encoding,
}

/// A private key with its name (`kid`). Never printed.
#[derive(Clone)]
pub struct SigningKey {
    kid: String,
    seed: [u8; 32],
    encoding: EncodingKey,
    public: PublicKey,
}

/// A public key: name and 32 bytes as base64url.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicKey {
    pub kid: String,
    pub x: String,
}

impl SigningKey {
    /// Makes a key from its 32 secret bytes.
    pub fn from_seed(kid: impl Into<String>, seed: [u8; 32]) -> Result<Self, KeyError> {
        let kid = kid.into();
        let secret = ed25519_dalek::SigningKey::from_bytes(&seed);
        let der = secret.to_pkcs8_der().map_err(|_| KeyError::BadKey)?;
        let x = URL_SAFE_NO_PAD.encode(secret.verifying_key().as_bytes());
        let encoding = EncodingKey::from_ed_der(der.as_bytes());
        Ok(Self { public: PublicKey { kid: kid.clone(), x }, kid, seed, encoding })
    }

    /// Generates a key, named by a prefix of its public half.
    pub fn generate() -> Result<Self, KeyError> {
        let mut seed = [0u8; 32];
        getrandom::fill(&mut seed).map_err(|_| KeyError::BadKey)?;
        let x = URL_SAFE_NO_PAD.encode(ed25519_dalek::SigningKey::from_bytes(&seed).verifying_key().as_bytes());
        Self::from_seed(x.chars().take(8).collect::<String>(), seed)
    }

    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The secret, only for the key folder.
    pub fn seed(&self) -> &[u8; 32] {
        &self.seed
    }

    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    /// Derives a key for the purpose `info` (HKDF-SHA256).
    pub fn derive(&self, info: &str) -> Result<[u8; 32], KeyError> {
        let mut key = [0u8; 32];
        let derived = hkdf::Hkdf::<sha2::Sha256>::new(None, &self.seed).expand(info.as_bytes(), &mut key);
        derived.map(|()| key).map_err(|_| KeyError::BadKey)
    }

    /// Signs `claims` as a compact JWS. `typ` names the kind of token, so that kinds cannot be confused.
    pub fn sign<T: Serialize>(&self, typ: &str, claims: &T) -> Result<String, KeyError> {
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid = Some(self.kid.clone());
        header.typ = Some(typ.to_owned());
        jsonwebtoken::encode(&header, claims, &self.encoding).map_err(|_| KeyError::Encoding)
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({})", self.kid)
    }
}

/// The public keys that a verifier trusts, by name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeySet(BTreeMap<String, PublicKey>);

impl KeySet {
    pub fn of(keys: impl IntoIterator<Item = PublicKey>) -> Self {
        Self(keys.into_iter().map(|key| (key.kid.clone(), key)).collect())
    }

    pub fn keys(&self) -> impl Iterator<Item = &PublicKey> {
        self.0.values()
    }

    /// Returns the claims if a known key signed them and `typ` matches. The caller checks times and audiences.
    pub fn verify<T: DeserializeOwned>(&self, typ: &str, token: &str) -> Result<T, KeyError> {
        let header = jsonwebtoken::decode_header(token).map_err(|_| KeyError::BadSignature)?;
        if header.alg != Algorithm::EdDSA || header.typ.as_deref() != Some(typ) {
            return Err(KeyError::BadSignature);
        }
        let kid = header.kid.ok_or(KeyError::UnknownKey)?;
        let key = self.0.get(&kid).ok_or(KeyError::UnknownKey)?;
        let decoding = DecodingKey::from_ed_components(&key.x).map_err(|_| KeyError::BadKey)?;
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.validate_exp = false;
        validation.validate_aud = false;
        validation.required_spec_claims.clear();
        jsonwebtoken::decode::<T>(token, &decoding, &validation)
            .map(|data| data.claims)
            .map_err(|_| KeyError::BadSignature)
    }
}
