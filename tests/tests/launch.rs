//! Launches from a partner's own system: the right patient opens without a prompt, everything else is refused in plain
//! words, and both logs say how the reader came (S-12, Q-01, Q-02).

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

#[path = "launch/smart.rs"]
mod smart;

use std::time::Duration;

use lcr_city::CastMember;
use lcr_model::ViewId;
use lcr_testkit::eventually_ok;
use lcr_tests::{Answer, Browser, Platform};
use serde_json::{Value, json};

const LIMIT: Duration = Duration::from_secs(15);
const REFUSED: &str = "Your system could not open the patient here";
const LAUNCHED: &str = "opened from a system of Beckside Surgery";
const HOSPITAL: &str = "st-hildas";

/// The claims of a valid launch of this person by Dr Khan.
fn claims(platform: &Platform, member: &CastMember) -> Value {
    platform.host_system().claims(member.nhs_number.as_deref().unwrap(), &member.birth_date)
}

async fn launch(platform: &Platform, browser: &Browser, member: &CastMember) -> (Browser, Answer) {
    let token = platform.host_system().sign(&claims(platform, member)).await;
    browser.launch(&token).await
}

fn page_name(member: &CastMember) -> String {
    format!("{}, {}", member.family.to_uppercase(), member.given).replace('\'', "&#39;")
}

/// Somebody of another practice, whom Dr Khan cannot open otherwise.
#[tokio::test(flavor = "multi_thread")]
async fn a_signed_launch_opens_the_patient_and_the_log_says_how() {
    let platform = Platform::start_loaded().await;
    let member = platform.city().cast().elsewhere.clone();
    let gp = platform.actor("gp").await;
    let person = gp.find_person(member.nhs_number.as_deref().unwrap()).await;
    assert_eq!(gp.record(&person).await.status, 403, "without a launch it does not open");
    let (browser, opened) = launch(&platform, &platform.new_browser(), &member).await;
    assert_eq!(opened.status, 200, "{}", opened.text());
    assert!(opened.text().contains(&page_name(&member)), "{}", opened.text());
    assert!(opened.text().contains(LAUNCHED), "the page says why it is open: {}", opened.text());
    assert!(browser.cookie.starts_with("__Host-lcr=") && !browser.cookie.contains("launch"), "one cookie is left");
    let officer = platform.actor("practice-officer").await;
    eventually_ok(LIMIT, "the officer's log says how", async || {
        let log = officer.get(&format!("/api/audit/v1/people/{person}/accesses")).await.text();
        if log.contains(LAUNCHED) { Ok(()) } else { Err(log) }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_patients_own_log_says_how_the_reader_came() {
    let platform = Platform::start_loaded().await;
    let fredrica = platform.city().cast().fredrica_smith.clone();
    let patient = platform.actor("patient").await;
    let (_, opened) = launch(&platform, &platform.new_browser(), &fredrica).await;
    assert_eq!(opened.status, 200, "{}", opened.text());
    eventually_ok(LIMIT, "her log says how", async || {
        let log = patient.get("/api/audit/v1/my-looks").await.text();
        if log.contains(LAUNCHED) { Ok(()) } else { Err(log) }
    })
    .await;
}

/// The valid claims with one of them replaced.
fn with(mut claims: Value, at: &str, value: Value) -> Value {
    *claims.pointer_mut(at).unwrap() = value;
    claims
}

async fn assert_refused(platform: &Platform, what: &str, token: &str) {
    let (browser, answer) = platform.new_browser().launch(token).await;
    assert_eq!(answer.status, 403, "{what}: {}", answer.text());
    assert!(answer.text().contains(REFUSED), "{what}: {}", answer.text());
    assert_eq!(browser.cookie, "", "{what}: no session begins");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_token_that_is_not_exactly_right_is_refused_in_plain_words() {
    let platform = Platform::start_loaded().await;
    let host = platform.host_system();
    let fredrica = platform.city().cast().fredrica_smith.clone();
    let valid = || claims(&platform, &fredrica);
    let now = valid()["iat"].as_i64().unwrap();
    let cases = [
        ("expired", with(with(valid(), "/iat", json!(now - 61)), "/exp", json!(now - 1))),
        ("too long-lived", with(valid(), "/exp", json!(now + 120))),
        ("for another audience", with(valid(), "/aud", json!(format!("{}/oauth2/token", platform.origin())))),
        ("of another organisation", with(valid(), "/org", json!("Z9H01"))),
        ("of a role that the client may not vouch for", with(valid(), "/user/role", json!("consultant"))),
        ("of an officer", with(valid(), "/user/role", json!("privacy-officer"))),
        ("of a patient", with(valid(), "/user/role", json!("patient"))),
        ("of another client", with(with(valid(), "/iss", json!("feeds-client")), "/sub", json!("feeds-client"))),
        ("of an unknown client", with(with(valid(), "/iss", json!("nobody")), "/sub", json!("nobody"))),
        ("without a valid NHS number", with(valid(), "/patient/nhs_number", json!("9434765918"))),
    ];
    for (what, claims) in cases {
        assert_refused(&platform, what, &host.sign(&claims).await).await;
    }
    assert_refused(&platform, "of another type", &host.sign_as("JWT", &valid()).await).await;
    let token = host.sign(&valid()).await;
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let first = if signature.starts_with('A') { "B" } else { "A" };
    assert_refused(&platform, "altered", &format!("{signed}.{first}{}", &signature[1..])).await;
    assert_refused(&platform, "not a token", "x").await;
    let (_, opened) = platform.new_browser().launch(&token).await;
    assert_eq!(opened.status, 200, "the token itself is right: {}", opened.text());
    assert_refused(&platform, "replayed", &token).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_birth_date_opens_nobody() {
    let platform = Platform::start_loaded().await;
    let fredrica = platform.city().cast().fredrica_smith.clone();
    let other_day = with(claims(&platform, &fredrica), "/patient/birth_date", json!("1945-07-15"));
    let token = platform.host_system().sign(&other_day).await;
    let (_, answer) = platform.new_browser().launch(&token).await;
    assert_eq!(answer.status, 404, "{}", answer.text());
    assert!(answer.text().contains("We cannot open that person"), "{}", answer.text());
    assert!(!answer.text().to_lowercase().contains("smith"), "nobody is named: {}", answer.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn two_patients_launched_in_one_browser_never_mix() {
    let platform = Platform::start_loaded().await;
    let cast = platform.city().cast().clone();
    let person = platform.actor("gp").await.find_person(cast.fredrica_smith.nhs_number.as_deref().unwrap()).await;
    let (first, page) = launch(&platform, &platform.new_browser(), &cast.fredrica_smith).await;
    assert_eq!(page.status, 200, "{}", page.text());
    let stream = format!("/people/{person}/stream?view={}&watch=all", ViewId::new());
    let mut events = first.stream(&stream).await;
    let (second, page) = launch(&platform, &first, &cast.elsewhere).await;
    assert!(page.text().contains(&page_name(&cast.elsewhere)), "{}", page.text());
    assert!(!page.text().contains(&page_name(&cast.fredrica_smith)), "nothing of the first patient is on the page");
    let ended = tokio::time::timeout(LIMIT, async {
        while let Some((_, event)) = events.next().await {
            if event.contains("You can no longer see") {
                return true;
            }
        }
        false
    });
    assert!(ended.await.unwrap(), "the first patient's page closes and says so");
    assert_eq!(first.get("/home").await.status, 303, "the session before has ended");
    assert_eq!(second.get("/home").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_framed_launch_is_bound_to_its_frame() {
    let platform = Platform::start_loaded().await;
    let mut framed = claims(&platform, &platform.city().cast().fredrica_smith.clone());
    framed["embed"] = json!(true);
    let token = platform.host_system().sign(&framed).await;
    let (browser, opened) = platform.new_browser().launch(&token).await;
    assert_eq!(opened.status, 200, "{}", opened.text());
    assert!(opened.header("content-security-policy").contains("frame-ancestors http://127.0.0.1:*"));
    assert_eq!(opened.header("x-frame-options"), "");
    let secret = browser.cookie.strip_prefix("__Host-lcr-frame=").unwrap().to_owned();
    let outside = platform.anonymous().with_header("cookie", &format!("__Host-lcr={secret}"));
    let refused = outside.get("/home").await;
    assert_eq!(refused.status, 303, "the session is accepted from the cookie of its frame alone");
    assert!(refused.header("content-security-policy").contains("frame-ancestors 'none'"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_patient_is_launched_again_and_again() {
    let platform = Platform::start_loaded().await;
    let fredrica = platform.city().cast().fredrica_smith.clone();
    for _ in 0..9 {
        let (_, opened) = launch(&platform, &platform.new_browser(), &fredrica).await;
        assert_eq!(opened.status, 200, "{}", opened.text());
    }
}
