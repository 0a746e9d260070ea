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
#[path = "jws_tests.rs"]
mod tests;
