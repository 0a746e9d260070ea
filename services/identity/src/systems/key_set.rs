//! Public keys of clients as a JWK set (RFC 7517). Pure. A private or a shared key must never be taken, because it would then be
//! known to us; a weak one must never verify anything.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use lcr_contracts::Failure;
use serde_json::{Value, json};

/// The signatures that a client's token may have, by type of key.
const RSA: &[&str] = &["RS384", "RS512"];
const P256: &[&str] = &["ES256"];
const P384: &[&str] = &["ES384"];
const ED25519: &[&str] = &["EdDSA"];

/// The most keys of one client: those in use, and those of a rotation.
const MAX_KEYS: usize = 10;
const MAX_KEY_ID: usize = 200;
/// The members of a private or a shared key (RFC 7518, section 6).
const PRIVATE: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];
/// Smaller RSA keys are too weak (NIST SP 800-131A); larger ones are not verified.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2048..=4096;

/// Refuses a set of which any key cannot be used. A refusal never repeats a key.
pub fn check(set: &Value) -> Result<(), Failure> {
    let refused = |why: String| Failure::bad_request(why);
    let keys = set.get("keys").and_then(Value::as_array);
    let keys = keys.ok_or_else(|| refused("The keys are a JWK set: an object with the list `keys`.".to_owned()))?;
    if keys.is_empty() || keys.len() > MAX_KEYS {
        return Err(refused("A client has 1 to 10 keys.".to_owned()));
    }
    for (index, key) in keys.iter().enumerate() {
        check_key(key).map_err(|why| refused(format!("Key {} of the set {why}.", index + 1)))?;
        let is_repeated = keys[..index].iter().any(|other| other.get("kid") == key.get("kid"));
        if is_repeated {
            return Err(refused(format!("Key {} of the set has the `kid` of another one.", index + 1)));
        }
    }
    Ok(())
}

/// The usable keys of a set that its owner publishes. Keys for other purposes and of types that we do not know are left out.
pub fn usable(set: &Value) -> Value {
    let keys = set.get("keys").and_then(Value::as_array).into_iter().flatten();
    let usable: Vec<&Value> = keys.filter(|key| check_key(key).is_ok()).take(MAX_KEYS).collect();
    json!({ "keys": usable })
}

/// Whether a set has a key of this id.
pub fn has(set: &Value, kid: &str) -> bool {
    let mut keys = set.get("keys").and_then(Value::as_array).into_iter().flatten();
    keys.any(|key| text(key, "kid") == Some(kid))
}

/// Why a key cannot be used.
fn check_key(key: &Value) -> Result<(), String> {
    if !key.is_object() {
        return Err("is not an object".to_owned());
    }
    if PRIVATE.iter().any(|member| key.get(member).is_some()) {
        return Err(
            "is private: send public keys only, and make a new key, because this one is no longer secret".to_owned()
        );
    }
    if !text(key, "kid").is_some_and(|kid| (1..=MAX_KEY_ID).contains(&kid.len())) {
        return Err("has no `kid`".to_owned());
    }
    if key.get("use").is_some_and(|purpose| purpose.as_str() != Some("sig")) {
        return Err("is not for signatures".to_owned());
    }
    let algorithms = check_type(key)?;
    match key.get("alg") {
        Some(alg) if !alg.as_str().is_some_and(|alg| algorithms.contains(&alg)) => {
            Err(format!("has an `alg` that is not one of {}", algorithms.join(", ")))
        }
        _ => Ok(()),
    }
}

/// The algorithms of a key of this type, or why its type or size cannot be used.
fn check_type(key: &Value) -> Result<&'static [&'static str], String> {
    match (text(key, "kty"), text(key, "crv")) {
        (Some("RSA"), _) => check_rsa(key).map(|()| RSA),
        (Some("EC"), Some("P-256")) => check_point(key, 32).map(|()| P256),
        (Some("EC"), Some("P-384")) => check_point(key, 48).map(|()| P384),
        (Some("OKP"), Some("Ed25519")) if bytes(key, "x").is_some_and(|x| x.len() == 32) => Ok(ED25519),
        _ => Err("is not an RSA key, an EC key on P-256 or P-384, or an Ed25519 key".to_owned()),
    }
}

fn check_rsa(key: &Value) -> Result<(), String> {
    let modulus = bytes(key, "n").unwrap_or_default();
    let leading = modulus.iter().take_while(|byte| **byte == 0).count();
    let unused = modulus.get(leading).map_or(0, |byte| usize::try_from(byte.leading_zeros()).unwrap_or(0));
    let bits = (modulus.len() - leading) * 8 - unused;
    if !RSA_BITS.contains(&bits) {
        return Err("is an RSA key of fewer than 2048 or more than 4096 bits".to_owned());
    }
    let exponent = bytes(key, "e").unwrap_or_default();
    let is_odd = exponent.last().is_some_and(|last| last % 2 == 1);
    // An exponent of 1 would accept every signature.
    let is_large = exponent.iter().any(|byte| *byte > 1) || exponent.len() > 1;
    if is_odd && is_large && exponent.len() <= 4 { Ok(()) } else { Err("has an exponent that is not used".to_owned()) }
}

fn check_point(key: &Value, length: usize) -> Result<(), String> {
    let is_coordinate = |name| bytes(key, name).is_some_and(|bytes| bytes.len() == length);
    if is_coordinate("x") && is_coordinate("y") { Ok(()) } else { Err("has no point of its curve".to_owned()) }
}

fn text<'k>(key: &'k Value, name: &str) -> Option<&'k str> {
    key.get(name).and_then(Value::as_str)
}

fn bytes(key: &Value, name: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text(key, name)?).ok()
}

#[cfg(test)]
#[path = "key_set_tests.rs"]
mod tests;
