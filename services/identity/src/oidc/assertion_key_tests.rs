//! Tests of `assertion_key.rs`.

use jsonwebtoken::{DecodingKey, Validation};
use serde_json::json;

use super::*;

fn signed_and_verified(algorithm: Algorithm, stored: &StoredKey) -> (Header, Value) {
    let key = AssertionKey::read(algorithm, stored).unwrap();
    let token = key.sign(&json!({"iss": "lcr", "exp": 4_000_000_000_i64})).unwrap();
    let jwk: Jwk = serde_json::from_value(key.public().clone()).unwrap();
    let mut validation = Validation::new(algorithm);
    validation.validate_aud = false;
    let decoded = jsonwebtoken::decode::<Value>(&token, &DecodingKey::from_jwk(&jwk).unwrap(), &validation).unwrap();
    assert_eq!(decoded.claims["iss"], "lcr");
    assert!(key.public().get("d").is_none() && key.public().get("p").is_none(), "only the public part");
    (decoded.header, key.public().clone())
}

#[test]
fn a_key_signs_what_its_published_part_verifies() {
    let stored = StoredKey::generate(Algorithm::ES384, Timestamp::UNIX_EPOCH).unwrap();
    let (header, public) = signed_and_verified(Algorithm::ES384, &stored);
    assert_eq!((header.kid.as_deref(), public["crv"].as_str()), (public["kid"].as_str(), Some("P-384")));
    assert!(header.x5t_s256.is_none());
}

/// Entra ID finds our key by the thumbprint of its certificate.
#[test]
fn an_rsa_key_has_a_certificate_and_names_its_thumbprint() {
    let now = Timestamp::from_second(1_790_000_000).unwrap();
    let stored = StoredKey::generate_rsa(2048, now).unwrap();
    for algorithm in [Algorithm::RS256, Algorithm::RS512, Algorithm::PS256] {
        let (header, public) = signed_and_verified(algorithm, &stored);
        let certificate = STANDARD.decode(public["x5c"][0].as_str().unwrap()).unwrap();
        let thumbprint = URL_SAFE_NO_PAD.encode(Sha256::digest(&certificate));
        assert_eq!(header.x5t_s256.as_deref(), Some(thumbprint.as_str()));
    }
}

#[test]
fn other_algorithms_have_no_key_of_their_own() {
    for name in ["none", "HS256", "EdDSA", "RS1", ""] {
        assert!(algorithm_named(name).is_none(), "{name}");
    }
}
