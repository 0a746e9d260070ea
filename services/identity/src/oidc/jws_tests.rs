//! Tests of `jws.rs`.

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use lcr_model::SigningKey;
use serde_json::json;

use super::*;

fn keys(list: &Value) -> CoreJsonWebKeySet {
    serde_json::from_value(json!({ "keys": list })).unwrap()
}

fn jwk(key: &SigningKey) -> Value {
    json!({"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": key.kid(), "x": key.public().x})
}

/// unknown keys are skipped, and a signature by another key, `none` and a shared secret are refused.
#[test]
fn only_a_signing_key_of_the_provider_verifies() {
    let (key, other) = (SigningKey::generate().unwrap(), SigningKey::generate().unwrap());
    let strange = json!({"kty": "AKP", "alg": "ML-DSA-65", "kid": "pq", "pub": "AA"});
    let for_encryption = json!({"kty": "RSA", "use": "enc", "alg": "RSA-OAEP", "kid": "e", "n": "AQAB", "e": "AQAB"});
    let set = keys(&json!([strange, for_encryption, jwk(&key)]));
    let token = key.sign("logout+jwt", &json!({"sid": "1"})).unwrap();
    assert_eq!(verify(&set, &token).unwrap()["sid"], "1");
    assert!(verify(&set, &other.sign("logout+jwt", &json!({"sid": "1"})).unwrap()).is_err());
    let public = key.public().x.clone();
    let mut header = Header::new(Algorithm::HS256);
    header.kid = Some(key.kid().to_owned());
    let confused =
        jsonwebtoken::encode(&header, &json!({"sid": "1"}), &EncodingKey::from_secret(public.as_bytes())).unwrap();
    assert!(verify(&set, &confused).is_err(), "a public key used as a shared secret");
    let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let none = format!("{}.{}.", part(json!({"alg": "none"})), part(json!({"sid": "1"})));
    assert!(verify(&set, &none).is_err());
    assert!(verify(&keys(&json!([])), &token).is_err() && verify(&set, "a.b").is_err());
}
