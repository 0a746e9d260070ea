//! Our key for one provider: it signs client assertions in the algorithm that the provider supports. The private part is stored
//! sealed and must never be logged or published.

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use jiff::{Timestamp, tz::TimeZone};
use jsonwebtoken::{
    Algorithm, EncodingKey, Header,
    jwk::{Jwk, PublicKeyUse, ThumbprintHash},
};
use lcr_model::Phi;
use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair, PKCS_ECDSA_P384_SHA384};
use rsa::{pkcs1::EncodeRsaPrivateKey as _, pkcs8::EncodePrivateKey as _};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

/// The size of an RSA key, which is enough beyond 2030 (NIST SP 800-57).
const RSA_BITS: usize = 3072;
/// How long a certificate is valid. It is there for its thumbprint alone: the provider trusts the key that was registered.
const CERTIFICATE_YEARS: i32 = 10;

/// Why a key cannot be made or used. Never quotes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AssertionKeyError {
    #[error("the key could not be made")]
    Making,
    #[error("the stored key is not readable")]
    Reading,
    #[error("the assertion could not be signed")]
    Signing,
}

/// The algorithms of keys that are made for one provider.
pub fn algorithm_named(name: &str) -> Option<Algorithm> {
    match name {
        "ES384" => Some(Algorithm::ES384),
        "RS256" => Some(Algorithm::RS256),
        "RS512" => Some(Algorithm::RS512),
        "PS256" => Some(Algorithm::PS256),
        _ => None,
    }
}

/// A key as it is sealed: the private key (PKCS #1 for RSA, else PKCS #8) and its certificate, as base64 of DER.
#[derive(Serialize, Deserialize)]
pub struct StoredKey {
    private_key: Phi<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    certificate: Option<String>,
}

impl StoredKey {
    /// Makes a key. An RSA key takes some seconds, so never call this on a thread that answers requests.
    pub fn generate(algorithm: Algorithm, now: Timestamp) -> Result<Self, AssertionKeyError> {
        if algorithm == Algorithm::ES384 {
            let pair = KeyPair::generate_for(&PKCS_ECDSA_P384_SHA384).map_err(|_| AssertionKeyError::Making)?;
            return Ok(Self { private_key: Phi::new(STANDARD.encode(pair.serialize_der())), certificate: None });
        }
        Self::generate_rsa(RSA_BITS, now)
    }

    fn generate_rsa(bits: usize, now: Timestamp) -> Result<Self, AssertionKeyError> {
        let making = AssertionKeyError::Making;
        let key = rsa::RsaPrivateKey::new(&mut rsa::rand_core::OsRng, bits).map_err(|_| making)?;
        let for_signing = key.to_pkcs1_der().map_err(|_| making)?;
        let for_certificate = key.to_pkcs8_der().map_err(|_| making)?;
        let certificate = self_signed(for_certificate.as_bytes(), now)?;
        Ok(Self {
            private_key: Phi::new(STANDARD.encode(for_signing.as_bytes())),
            certificate: Some(STANDARD.encode(certificate)),
        })
    }
}

fn self_signed(key: &[u8], now: Timestamp) -> Result<Vec<u8>, AssertionKeyError> {
    let making = AssertionKeyError::Making;
    let pair = KeyPair::try_from(key).map_err(|_| making)?;
    let year = i32::from(now.to_zoned(TimeZone::UTC).year());
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, "Leeds Care Record");
    params.not_before = rcgen::date_time_ymd(year, 1, 1);
    params.not_after = rcgen::date_time_ymd(year + CERTIFICATE_YEARS, 1, 1);
    Ok(params.self_signed(&pair).map_err(|_| making)?.der().to_vec())
}

/// A key that is ready to sign.
pub struct AssertionKey {
    algorithm: Algorithm,
    kid: String,
    /// The SHA-256 thumbprint of the certificate, by which Entra ID finds the key.
    thumbprint: Option<String>,
    encoding: EncodingKey,
    public: Value,
}

impl std::fmt::Debug for AssertionKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "AssertionKey({:?}, {})", self.algorithm, self.kid)
    }
}

impl AssertionKey {
    pub fn read(algorithm: Algorithm, stored: &StoredKey) -> Result<Self, AssertionKeyError> {
        let reading = AssertionKeyError::Reading;
        let der = STANDARD.decode(stored.private_key.as_ref()).map_err(|_| reading)?;
        let encoding = match algorithm {
            Algorithm::ES384 => EncodingKey::from_ec_der(&der),
            _ => EncodingKey::from_rsa_der(&der),
        };
        let mut jwk = Jwk::from_encoding_key(&encoding, algorithm).map_err(|_| reading)?;
        let kid = jwk.thumbprint(ThumbprintHash::SHA256).map_err(|_| reading)?;
        let certificate = stored.certificate.as_ref().map(|text| STANDARD.decode(text)).transpose();
        let certificate = certificate.map_err(|_| reading)?;
        let thumbprint = certificate.map(|der| URL_SAFE_NO_PAD.encode(Sha256::digest(&der)));
        jwk.common.key_id = Some(kid.clone());
        jwk.common.public_key_use = Some(PublicKeyUse::Signature);
        jwk.common.x509_chain = stored.certificate.clone().map(|certificate| vec![certificate]);
        jwk.common.x509_sha256_fingerprint.clone_from(&thumbprint);
        let public = serde_json::to_value(&jwk).map_err(|_| reading)?;
        Ok(Self { algorithm, kid, thumbprint, encoding, public })
    }

    /// The public part (RFC 7517).
    pub fn public(&self) -> &Value {
        &self.public
    }

    pub fn sign(&self, claims: &Value) -> Result<String, AssertionKeyError> {
        let mut header = Header::new(self.algorithm);
        header.kid = Some(self.kid.clone());
        header.x5t_s256.clone_from(&self.thumbprint);
        jsonwebtoken::encode(&header, claims, &self.encoding).map_err(|_| AssertionKeyError::Signing)
    }
}

#[cfg(test)]
#[path = "assertion_key_tests.rs"]
mod tests;
