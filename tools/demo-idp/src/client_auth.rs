//! The platform proves who it is: a short assertion signed with its own key, which is fetched from the
//! platform itself. No shared secret exists, so none can leak.

use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, JwkSet};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;

use crate::claims::CLIENT_ID;
use crate::provider::Provider;

pub(crate) const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// The largest key list worth reading.
const LARGEST_KEYS: usize = 64 * 1024;
/// Clocks of two programs may differ by this much.
const LEEWAY_SECONDS: u64 = 2;
/// An assertion is made for one call; one that lives longer is refused, so that its id need not be kept long.
const LONGEST_SECONDS: i64 = 300;

#[derive(Debug, Deserialize)]
struct Assertion {
    iss: String,
    sub: String,
    jti: String,
    exp: i64,
}

/// Whether this assertion is the platform's, for us, now, and for the first time. The words say what is wrong.
pub(crate) async fn verify(provider: &Provider, assertion: &str) -> Result<(), &'static str> {
    let header = jsonwebtoken::decode_header(assertion).map_err(|_| "the assertion is not a JWT")?;
    if header.alg != Algorithm::EdDSA {
        return Err("the assertion is not signed with EdDSA");
    }
    let keys = fetch(provider).await.ok_or("the platform's keys could not be fetched")?;
    let key = choose(&keys, header.kid.as_deref()).ok_or("the platform has no such key")?;
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
    if claims.exp > now + LONGEST_SECONDS {
        return Err("the assertion lives too long");
    }
    // Kept past the leeway: until then the same assertion would still pass the check above.
    let keep_until = claims.exp + 2 * i64::try_from(LEEWAY_SECONDS).unwrap_or(2);
    if claims.jti.is_empty() || !provider.assertions.first(&claims.jti, keep_until, now) {
        return Err("the assertion was used before");
    }
    Ok(())
}

async fn fetch(provider: &Provider) -> Option<JwkSet> {
    let address = format!("{}/.well-known/jwks.json", provider.platform);
    let mut answer = provider.http.get(address).send().await.ok()?.error_for_status().ok()?;
    let mut bytes = Vec::new();
    while let Some(chunk) = answer.chunk().await.ok()? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > LARGEST_KEYS {
            return None;
        }
    }
    serde_json::from_slice(&bytes).ok()
}

/// The key of that id; without an id, the only Ed25519 key there is.
fn choose(keys: &JwkSet, kid: Option<&str>) -> Option<DecodingKey> {
    let mut fitting = keys.keys.iter().filter_map(|jwk| match &jwk.algorithm {
        AlgorithmParameters::OctetKeyPair(pair) if pair.curve == EllipticCurve::Ed25519 => {
            (kid.is_none() || jwk.common.key_id.as_deref() == kid).then_some(&pair.x)
        }
        _ => None,
    });
    let first = fitting.next()?;
    if kid.is_none() && fitting.next().is_some() {
        return None;
    }
    DecodingKey::from_ed_components(first).ok()
}
