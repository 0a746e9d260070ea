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
mod tests {
    use serde_json::json;

    use super::*;

    const NOW: i64 = 1_800_000_000;

    fn token() -> Value {
        json!({"iss": "https://a.example", "aud": "lcr", "iat": NOW, "jti": "1", "sid": "s", "events": {EVENT: {}}})
    }

    fn check_with(change: impl FnOnce(&mut Value)) -> Result<LogoutToken, &'static str> {
        let mut claims = token();
        change(&mut claims);
        check(&claims, "https://a.example", "lcr", Timestamp::from_second(NOW).unwrap())
    }

    #[test]
    fn a_logout_token_names_a_session_or_a_subject() {
        assert_eq!(check_with(|_| ()).unwrap().sid.as_deref(), Some("s"));
        let only_subject = check_with(|claims| {
            claims.as_object_mut().unwrap().remove("sid");
            claims["sub"] = json!("u");
            claims["aud"] = json!(["other", "lcr"]);
        });
        assert_eq!(only_subject.unwrap().subject.as_deref(), Some("u"));
        assert!(check_with(|claims| claims["iat"] = json!(NOW + 4)).is_ok(), "a clock four seconds ahead");
    }

    #[test]
    fn what_is_no_logout_token_of_this_provider_for_us_now_is_refused() {
        type Change = fn(&mut Value);
        let changes: [(&str, Change); 11] = [
            ("issuer", |claims| claims["iss"] = json!("https://b.example")),
            ("audience", |claims| claims["aud"] = json!("other")),
            ("audiences", |claims| claims["aud"] = json!(["other"])),
            ("nonce", |claims| claims["nonce"] = json!("n")),
            ("events", |claims| claims["events"] = json!({})),
            ("event", |claims| claims["events"] = json!({EVENT: true})),
            ("future", |claims| claims["iat"] = json!(NOW + 61)),
            ("old", |claims| claims["iat"] = json!(NOW - 601)),
            ("expired", |claims| claims["exp"] = json!(NOW)),
            ("nobody", |claims| claims["sid"] = json!("")),
            ("no id", |claims| claims["jti"] = json!(7)),
        ];
        for (name, change) in changes {
            assert!(check_with(change).is_err(), "{name}");
        }
    }
}
