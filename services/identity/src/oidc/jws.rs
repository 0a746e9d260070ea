//! Verifies a provider's signed token that is no ID token, such as a logout token, with the keys and algorithms of ID tokens.
//! `none` and shared secrets must never verify.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use lcr_auth::compact::signed_part;
use openidconnect::{
    JsonWebKey as _, JsonWebKeyUse,
    core::{CoreJsonWebKeySet, CoreJwsSigningAlgorithm},
};
use serde_json::Value;

use super::callback::ALGORITHMS;

/// The claims of a token that one of the keys signed.
pub fn verify(keys: &CoreJsonWebKeySet, token: &str) -> Result<Value, &'static str> {
    let signed = signed_part(token).map_err(|_| "not written canonically")?;
    let header = jsonwebtoken::decode_header(token).map_err(|_| "its header is not readable")?;
    let algorithm = algorithm_named(header.alg).filter(|algorithm| ALGORITHMS.contains(algorithm));
    let algorithm = algorithm.ok_or("an algorithm that is not accepted")?;
    let signature = token.rsplit('.').next().and_then(|part| URL_SAFE_NO_PAD.decode(part).ok());
    let signature = signature.ok_or("its signature is not readable")?;
    let kid = header.kid.as_deref();
    let verifies = keys.keys().iter().any(|key| {
        let is_named = kid.is_none() || key.key_id().map(|id| id.as_str()) == kid;
        let is_for_signing = key.key_use().is_none_or(JsonWebKeyUse::allows_signature);
        is_named && is_for_signing && key.verify_signature(&algorithm, signed.as_bytes(), &signature).is_ok()
    });
    if !verifies {
        return Err("no key of the provider signed it");
    }
    jsonwebtoken::dangerous::insecure_decode_claims(token).map_err(|_| "its claims are not readable")
}

fn algorithm_named(algorithm: jsonwebtoken::Algorithm) -> Option<CoreJwsSigningAlgorithm> {
    serde_json::from_value(serde_json::to_value(algorithm).ok()?).ok()
}

#[cfg(test)]
mod tests {
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
        let for_encryption =
            json!({"kty": "RSA", "use": "enc", "alg": "RSA-OAEP", "kid": "e", "n": "AQAB", "e": "AQAB"});
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
}
