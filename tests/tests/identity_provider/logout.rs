//! Sign-outs at a partner's provider and here. Only a right logout token may end a session.

use std::time::{Duration, Instant};

use lcr_model::{Clock, SystemClock};
use lcr_testkit::eventually;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{parameter, partner::CLIENT, platform, signed_in, start_provider};

const LOGOUT_EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

const ONE_SECOND: Duration = Duration::from_secs(1);

/// A user who signs out at their provider: its own logout token ends the session here (Back-Channel Logout 1.0).
#[tokio::test(flavor = "multi_thread")]
async fn a_sign_out_at_the_provider_ends_the_session_here_within_a_second() {
    let platform = platform().await;
    let (provider, registration) = start_provider(&platform).await;
    let mut leaver = signed_in(&platform, &registration, "steward").await;
    let mut colleague = signed_in(&platform, &registration, "second-steward").await;
    let page = provider.metadata("end_session_endpoint").await;
    let started = Instant::now();
    leaver.confirm_sign_out(&page).await;
    eventually(ONE_SECOND, "the session is over", async || !leaver.clone().is_signed_in().await).await;
    assert!(started.elapsed() < ONE_SECOND, "it took {:?}", started.elapsed());
    assert!(colleague.is_signed_in().await, "nobody else is signed out");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_right_logout_token_ends_a_session_and_only_once() {
    let platform = platform().await;
    let (provider, registration) = start_provider(&platform).await;
    let mut visitor = signed_in(&platform, &registration, "steward").await;
    let claims = |change: Value| {
        let now = SystemClock.now().as_second();
        let mut claims = json!({
            "iss": provider.issuer, "aud": CLIENT, "iat": now, "exp": now + 120, "jti": Uuid::new_v4(),
            "sub": "steward", "events": { LOGOUT_EVENT: {} },
        });
        claims.as_object_mut().unwrap().extend(change.as_object().cloned().unwrap_or_default());
        claims
    };
    let post = async |token: &str| {
        let form = format!("logout_token={token}");
        platform.anonymous().post_form(&registration.back_channel_logout_uri, form).await
    };
    for (what, change, alg) in [
        ("another audience", json!({ "aud": "another-client" }), "RS256"),
        ("another issuer", json!({ "iss": "https://login.example.org" }), "RS256"),
        ("an ID token", json!({ "nonce": "n", "events": null }), "RS256"),
        ("an expired one", json!({ "iat": 1_700_000_000, "exp": 1_700_000_120 }), "RS256"),
        ("no signature", json!({}), "none"),
        ("the public key as a secret", json!({}), "HS256"),
    ] {
        let answer = post(&provider.sign(&claims(change), alg).await).await;
        assert_eq!(answer.status, 400, "{what}: {}", answer.text());
        assert!(visitor.is_signed_in().await, "{what} ends nothing");
    }
    let token = provider.sign(&claims(json!({})), "RS256").await;
    let answer = post(&token).await;
    assert_eq!((answer.status, answer.header("cache-control")), (200, "no-store"), "{}", answer.text());
    assert!(!visitor.is_signed_in().await, "a right one ends the session at once");
    signed_in(&platform, &registration, "steward").await;
    assert_eq!(post(&token).await.status, 400, "used before");
}

/// RP-Initiated Logout 1.0: a user who signs out here is led to the provider's own sign-out, and back.
#[tokio::test(flavor = "multi_thread")]
async fn a_sign_out_here_leads_to_the_providers_own() {
    let platform = platform().await;
    let (provider, registration) = start_provider(&platform).await;
    let mut visitor = signed_in(&platform, &registration, "steward").await;
    let page = visitor.sign_out().await;
    assert!(!visitor.has_session() && !visitor.is_signed_in().await, "signed out here");
    let link = format!("/auth/sign-out?provider={}", registration.name);
    assert!(page.text().contains(&link), "the page leads to the provider: {}", page.text());
    let address = format!("{}{link}", visitor.origin);
    let redirect = visitor.get(&address).await;
    let there = redirect.header("location").to_owned();
    assert!(there.starts_with(&provider.metadata("end_session_endpoint").await), "{there}");
    assert_eq!(parameter(&there, "client_id"), CLIENT);
    assert_eq!(visitor.confirm_sign_out(&there).await, format!("{}/", visitor.origin), "and back");
}
