//! What the provider refuses: wrong addresses, requests without PKCE, used assertions, other hosts.

use serde_json::{Value, json};

use super::{
    assert_error,
    setup::{TestSetup, now, sign_with_wrong_key},
};

#[tokio::test]
async fn a_wrong_redirect_address_is_refused_in_both_steps() {
    let setup = TestSetup::new().await;
    let code = setup.obtain_code("gp").await;
    assert_error(setup.exchange(&code, &[("redirect_uri", "http://127.0.0.1:1/")]).await, 400, "invalid_grant").await;
    let similar_address = format!("{}/auth/callback/", setup.platform);
    let params = setup.authorize_params_with("redirect_uri", &similar_address);
    let response = setup.http.get(setup.url("/authorize")).query(&params).send().await.expect("an answer");
    assert_eq!(response.status(), 400, "shown here, not redirected");
    let mut form = params;
    form.push(("persona", "gp".to_owned()));
    assert_eq!(setup.http.post(setup.url("/authorize")).form(&form).send().await.expect("an answer").status(), 400);
}

#[tokio::test]
async fn requests_without_pkce_or_openid_are_reported_to_the_platform() {
    let setup = TestSetup::new().await;
    for (name, value, error) in [
        ("code_challenge_method", "plain", "invalid_request"),
        ("code_challenge", "", "invalid_request"),
        ("scope", "profile", "invalid_scope"),
        ("response_type", "token", "unsupported_response_type"),
    ] {
        let response = setup
            .http
            .get(setup.url("/authorize"))
            .query(&setup.authorize_params_with(name, value))
            .send()
            .await
            .expect("an answer");
        let location = response.headers()["location"].to_str().expect("text").to_owned();
        assert!(location.starts_with(&setup.platform) && location.contains(&format!("error={error}")), "{location}");
    }
}

#[tokio::test]
async fn the_platform_needs_a_new_valid_assertion_for_each_exchange() {
    let setup = TestSetup::new().await;
    let code = setup.obtain_code("gp").await;
    let change = |name: &str, value: Value| {
        let mut claims = setup.assertion_claims();
        claims[name] = value;
        setup.sign_assertion(&claims)
    };
    let wrong = [
        sign_with_wrong_key(&setup.assertion_claims()),
        change("exp", json!(now() - 10)),
        change("exp", json!(now() + 100_000)),
        change("aud", json!("http://somewhere.example/token")),
        change("iss", json!("somebody-else")),
        change("sub", json!("somebody-else")),
        change("jti", json!("")),
        "not-a-jwt".to_owned(),
    ];
    for assertion in &wrong {
        assert_error(setup.exchange(&code, &[("client_assertion", assertion)]).await, 401, "invalid_client").await;
    }
    assert_error(setup.exchange(&code, &[("client_assertion_type", "x")]).await, 401, "invalid_client").await;
    assert_error(setup.exchange(&code, &[("grant_type", "password")]).await, 400, "unsupported_grant_type").await;
    let issuer_as_audience = change("aud", json!(setup.idp.issuer()));
    assert_eq!(setup.exchange(&code, &[("client_assertion", &issuer_as_audience)]).await.status(), 200);
    let code = setup.obtain_code("gp").await;
    assert_error(setup.exchange(&code, &[("client_assertion", &issuer_as_audience)]).await, 401, "invalid_client")
        .await;
}

#[tokio::test]
async fn other_hosts_and_origins_are_refused() {
    let setup = TestSetup::new().await;
    let other_host = setup.http.get(setup.url("/jwks")).header("host", "evil.example").send().await.expect("an answer");
    assert_eq!(other_host.status(), 421);
    let body = json!({"as": "gp"});
    for (origin, status) in [("http://evil.example", 403), ("null", 403), (setup.idp.issuer().as_str(), 200)] {
        let response = setup
            .http
            .post(setup.url("/demo/assert"))
            .header("origin", origin)
            .json(&body)
            .send()
            .await
            .expect("an answer");
        assert_eq!(response.status(), status, "{origin}");
    }
}
