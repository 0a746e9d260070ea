//! Who is turned away before any data: an ended session, a foreign host, a provider that does not proof patients.

use std::time::{Duration, Instant};

use lcr_model::{Phi, ServiceName};
use lcr_tests::{Options, Platform};
use serde_json::json;

use super::FREDRICA;

#[tokio::test(flavor = "multi_thread")]
async fn an_ended_session_opens_nothing() {
    let platform = Platform::start_loaded().await;
    let browser = platform.browser("gp").await;
    let identity = &platform.single_process().services.identity.api;
    let signed_in = identity.session(&Phi::new(browser.session_secret()), true).await.unwrap().unwrap();
    let machine = platform.anonymous().with_token(signed_in.token.as_ref());
    let person = machine.find_person(FREDRICA).await;
    assert_eq!(machine.record(&person).await.status, 200);
    assert_eq!(browser.post_form("/sign-out", "").await.status, 303);
    let signed_out = Instant::now();
    loop {
        let (record, search) = (machine.record(&person).await, machine.search(&json!({ "q": FREDRICA })).await);
        if (record.status, search.status) == (401, 401) {
            break;
        }
        assert!(signed_out.elapsed() < Duration::from_secs(1), "still answered: {}", record.status);
    }
    assert_eq!(browser.get("/home").await.status, 303, "the cookie opens no page either");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_cookie_the_portal_redirects_to_sign_in() {
    let platform = Platform::start_loaded().await;
    let gp = platform.actor("gp").await;
    let person = gp.find_person(FREDRICA).await;
    for who in [&platform.anonymous(), &gp] {
        for page in ["/home", "/search", "/sources", "/my-record", &format!("/people/{person}")] {
            let answer = who.get(page).await;
            assert_eq!(answer.status, 303, "{} at {page}: a bearer token is not a cookie", who.name);
            assert!(answer.header("location").starts_with("/sign-in?return=/"), "{page}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_host_name_is_not_served() {
    let platform = Platform::start_loaded().await;
    let gp = platform.actor("gp").await.with_header("host", "portal.attacker.example");
    // The operator runs in a cluster only.
    for service in ServiceName::ALL.iter().filter(|service| **service != ServiceName::Operator) {
        let answer = gp.clone().at(platform.service_url(*service)).get("/openapi.json").await;
        assert_eq!(answer.status, 421, "{service}");
    }
    assert_eq!(gp.get("/home").await.status, 421);
}

/// Its name alone tells the care.
#[tokio::test(flavor = "multi_thread")]
async fn no_answer_names_a_discreet_service_to_anybody_but_the_platforms_administrators() {
    let platform = Platform::start(Options { patients: false, ..Options::default() }).await;
    for (persona, knows) in [("gp", false), ("data-steward", false), ("org-admin", false), ("platform-admin", true)] {
        let reader = platform.actor(persona).await;
        for (path, mark) in [
            ("/api/identity/v1/organisations", "Z9X01"),
            ("/api/identity/v1/organisations/Z9X01", "Canalside"),
            ("/api/identity/v1/organisations/Z9X01/systems", "\"sexual-health\""),
            ("/api/record-aggregation/v1/sources", "\"sexual-health\""),
        ] {
            let answer = reader.get(path).await;
            assert_eq!(answer.text().contains(mark), knows, "{persona} at {path}: {}", answer.text());
        }
        let unknown = reader.get("/api/identity/v1/organisations/Z9X99").await;
        let discreet = reader.get("/api/identity/v1/organisations/Z9X01").await;
        assert_eq!((discreet.status, unknown.status), (if knows { 200 } else { 404 }, 404), "{persona}");
    }
}

/// Otherwise any organisation's provider could give its users access to any patient's log and choices.
#[tokio::test(flavor = "multi_thread")]
async fn only_a_provider_that_proofs_patients_may_sign_in_patients() {
    let platform = Platform::start(Options { city: false, patients: false, ..Options::default() }).await;
    let provider = platform.provider.issuer();
    let assertion = platform.anonymous().post(&format!("{provider}/demo/assert"), &json!({ "as": "patient" })).await;
    let id_token = assertion.json()["id_token"].as_str().unwrap().to_owned();
    let exchange = format!("grant_type=urn:ietf:params:oauth:grant-type:token-exchange&subject_token={id_token}");
    let refused = platform.anonymous().post_form("/oauth2/token", exchange).await;
    assert!(refused.status >= 400 && !refused.text().contains("access_token"), "{}", refused.text());
    // Staff of the same provider can still sign in.
    assert_eq!(platform.actor("gp").await.get("/api/record-aggregation/v1/sources").await.status, 200);
}
