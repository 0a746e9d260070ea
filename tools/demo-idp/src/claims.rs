//! The claims of an ID token: who somebody is and where they work. They never say what that person may see.

use serde_json::{Value, json};

use crate::keys;
use crate::personas::Persona;
use crate::provider::Provider;

/// The client id of the platform, the only relying party.
pub(crate) const CLIENT_ID: &str = "leeds-care-record";
const ID_TOKEN_SECONDS: i64 = 300;

/// Builds the claims for a persona chosen at `chosen_at`. None if the machine has no randomness.
pub(crate) fn id_token_claims(
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
        "exp": now + ID_TOKEN_SECONDS,
        "auth_time": chosen_at,
        "sid": keys::random_token()?,
        "acr": "AAL2",
        "name": persona.display_name,
        "org_code": persona.org,
    });
    // Who has no role yet asks the platform for access.
    if !persona.role.is_empty() {
        claims["role"] = Value::from(persona.role);
    }
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
