//! Sign-in at a partner's own provider, which others wrote (`oidc-provider`): an administrator sets it up by the API, its staff
//! sign in, and each lie, replay and mix-up is refused without a session (X-18, S-13, Q-01, Q-02, Q-17).

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::time::Duration;

use lcr_testkit::eventually_ok;
use lcr_tests::{Options, Platform};
use serde_json::{Value, json};

use self::{
    partner::{ADMINISTRATOR, ForeignProvider, ORGANISATION, Registration},
    visitor::Visitor,
};

#[path = "identity_provider/logout.rs"]
mod logout;
#[path = "identity_provider/partner.rs"]
mod partner;
#[path = "identity_provider/refusals.rs"]
mod refusals;
#[path = "identity_provider/visitor.rs"]
mod visitor;

/// The provider's keys are fetched again for an unknown key at most every ten seconds.
const NEW_KEYS_LIMIT: Duration = Duration::from_secs(20);

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
