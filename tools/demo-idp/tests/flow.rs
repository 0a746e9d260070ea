//! The code flow as the platform goes through it, and every way in which it must be refused.

#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

#[path = "flow/stand.rs"]
mod stand;

use serde_json::{Value, json};
use stand::{Stand, forged, now, verify};

async fn refused(answer: reqwest::Response, status: u16, error: &str) {
    assert_eq!(answer.status(), status);
    let body: Value = answer.json().await.expect("JSON");
    assert_eq!(body["error"], error, "{body}");
    assert!(body.get("id_token").is_none());
}

#[tokio::test]
async fn a_chosen_persona_becomes_an_id_token() {
    let stand = Stand::new().await;
    let code = stand.code("gp").await;
    let answer = stand.exchange(&code, &[]).await;
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["cache-control"], "no-store");
    let body: Value = answer.json().await.expect("JSON");
    let claims = stand.verified(body["id_token"].as_str().expect("a token")).await;
    assert_eq!(claims["iss"], stand.idp.issuer());
    for (name, value) in [
        ("nonce", "nonce-1"),
        ("name", "Dr Aisha Khan"),
        ("org_code", "Y90001"),
        ("role", "gp"),
        ("acr", "AAL2"),
    ] {
        assert_eq!(claims[name], value, "{name}");
    }
    assert!(["sid", "sub"].iter().all(|name| claims[*name].is_string()) && claims["auth_time"].is_i64());
    assert!(claims.get("nhs_number").is_none());
}

#[tokio::test]
async fn a_patient_has_a_number_and_no_organisation() {
    let stand = Stand::new().await;
    let body: Value = stand.exchange(&stand.code("patient").await, &[]).await.json().await.expect("JSON");
    let claims = stand.verified(body["id_token"].as_str().expect("a token")).await;
    assert_eq!((claims["nhs_number"].as_str(), claims["org_code"].as_str()), (Some("9434765919"), Some("")));
}

#[tokio::test]
async fn a_code_is_used_up_by_whoever_presents_it() {
    let stand = Stand::new().await;
    let code = stand.code("gp").await;
    refused(
        stand.exchange(&code, &[("code_verifier", "another-verifier-that-is-long-enough-by-far-yes")]).await,
        400,
        "invalid_grant",
    )
    .await;
    refused(stand.exchange(&code, &[]).await, 400, "invalid_grant").await;
    let code = stand.code("gp").await;
    assert_eq!(stand.exchange(&code, &[]).await.status(), 200);
    refused(stand.exchange(&code, &[]).await, 400, "invalid_grant").await;
    refused(stand.exchange("made-up", &[]).await, 400, "invalid_grant").await;
}

#[tokio::test]
async fn another_redirect_is_refused_in_both_steps() {
    let stand = Stand::new().await;
    let code = stand.code("gp").await;
    refused(stand.exchange(&code, &[("redirect_uri", "http://127.0.0.1:1/")]).await, 400, "invalid_grant")
        .await;
    let near = format!("{}/auth/callback/", stand.platform);
    let asked = stand.with("redirect_uri", &near);
    let answer = stand.http.get(stand.at("/authorize")).query(&asked).send().await.expect("an answer");
    assert_eq!(answer.status(), 400, "told here, not sent there");
    let mut form = asked;
    form.push(("persona", "gp".to_owned()));
    assert_eq!(
        stand.http.post(stand.at("/authorize")).form(&form).send().await.expect("an answer").status(),
        400
    );
}

#[tokio::test]
async fn without_pkce_or_openid_the_platform_is_told() {
    let stand = Stand::new().await;
    for (name, value, error) in [
        ("code_challenge_method", "plain", "invalid_request"),
        ("code_challenge", "", "invalid_request"),
        ("scope", "profile", "invalid_scope"),
        ("response_type", "token", "unsupported_response_type"),
    ] {
        let answer = stand
            .http
            .get(stand.at("/authorize"))
            .query(&stand.with(name, value))
            .send()
            .await
            .expect("an answer");
        let back = answer.headers()["location"].to_str().expect("text").to_owned();
        assert!(back.starts_with(&stand.platform) && back.contains(&format!("error={error}")), "{back}");
    }
}

#[tokio::test]
async fn the_platform_must_prove_itself_afresh() {
    let stand = Stand::new().await;
    let code = stand.code("gp").await;
    let change = |name: &str, value: Value| {
        let mut claims = stand.claims();
        claims[name] = value;
        stand.assertion(&claims)
    };
    let wrong = [
        forged(&stand.claims()),
        change("exp", json!(now() - 10)),
        change("exp", json!(now() + 100_000)),
        change("aud", json!("http://somewhere.example/token")),
        change("iss", json!("somebody-else")),
        change("sub", json!("somebody-else")),
        change("jti", json!("")),
        "not-a-jwt".to_owned(),
    ];
    for assertion in &wrong {
        refused(stand.exchange(&code, &[("client_assertion", assertion)]).await, 401, "invalid_client").await;
    }
    refused(stand.exchange(&code, &[("client_assertion_type", "x")]).await, 401, "invalid_client").await;
    refused(stand.exchange(&code, &[("grant_type", "password")]).await, 400, "unsupported_grant_type").await;
    let issuer_as_audience = change("aud", json!(stand.idp.issuer()));
    assert_eq!(stand.exchange(&code, &[("client_assertion", &issuer_as_audience)]).await.status(), 200);
    let code = stand.code("gp").await;
    refused(stand.exchange(&code, &[("client_assertion", &issuer_as_audience)]).await, 401, "invalid_client")
        .await;
}

#[tokio::test]
async fn the_page_asks_and_never_skips() {
    let stand = Stand::new().await;
    let answer = stand
        .http
        .get(stand.at("/authorize"))
        .query(&stand.with("login_hint", "ward-nurse"))
        .send()
        .await
        .expect("an answer");
    assert_eq!(answer.status(), 200, "a hint never signs in");
    let policy = answer.headers()["content-security-policy"].to_str().expect("text").to_owned();
    assert!(policy.contains(&format!("form-action 'self' {}", stand.platform)));
    let page = answer.text().await.expect("text");
    for words in
        ["<title>Choose who to be</title>", "Demonstration: invented people", "Dr Aisha Khan", "Suggested"]
    {
        assert!(page.contains(words), "{words}");
    }
    assert!(!page.contains("<script") && !page.contains("feeds-client"));
    let hostile = stand.with("state", "\"><script>alert(1)</script>");
    let page = stand
        .http
        .get(stand.at("/authorize"))
        .query(&hostile)
        .send()
        .await
        .expect("an answer")
        .text()
        .await
        .expect("text");
    assert!(!page.contains("<script"), "what is asked is escaped");
    assert_eq!(stand.http.get(stand.at("/style.css")).send().await.expect("an answer").status(), 200);
}

#[tokio::test]
async fn only_this_machine_and_this_page_are_served() {
    let stand = Stand::new().await;
    let renamed =
        stand.http.get(stand.at("/jwks")).header("host", "evil.example").send().await.expect("an answer");
    assert_eq!(renamed.status(), 421);
    let body = json!({"as": "gp"});
    for (origin, status) in [("http://evil.example", 403), ("null", 403), (stand.idp.issuer().as_str(), 200)]
    {
        let answer = stand
            .http
            .post(stand.at("/demo/assert"))
            .header("origin", origin)
            .json(&body)
            .send()
            .await
            .expect("an answer");
        assert_eq!(answer.status(), status, "{origin}");
    }
}

#[tokio::test]
async fn the_command_line_has_its_own_ways() {
    let stand = Stand::new().await;
    let post = |path: &str, body: Value| stand.http.post(stand.at(path)).json(&body).send();
    let body: Value = post("/demo/assert", json!({"as": "consultant"}))
        .await
        .expect("an answer")
        .json()
        .await
        .expect("JSON");
    let claims = stand.verified(body["id_token"].as_str().expect("a token")).await;
    assert_eq!((claims["role"].as_str(), claims.get("nonce")), (Some("consultant"), None));
    assert_eq!(post("/demo/assert", json!({"as": "feeds-client"})).await.expect("an answer").status(), 404);
    assert_eq!(
        post("/demo/client-assertion", json!({"as": "gp", "audience": "x"}))
            .await
            .expect("an answer")
            .status(),
        404
    );
    let asked = json!({"as": "feeds-client", "audience": "http://localhost:8080/oauth2/token"});
    let body: Value =
        post("/demo/client-assertion", asked).await.expect("an answer").json().await.expect("JSON");
    let keys = stand.idp.client_jwks("feeds-client").expect("keys");
    let claims = verify(
        body["client_assertion"].as_str().expect("a JWT"),
        &keys,
        "http://localhost:8080/oauth2/token",
    );
    assert_eq!(
        (claims["iss"].as_str(), claims["sub"].as_str()),
        (Some("feeds-client"), Some("feeds-client"))
    );
    assert!(claims["exp"].as_i64().is_some_and(|exp| exp <= now() + 60) && claims["jti"].is_string());
    assert!(stand.idp.client_jwks("gp").is_none());
}

#[tokio::test]
async fn discovery_says_where_everything_is_and_signing_out_leads_back() {
    let stand = Stand::new().await;
    let told = stand.get("/.well-known/openid-configuration").await;
    assert_eq!(
        (told["issuer"].as_str(), told["token_endpoint"].as_str()),
        (Some(stand.idp.issuer().as_str()), Some(stand.at("/token").as_str()))
    );
    assert_eq!(told["code_challenge_methods_supported"], json!(["S256"]));
    let leave = |to: &str| {
        stand.http.get(stand.at("/logout")).query(&[("post_logout_redirect_uri", to), ("state", "s")]).send()
    };
    let answer = leave(&format!("{}/", stand.platform)).await.expect("an answer");
    assert_eq!(answer.headers()["location"].to_str().expect("text"), format!("{}/?state=s", stand.platform));
    assert_eq!(
        leave("http://evil.example/").await.expect("an answer").status(),
        200,
        "never leads elsewhere"
    );
}

#[tokio::test]
async fn every_persona_works_for_an_organisation_of_the_city() {
    let city =
        lcr_city::start(lcr_city::CityOptions { people: 20, seed: 1, first_port: 0 }).await.expect("a city");
    for one in lcr_demo_idp::personas().iter().filter(|one| one.kind != "patient") {
        assert!(city.plan().organisations.iter().any(|known| known.ods == one.org), "{}", one.name);
    }
    let fredrica = city.cast().fredrica_smith.nhs_number.clone();
    let patient = lcr_demo_idp::personas().iter().find(|one| one.name == "patient").expect("the patient");
    assert_eq!(fredrica.as_deref(), patient.nhs_number);
    let page = Stand::new().await;
    let page = page
        .http
        .get(page.at("/authorize"))
        .query(&page.asked())
        .send()
        .await
        .expect("an answer")
        .text()
        .await
        .expect("text");
    let unescaped = page.replace("&#39;", "'");
    for one in &city.plan().organisations {
        let has_people = lcr_demo_idp::personas().iter().any(|persona| persona.org == one.ods);
        assert!(!has_people || unescaped.contains(&one.name), "{} is called otherwise on the page", one.ods);
    }
    city.shutdown().await;
}
