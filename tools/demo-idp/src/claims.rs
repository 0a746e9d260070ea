//! The claims of an ID token. They say who somebody is and where they work, never what they may see.

use serde_json::{Value, json};

use crate::keys;
use crate::personas::Persona;
use crate::provider::Provider;

/// The one relying party.
pub(crate) const CLIENT_ID: &str = "leeds-care-record";
const LIFE_SECONDS: i64 = 300;

/// The claims for a persona who chose at `chosen_at`; none on a machine without randomness.
pub(crate) fn of(
    provider: &Provider,
    persona: &Persona,
    nonce: Option<&str>,
    chosen_at: i64,
) -> Option<Value> {
    let now = jiff::Timestamp::now().as_second();
    let mut claims = json!({
        "iss": provider.issuer,
        "sub": persona.sub,
        "aud": CLIENT_ID,
        "iat": now,
        "exp": now + LIFE_SECONDS,
        "auth_time": chosen_at,
        "sid": keys::random()?,
        "acr": "AAL2",
        "name": persona.display_name,
        "org_code": persona.org,
        "role": persona.role,
    });
    if let Some(nonce) = nonce {
        claims["nonce"] = Value::from(nonce);
    }
    if let Some(number) = persona.nhs_number {
        claims["nhs_number"] = Value::from(number);
        claims["identity_proofing_level"] = Value::from("P9");
        claims["birthdate"] = Value::from(persona.birth_date);
        let (given, family) = persona.display_name.split_once(' ').unwrap_or(("", persona.display_name));
        claims["given_name"] = Value::from(given);
        claims["family_name"] = Value::from(family);
    }
    Some(claims)
}
