//! A key of ours for `private_key_jwt` (RFC 7523). The private part goes into sealed credentials; only the public part is
//! returned, for the partner to register.

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use lcr_contracts::{Failure, registry::Credentials};
use lcr_model::Phi;
use rcgen::{KeyPair, PKCS_ECDSA_P384_SHA384};
use serde_json::{Value, json};
use uuid::Uuid;

/// The one algorithm that we make keys for: small keys, and every implementation of SMART backend services accepts it.
pub const ALGORITHM: &str = "ES384";

/// The bytes of a coordinate of P-384.
const COORDINATE: usize = 48;

/// What a key is made for.
pub struct NewKey {
    pub token_url: String,
    pub client_id: String,
    pub scope: Option<String>,
    pub algorithm: String,
}

/// New credentials and the public key set (RFC 7517) that belongs to them.
pub fn make(new: NewKey) -> Result<(Credentials, Value), Failure> {
    if new.algorithm != ALGORITHM {
        let words =
            "We make keys for ES384 only. For another algorithm, send a private key of your own as credentials.";
        return Err(Failure::bad_request(words));
    }
    let pair =
        KeyPair::generate_for(&PKCS_ECDSA_P384_SHA384).map_err(|_| Failure::internal("a key that is not made"))?;
    let key_id = format!("lcr-{}", Uuid::new_v4().simple());
    let (x, y) = coordinates(pair.public_key_raw()).ok_or_else(|| Failure::internal("a key without coordinates"))?;
    let public = json!({ "keys": [{
        "kty": "EC", "crv": "P-384", "use": "sig", "alg": ALGORITHM, "kid": key_id, "x": x, "y": y,
    }] });
    let credentials = Credentials::PrivateKeyJwt {
        token_url: new.token_url,
        client_id: new.client_id,
        scope: new.scope,
        key_id,
        algorithm: ALGORITHM.to_owned(),
        private_key: Phi::new(to_pem(pair.serialized_der())),
    };
    Ok((credentials, public))
}

/// The coordinates of an uncompressed point (SEC 1, section 2.3.3), as a JWK has them.
fn coordinates(point: &[u8]) -> Option<(String, String)> {
    let point = point.strip_prefix(&[4])?;
    let (x, y) = point.split_at_checked(COORDINATE)?;
    (y.len() == COORDINATE).then(|| (URL_SAFE_NO_PAD.encode(x), URL_SAFE_NO_PAD.encode(y)))
}

/// PKCS #8 as PEM (RFC 7468).
fn to_pem(der: &[u8]) -> String {
    let encoded = STANDARD.encode(der);
    let (mut pem, mut rest) = ("-----BEGIN PRIVATE KEY-----\n".to_owned(), encoded.as_str());
    while !rest.is_empty() {
        let (line, after) = rest.split_at(rest.len().min(64));
        pem.push_str(line);
        pem.push('\n');
        rest = after;
    }
    pem.push_str("-----END PRIVATE KEY-----\n");
    pem
}

#[cfg(test)]
#[path = "signing_key_tests.rs"]
mod tests;
