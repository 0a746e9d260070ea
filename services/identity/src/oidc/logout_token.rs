//! The rules for a logout token (`OpenID` Connect Back-Channel Logout 1.0, section 2.6). Pure: time is a parameter, and the
//! signature was verified before. An ID token must never pass as one.

use jiff::Timestamp;
use serde_json::Value;

const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
/// The oldest token that is accepted.
const MAX_AGE_SECONDS: i64 = 600;
/// How far the provider's clock may be ahead of ours.
pub const CLOCK_SKEW_SECONDS: i64 = 60;
const MAX_TEXT: usize = 255;

/// Whose sessions end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogoutToken {
    /// The provider's session.
    pub sid: Option<String>,
    pub subject: Option<String>,
    pub jti: String,
    /// Until when its id must be remembered, in seconds since 1970.
    pub expires: i64,
}

/// Checks the claims. The error says which rule refuses them.
pub fn check(claims: &Value, issuer: &str, client_id: &str, now: Timestamp) -> Result<LogoutToken, &'static str> {
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    let id = |name: &str| text(name).filter(|text| !text.is_empty() && text.len() <= MAX_TEXT).map(str::to_owned);
    if text("iss") != Some(issuer) {
        return Err("another issuer");
    }
    let audience = claims.get("aud");
    let is_for_us = text("aud") == Some(client_id)
        || audience.and_then(Value::as_array).is_some_and(|all| all.iter().any(|one| one.as_str() == Some(client_id)));
    if !is_for_us {
        return Err("another audience");
    }
    let is_logout = claims.get("events").and_then(|events| events.get(EVENT)).is_some_and(Value::is_object);
    if !is_logout || claims.get("nonce").is_some() {
        return Err("not a logout token");
    }
    let seconds = now.as_second();
    let issued = claims.get("iat").and_then(Value::as_i64).ok_or("no time of issue")?;
    if issued > seconds.saturating_add(CLOCK_SKEW_SECONDS) || seconds.saturating_sub(issued) > MAX_AGE_SECONDS {
        return Err("issued too long ago or in the future");
    }
    if claims.get("exp").is_some_and(|exp| exp.as_i64().is_none_or(|exp| exp <= seconds)) {
        return Err("expired");
    }
    let (sid, subject) = (id("sid"), id("sub"));
    if sid.is_none() && subject.is_none() {
        return Err("it names no session and no subject");
    }
    let expires = issued.saturating_add(MAX_AGE_SECONDS + CLOCK_SKEW_SECONDS);
    Ok(LogoutToken { sid, subject, jti: id("jti").ok_or("no id")?, expires })
}

#[cfg(test)]
#[path = "logout_token_tests.rs"]
mod tests;
