//! Assertions of each algorithm are verified with the public half of the key.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use jsonwebtoken::{DecodingKey, Validation, jwk::Jwk};
use rcgen::{KeyPair, PKCS_ECDSA_P384_SHA384};
use serde_json::Value;

use super::*;

/// A key for tests alone, PKCS #8 in base64.
const RSA: &str = include_str!("test_rsa_key.txt");
/// What stands before the 32 bytes of an Ed25519 key in PKCS #8.
const ED25519: [u8; 16] = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];

fn pem(base64: &str) -> String {
    format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", base64.trim())
}

fn elliptic() -> String {
    pem(&STANDARD.encode(KeyPair::generate_for(&PKCS_ECDSA_P384_SHA384).unwrap().serialize_der()))
}

fn edwards() -> String {
    pem(&STANDARD.encode([ED25519.as_slice(), &[7; 32]].concat()))
}

#[test]
fn an_assertion_of_each_algorithm_verifies_and_is_valid_for_less_than_five_minutes() {
    let now: Timestamp = "2026-12-01T09:00:00Z".parse().unwrap();
    let cases =
        [("ES384", elliptic()), ("EdDSA", edwards()), ("RS384", pem(RSA)), ("RS512", pem(RSA)), ("PS256", pem(RSA))];
    for (name, pem) in cases {
        let key = AssertionKey::new(name, "k1".into(), &pem).unwrap_or_else(|| panic!("{name}"));
        let signed = key.sign("lcr", "https://partner.example/token", now).unwrap();
        let public = DecodingKey::from_jwk(&Jwk::from_encoding_key(&key.key, key.header.alg).unwrap()).unwrap();
        let mut validation = Validation::new(key.header.alg);
        validation.set_audience(&["https://partner.example/token"]);
        validation.validate_exp = false;
        let decoded = jsonwebtoken::decode::<Value>(&signed, &public, &validation).unwrap();
        assert_eq!(decoded.header.kid.as_deref(), Some("k1"));
        let claims = decoded.claims;
        assert_eq!((claims["iss"].as_str(), claims["sub"].as_str()), (Some("lcr"), Some("lcr")), "{name}");
        let left = claims["exp"].as_i64().unwrap() - now.as_second();
        assert!((1..=300).contains(&left), "{name}: {left}");
        let again = key.sign("lcr", "https://partner.example/token", now).unwrap();
        assert_ne!(signed, again, "{name}: each assertion has an id of its own");
    }
}

#[test]
fn a_key_that_does_not_fit_its_algorithm_is_refused() {
    for (name, pem) in [
        ("ES384", pem(RSA)),
        ("RS384", elliptic()),
        ("EdDSA", elliptic()),
        ("PS256", edwards()),
        ("HS256", pem(RSA)),
        ("none", pem(RSA)),
        ("RS512", String::new()),
        ("RS512", pem("AAAA")),
        ("RS512", pem(RSA).replace("PRIVATE KEY", "CERTIFICATE")),
    ] {
        assert!(AssertionKey::new(name, "k1".into(), &pem).is_none(), "{name}");
    }
    let key = AssertionKey::new("ES384", "k1".into(), &elliptic()).unwrap();
    assert!(format!("{key:?}").contains("redacted"), "a key is never printed");
}
