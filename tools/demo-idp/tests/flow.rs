//! The code flow from the platform's side, and every request that must be refused.

#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

#[path = "flow/refusals.rs"]
mod refusals;
#[path = "flow/setup.rs"]
mod setup;

use serde_json::{Value, json};
use setup::{TestSetup, now, verify};

async fn assert_error(response: reqwest::Response, status: u16, error: &str) {
    assert_eq!(response.status(), status);
    let body: Value = response.json().await.expect("JSON");
    assert_eq!(body["error"], error, "{body}");
    assert!(body.get("id_token").is_none());
}

#[tokio::test]
async fn a_chosen_persona_becomes_an_id_token() {
    let setup = TestSetup::new().await;
    let code = setup.obtain_code("gp").await;
    let response = setup.exchange(&code, &[]).await;
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["cache-control"], "no-store");
    let body: Value = response.json().await.expect("JSON");
    let claims = setup.verified_claims(body["id_token"].as_str().expect("a token")).await;
    assert_eq!(claims["iss"], setup.idp.issuer());
    for (name, value) in
        [("nonce", "nonce-1"), ("name", "Dr Aisha Khan"), ("org_code", "Y90001"), ("role", "gp"), ("acr", "AAL2")]
    {
        assert_eq!(claims[name], value, "{name}");
    }
    assert!(["sid", "sub"].iter().all(|name| claims[*name].is_string()) && claims["auth_time"].is_i64());
    assert!(claims.get("nhs_number").is_none());
}

#[tokio::test]
async fn a_patient_has_a_number_and_no_organisation() {
    let setup = TestSetup::new().await;
    let body: Value = setup.exchange(&setup.obtain_code("patient").await, &[]).await.json().await.expect("JSON");
    let claims = setup.verified_claims(body["id_token"].as_str().expect("a token")).await;
    assert_eq!((claims["nhs_number"].as_str(), claims["org_code"].as_str()), (Some("9434765919"), Some("")));
}

#[tokio::test]
async fn a_code_works_once_even_if_the_first_exchange_fails() {
    let setup = TestSetup::new().await;
    let code = setup.obtain_code("gp").await;
    assert_error(
        setup.exchange(&code, &[("code_verifier", "another-verifier-that-is-long-enough-by-far-yes")]).await,
        400,
        "invalid_grant",
    )
    .await;
    assert_error(setup.exchange(&code, &[]).await, 400, "invalid_grant").await;
    let code = setup.obtain_code("gp").await;
    assert_eq!(setup.exchange(&code, &[]).await.status(), 200);
    assert_error(setup.exchange(&code, &[]).await, 400, "invalid_grant").await;
    assert_error(setup.exchange("made-up", &[]).await, 400, "invalid_grant").await;
}

#[tokio::test]
async fn the_page_always_asks_who_to_be() {
    let setup = TestSetup::new().await;
    let response = setup
        .http
        .get(setup.url("/authorize"))
        .query(&setup.authorize_params_with("login_hint", "ward-nurse"))
        .send()
        .await
        .expect("an answer");
    assert_eq!(response.status(), 200, "a hint never signs in");
    let policy = response.headers()["content-security-policy"].to_str().expect("text").to_owned();
    assert!(policy.contains(&format!("form-action 'self' {}", setup.platform)));
    let page = response.text().await.expect("text");
    for words in ["<title>Choose who to be</title>", "Demonstration: invented people", "Dr Aisha Khan", "Suggested"] {
        assert!(page.contains(words), "{words}");
    }
    assert!(!page.contains("<script") && !page.contains("feeds-client"));
    let malicious_params = setup.authorize_params_with("state", "\"><script>alert(1)</script>");
    let page = setup
        .http
        .get(setup.url("/authorize"))
        .query(&malicious_params)
        .send()
        .await
        .expect("an answer")
        .text()
        .await
        .expect("text");
    assert!(!page.contains("<script"), "request parameters are escaped");
    assert_eq!(setup.http.get(setup.url("/style.css")).send().await.expect("an answer").status(), 200);
}

#[tokio::test]
async fn the_command_line_gets_tokens_without_a_browser() {
    let setup = TestSetup::new().await;
    let post = |path: &str, body: Value| setup.http.post(setup.url(path)).json(&body).send();
    let body: Value =
        post("/demo/assert", json!({"as": "consultant"})).await.expect("an answer").json().await.expect("JSON");
    let claims = setup.verified_claims(body["id_token"].as_str().expect("a token")).await;
    assert_eq!((claims["role"].as_str(), claims.get("nonce")), (Some("consultant"), None));
    assert_eq!(post("/demo/assert", json!({"as": "feeds-client"})).await.expect("an answer").status(), 404);
    assert_eq!(
        post("/demo/client-assertion", json!({"as": "gp", "audience": "x"})).await.expect("an answer").status(),
        404
    );
    let params = json!({"as": "feeds-client", "audience": "http://localhost:8080/oauth2/token"});
    let body: Value = post("/demo/client-assertion", params).await.expect("an answer").json().await.expect("JSON");
    let keys = setup.idp.client_jwks("feeds-client").expect("keys");
    let claims = verify(body["client_assertion"].as_str().expect("a JWT"), &keys, "http://localhost:8080/oauth2/token");
    assert_eq!((claims["iss"].as_str(), claims["sub"].as_str()), (Some("feeds-client"), Some("feeds-client")));
    assert!(claims["exp"].as_i64().is_some_and(|exp| exp <= now() + 60) && claims["jti"].is_string());
    assert!(setup.idp.client_jwks("gp").is_none());
}

#[tokio::test]
async fn discovery_lists_the_endpoints_and_sign_out_returns_to_the_platform() {
    let setup = TestSetup::new().await;
    let discovery = setup.get_json("/.well-known/openid-configuration").await;
    assert_eq!(
        (discovery["issuer"].as_str(), discovery["token_endpoint"].as_str()),
        (Some(setup.idp.issuer().as_str()), Some(setup.url("/token").as_str()))
    );
    assert_eq!(discovery["code_challenge_methods_supported"], json!(["S256"]));
    let sign_out = |to: &str| {
        setup.http.get(setup.url("/logout")).query(&[("post_logout_redirect_uri", to), ("state", "s")]).send()
    };
    let response = sign_out(&format!("{}/", setup.platform)).await.expect("an answer");
    assert_eq!(response.headers()["location"].to_str().expect("text"), format!("{}/?state=s", setup.platform));
    assert_eq!(sign_out("http://evil.example/").await.expect("an answer").status(), 200, "never redirects elsewhere");
}

#[tokio::test]
async fn every_persona_works_for_an_organisation_of_the_city() {
    let city = lcr_city::start(lcr_city::CityOptions { people: 20, seed: 1, first_port: 0 }).await.expect("a city");
    let staff = lcr_demo_idp::personas().iter().chain(lcr_demo_idp::pilot_teams());
    for one in staff.filter(|one| one.kind != "patient") {
        assert!(city.plan().organisations.iter().any(|known| known.ods == one.org), "{}", one.name);
    }
    let fredrica = city.cast().fredrica_smith.nhs_number.clone();
    let patient = lcr_demo_idp::personas().iter().find(|one| one.name == "patient").expect("the patient");
    assert_eq!(fredrica.as_deref(), patient.nhs_number);
    let page = TestSetup::new().await;
    let page = page
        .http
        .get(page.url("/authorize"))
        .query(&page.authorize_params())
        .send()
        .await
        .expect("an answer")
        .text()
        .await
        .expect("text");
    let unescaped = page.replace("&#39;", "'");
    for one in &city.plan().organisations {
        let has_people = lcr_demo_idp::personas().iter().any(|persona| persona.org == one.ods);
        assert!(!has_people || unescaped.contains(&one.name), "{} has another name on the page", one.ods);
    }
    city.shutdown().await;
}
