//! Sign-in at a partner's own provider, which others wrote (`oidc-provider`): an administrator sets it up by the API, its staff
//! sign in, and each lie, replay and mix-up is refused without a session (X-18, S-13, Q-01, Q-02, Q-17).

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::time::{Duration, Instant};

use lcr_model::{Clock, SystemClock};
use lcr_testkit::{eventually, eventually_ok};
use lcr_tests::{Options, Platform};
use serde_json::{Value, json};
use uuid::Uuid;

use self::{
    partner::{ADMINISTRATOR, CLIENT, ForeignProvider, ORGANISATION, Registration},
    visitor::Visitor,
};

#[path = "identity_provider/partner.rs"]
mod partner;
#[path = "identity_provider/visitor.rs"]
mod visitor;

/// What `tests/identity_provider/lies.mjs` can do to an ID token.
const LIES: [&str; 10] = [
    "another-audience",
    "two-audiences",
    "another-nonce",
    "no-nonce",
    "another-issuer",
    "no-subject",
    "expired",
    "unsigned",
    "public-key-as-secret",
    "another-key",
];
const LOGOUT_EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
/// The provider's keys are fetched again for an unknown key at most every ten seconds.
const NEW_KEYS_LIMIT: Duration = Duration::from_secs(20);
const ONE_SECOND: Duration = Duration::from_secs(1);

async fn platform() -> Platform {
    Platform::start(Options { city: false, ..Options::default() }).await
}

/// A running provider that is set up and registered.
async fn start_provider(platform: &Platform) -> (ForeignProvider, Registration) {
    let provider = ForeignProvider::start(platform);
    let administrator = platform.actor(ADMINISTRATOR).await;
    let registration = provider.set_up(&administrator, "EdDSA").await;
    (provider, registration)
}

/// A browser that is signed in.
async fn signed_in(platform: &Platform, registration: &Registration, user: &str) -> Visitor {
    let mut visitor = Visitor::new(platform);
    let answer = visitor.sign_in(registration, user).await;
    assert!(visitor.has_session(), "{user}: {} {}", answer.status, answer.text());
    assert!(visitor.is_signed_in().await, "{user}: the home page opens");
    visitor
}

/// Opens a callback that must be refused, and leaves no session.
async fn assert_refused(visitor: &mut Visitor, callback: &str, what: &str) {
    let answer = visitor.get(callback).await;
    assert_eq!(answer.status, 401, "{what}: {}", answer.text());
    assert!(!visitor.has_session() && !visitor.is_signed_in().await, "{what}: no session begins");
}

/// The value of a parameter of an address, as it was written there.
fn parameter(address: &str, name: &str) -> String {
    let (_, query) = address.split_once('?').expect("a query");
    let found = query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
    found.unwrap_or_else(|| panic!("no {name} in {address}")).to_owned()
}

/// The callback at this address with these answers of a provider.
fn callback(redirect_uri: &str, code: &str, state: &str, iss: Option<&str>) -> String {
    let iss = iss.map(|iss| format!("&iss={iss}")).unwrap_or_default();
    format!("{redirect_uri}?code={code}&state={state}{iss}")
}

/// The provider's key set holds keys of unknown types, and our client assertions are in an algorithm that it wants.
#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_sets_a_provider_up_and_its_staff_sign_in() {
    let platform = platform().await;
    let provider = ForeignProvider::start(&platform);
    provider.control("strange-keys", &json!({})).await;
    let administrator = platform.actor(ADMINISTRATOR).await;
    let registration = provider.set_up(&administrator, "ES384").await;
    let checks = format!("/api/identity/v1/organisations/{ORGANISATION}/providers/checks");
    let checked = administrator.post(&checks, &json!({ "issuer": provider.issuer })).await;
    let report = checked.json()["result"]["report"]["checks"].as_array().cloned().unwrap_or_default();
    let has_passed = |check: &Value| check["outcome"] == "passed";
    assert!(!report.is_empty() && report.iter().all(has_passed), "{}", checked.text());
    let mut steward = signed_in(&platform, &registration, "steward").await;
    let home = format!("{}/home", steward.origin);
    assert!(steward.get(&home).await.text().contains("Pat Dean"), "the page names the user");
}

/// An organisation's provider vouches for its own staff, in roles that we know.
#[tokio::test(flavor = "multi_thread")]
async fn a_provider_signs_in_nobody_whom_it_may_not_vouch_for() {
    let platform = platform().await;
    let (_provider, registration) = start_provider(&platform).await;
    for user in ["of-another-organisation", "platform-administrator", "patient"] {
        let mut visitor = Visitor::new(&platform);
        let answer = visitor.sign_in(&registration, user).await;
        assert_eq!(answer.status, 401, "{user}: {}", answer.text());
        assert!(!visitor.has_session(), "{user}");
    }
    // Neither a role that we do not know nor one of two roles is guessed.
    for (user, page) in [("porter", "/access-request"), ("two-roles", "/sign-in/role")] {
        let mut visitor = Visitor::new(&platform);
        let answer = visitor.sign_in(&registration, user).await;
        assert_eq!(answer.header("location"), format!("{}{page}", visitor.origin), "{user}: {}", answer.text());
        assert!(!visitor.has_session(), "{user}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_may_change_and_clocks_may_differ_by_seconds() {
    let platform = platform().await;
    let (provider, registration) = start_provider(&platform).await;
    provider.control("clock", &json!({ "ahead": 4 })).await;
    signed_in(&platform, &registration, "steward").await;
    // A minute is more than two clocks may differ by; the provider itself still takes our assertion.
    provider.control("clock", &json!({ "ahead": 70 })).await;
    let mut visitor = Visitor::new(&platform);
    let answer = visitor.sign_in(&registration, "steward").await;
    assert_eq!(answer.status, 401, "{}", answer.text());
    assert!(!visitor.has_session(), "a token from the future");
    provider.control("clock", &json!({ "ahead": 0 })).await;
    provider.control("rotate-keys", &json!({})).await;
    eventually_ok(NEW_KEYS_LIMIT, "a sign-in with the new key", async || {
        let mut visitor = Visitor::new(&platform);
        let answer = visitor.sign_in(&registration, "second-steward").await;
        if visitor.has_session() { Ok(()) } else { Err(answer.text()) }
    })
    .await;
}

/// Wrong audience, nonce, issuer, time and signature, `alg: none`, and the public key used as a shared secret.
#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_lies_signs_nobody_in() {
    let platform = platform().await;
    let (provider, registration) = start_provider(&platform).await;
    for lie in LIES {
        provider.lie(Some(lie)).await;
        let mut visitor = Visitor::new(&platform);
        let address = visitor.begin(&registration).await;
        let callback = visitor.authenticate(&address, "steward").await;
        assert_refused(&mut visitor, &callback, lie).await;
    }
    provider.lie(None).await;
    signed_in(&platform, &registration, "steward").await;
}

/// The mix-up attack (RFC 9207): the answer of another provider is not taken for the one that was asked.
#[tokio::test(flavor = "multi_thread")]
async fn no_provider_answers_for_another() {
    let platform = platform().await;
    let (honest, asked) = start_provider(&platform).await;
    let (other, others) = start_provider(&platform).await;
    // A code of the other provider, for the same user.
    let mut accomplice = Visitor::new(&platform);
    let address = accomplice.begin(&others).await;
    let code = parameter(&accomplice.authenticate(&address, "steward").await, "code");
    let mut visitor = Visitor::new(&platform);
    let address = visitor.begin(&asked).await;
    let state = parameter(&address, "state");
    let (honest, other) = (honest.issuer.as_str(), other.issuer.as_str());
    for (what, callback) in [
        ("at its own callback", callback(&others.redirect_uri, &code, &state, Some(other))),
        ("at its own callback, under the other name", callback(&others.redirect_uri, &code, &state, Some(honest))),
        ("at the callback of the one that was asked", callback(&asked.redirect_uri, &code, &state, Some(other))),
        ("without a name", callback(&asked.redirect_uri, &code, &state, None)),
        ("under a wrong name", callback(&asked.redirect_uri, &code, &state, Some(honest))),
    ] {
        assert_refused(&mut visitor, &callback, what).await;
    }
    // The sign-in itself was right all the time.
    let callback = visitor.authenticate(&address, "steward").await;
    visitor.get(&callback).await;
    assert!(visitor.has_session(), "the provider that was asked answers");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_and_a_state_work_once_and_in_one_browser() {
    let platform = platform().await;
    let (_provider, registration) = start_provider(&platform).await;
    let mut victim = Visitor::new(&platform);
    let address = victim.begin(&registration).await;
    // A code of somebody else's sign-in, put into this one: its PKCE verifier is another.
    let mut attacker = Visitor::new(&platform);
    let attackers = attacker.begin(&registration).await;
    let code = parameter(&attacker.authenticate(&attackers, "second-steward").await, "code");
    let state = parameter(&address, "state");
    let honest = victim.authenticate(&address, "steward").await;
    let iss = parameter(&honest, "iss");
    let injected = callback(&registration.redirect_uri, &code, &state, Some(&iss));
    assert_refused(&mut victim, &injected, "a code of another sign-in").await;
    let invented = callback(&registration.redirect_uri, "invented", &state, Some(&iss));
    assert_refused(&mut victim, &invented, "an invented code").await;
    // The whole address in a browser that did not begin this sign-in.
    assert_refused(&mut Visitor::new(&platform), &honest, "a state in another browser").await;
    let mut replay = victim.clone();
    victim.get(&honest).await;
    assert!(victim.has_session(), "the honest answer is accepted");
    assert_refused(&mut replay, &honest, "a code that was used").await;
}

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
