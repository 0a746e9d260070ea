//! Replayed and foreign credentials: an ID token is accepted once in any spelling, a provider's answer only for that
//! provider, and a new sign-in ends the former session.

use lcr_tests::{Platform, tokens};

#[tokio::test(flavor = "multi_thread")]
async fn an_id_token_opens_one_session_in_any_base64_spelling() {
    let platform = Platform::start(lcr_tests::Options { city: false, ..Default::default() }).await;
    let anonymous = platform.anonymous();
    let ask = serde_json::json!({ "as": "gp" });
    let proof = anonymous.post(&format!("{}/demo/assert", platform.provider.issuer()), &ask).await.json();
    let token = proof["id_token"].as_str().unwrap();
    let form =
        |token: &str| format!("grant_type=urn:ietf:params:oauth:grant-type:token-exchange&subject_token={token}");
    assert_eq!(anonymous.post_form("/oauth2/token", form(token)).await.status, 200);
    for other in tokens::base64_variants(token) {
        assert_eq!(anonymous.post_form("/oauth2/token", form(&other)).await.status, 401);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_providers_answer_is_refused() {
    let platform = Platform::start(lcr_tests::Options { city: false, ..Default::default() }).await;
    let anonymous = platform.anonymous();
    for iss in ["&iss=https%3A%2F%2Felsewhere.example", ""] {
        let redirect = anonymous.get("/auth/sign-in?return=/home").await;
        let login = redirect.headers.get("set-cookie").unwrap().to_str().unwrap().split(';').next().unwrap().to_owned();
        let to = redirect.header("location").to_owned();
        let (provider, query) = to.split_once('?').unwrap();
        let chosen = anonymous.post_form(provider, format!("{query}&persona=gp")).await;
        let callback = chosen.header("location").to_owned();
        let (without, _) = callback.split_once("&iss=").unwrap();
        let answer = anonymous.clone().with_header("cookie", &login).get(&format!("{without}{iss}")).await;
        assert_eq!(answer.status, 401, "{iss}");
        let elsewhere = callback.replacen("/auth/callback", "/auth/callback/other", 1);
        let answer = anonymous.clone().with_header("cookie", &login).get(&elsewhere).await;
        assert_eq!(answer.status, 401, "an address that is another provider's");
        let answer = anonymous.clone().with_header("cookie", &login).get(&callback).await;
        assert_eq!(answer.status, 303, "{}", answer.text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_in_again_ends_the_session_before() {
    let platform = Platform::start(lcr_tests::Options { city: false, ..Default::default() }).await;
    let first = platform.browser("gp").await;
    assert_eq!(first.get("/home").await.status, 200);
    let second = first.sign_in_again("gp").await;
    assert_eq!(second.get("/home").await.status, 200);
    assert_eq!(first.get("/home").await.status, 303, "the former cookie opens nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_again_makes_the_provider_ask_anew() {
    let platform = Platform::start(lcr_tests::Options { city: false, ..Default::default() }).await;
    let anonymous = platform.anonymous();
    let to = async |path: &str| anonymous.get(path).await.header("location").to_owned();
    let again = to("/auth/sign-in?return=/home&again=1").await;
    assert!(again.contains("prompt=login") && again.contains("max_age=0"), "{again}");
    assert!(!to("/auth/sign-in?return=/home").await.contains("prompt="));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_tabs_that_sign_in_at_once_both_finish() {
    let platform = Platform::start(lcr_tests::Options { city: false, ..Default::default() }).await;
    let anonymous = platform.anonymous();
    let (mut cookies, mut locations) = (vec![], vec![]);
    for _ in 0..2 {
        let redirect = anonymous.get("/auth/sign-in?return=/home").await;
        cookies
            .push(redirect.headers.get("set-cookie").unwrap().to_str().unwrap().split(';').next().unwrap().to_owned());
        locations.push(redirect.header("location").to_owned());
    }
    for location in locations {
        let (provider, query) = location.split_once('?').unwrap();
        let chosen = anonymous.post_form(provider, format!("{query}&persona=gp")).await;
        let callback = chosen.header("location").to_owned();
        let answer = anonymous.clone().with_header("cookie", &cookies.join("; ")).get(&callback).await;
        assert_eq!(answer.status, 303, "{}", answer.text());
    }
}
