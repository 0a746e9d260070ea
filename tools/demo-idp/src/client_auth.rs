//! Client authentication (`private_key_jwt`, RFC 7523): verifies the platform's assertion with the key that the
//! platform publishes. There is no shared secret that could leak.

use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, JwkSet};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;

use crate::claims::CLIENT_ID;
use crate::provider::Provider;

pub(crate) const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// The largest JWKS that is read.
const MAX_JWKS_BYTES: usize = 64 * 1024;
/// The allowed clock difference between the platform and this provider.
const LEEWAY_SECONDS: u64 = 2;
/// The longest accepted lifetime: each assertion id is stored until it expires.
const MAX_ASSERTION_SECONDS: i64 = 300;

#[derive(Debug, Deserialize)]
struct Assertion {
    iss: String,
    sub: String,
    jti: String,
    exp: i64,
}

/// Checks that the assertion is signed by the platform, meant for us, current and not used before. The error says
/// what is wrong.
pub(crate) async fn verify(provider: &Provider, assertion: &str) -> Result<(), &'static str> {
    let header = jsonwebtoken::decode_header(assertion).map_err(|_| "the assertion is not a JWT")?;
    if header.alg != Algorithm::EdDSA {
        return Err("the assertion is not signed with EdDSA");
    }
    let keys = fetch_keys(provider).await.ok_or("the platform's keys could not be fetched")?;
    let key = select_key(&keys, header.kid.as_deref()).ok_or("the platform has no such key")?;
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.leeway = LEEWAY_SECONDS;
    validation.validate_nbf = true;
    validation.set_audience(&[provider.token_endpoint(), provider.issuer.clone()]);
    validation.set_required_spec_claims(&["exp", "aud", "iss", "sub"]);
    let claims = jsonwebtoken::decode::<Assertion>(assertion, &key, &validation)
        .map_err(|_| "the assertion's signature, audience or expiry is wrong")?
        .claims;
    if claims.iss != CLIENT_ID || claims.sub != CLIENT_ID {
        return Err("the assertion is not about this client");
    }
    let now = jiff::Timestamp::now().as_second();
    if claims.exp > now + MAX_ASSERTION_SECONDS {
        return Err("the assertion lives too long");
    }
    // Stored past the leeway: until then the same assertion would still pass the check above.
    let keep_until = claims.exp + 2 * i64::try_from(LEEWAY_SECONDS).unwrap_or(2);
    if claims.jti.is_empty() || !provider.assertions.record_if_new(&claims.jti, keep_until, now) {
        return Err("the assertion was used before");
    }
    Ok(())
}

async fn fetch_keys(provider: &Provider) -> Option<JwkSet> {
    let address = format!("{}/.well-known/jwks.json", provider.platform);
    let mut response = provider.http.get(address).send().await.ok()?.error_for_status().ok()?;
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.ok()? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > MAX_JWKS_BYTES {
            return None;
        }
    }
    serde_json::from_slice(&bytes).ok()
}

/// Finds the key with that id. Without an id, the set must hold exactly one Ed25519 key.
fn select_key(keys: &JwkSet, kid: Option<&str>) -> Option<DecodingKey> {
    let mut matching = keys.keys.iter().filter_map(|jwk| match &jwk.algorithm {
        AlgorithmParameters::OctetKeyPair(pair) if pair.curve == EllipticCurve::Ed25519 => {
            (kid.is_none() || jwk.common.key_id.as_deref() == kid).then_some(&pair.x)
        }
        _ => None,
    });
    let first = matching.next()?;
    if kid.is_none() && matching.next().is_some() {
        return None;
    }
    DecodingKey::from_ed_components(first).ok()
}
