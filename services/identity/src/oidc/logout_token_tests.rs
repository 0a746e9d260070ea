//! Tests of `logout_token.rs`.

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
