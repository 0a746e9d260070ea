//! Old keys and other people's answers: a word is taken once however it is written, a provider answers for itself alone,
//! and signing in again leaves no session open behind.

use lcr_tests::{Platform, tokens};

#[tokio::test(flavor = "multi_thread")]
async fn an_id_token_opens_one_session_however_its_last_letter_is_written() {
    let platform = Platform::start(lcr_tests::Options { city: false, ..Default::default() }).await;
    let anonymous = platform.anonymous();
    let ask = serde_json::json!({ "as": "gp" });
    let proof = anonymous.post(&format!("{}/demo/assert", platform.provider.issuer()), &ask).await.json();
    let token = proof["id_token"].as_str().unwrap();
    let form = |token: &str| {
        format!("grant_type=urn:ietf:params:oauth:grant-type:token-exchange&subject_token={token}")
    };
    assert_eq!(anonymous.post_form("/oauth2/token", form(token)).await.status, 200);
    for other in tokens::spellings(token) {
        assert_eq!(anonymous.post_form("/oauth2/token", form(&other)).await.status, 401);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_providers_answer_is_refused() {
    let platform = Platform::start(lcr_tests::Options { city: false, ..Default::default() }).await;
    let anonymous = platform.anonymous();
    for iss in ["&iss=https%3A%2F%2Felsewhere.example", ""] {
        let left = anonymous.get("/auth/sign-in?return=/home").await;
        let login =
            left.headers.get("set-cookie").unwrap().to_str().unwrap().split(';').next().unwrap().to_owned();
        let to = left.header("location").to_owned();
        let (provider, query) = to.split_once('?').unwrap();
        let chosen = anonymous.post_form(provider, format!("{query}&persona=gp")).await;
        let back = chosen.header("location").to_owned();
        let (without, _) = back.split_once("&iss=").unwrap();
        let answer = anonymous.clone().with_header("cookie", &login).get(&format!("{without}{iss}")).await;
        assert_eq!(answer.status, 401, "{iss}");
        let elsewhere = back.replacen("/auth/callback", "/auth/callback/other", 1);
        let answer = anonymous.clone().with_header("cookie", &login).get(&elsewhere).await;
        assert_eq!(answer.status, 401, "an address that is another provider's");
        let answer = anonymous.clone().with_header("cookie", &login).get(&back).await;
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
async fn two_tabs_that_sign_in_at_once_both_finish() {
    let platform = Platform::start(lcr_tests::Options { city: false, ..Default::default() }).await;
    let anonymous = platform.anonymous();
    let (mut cookies, mut ways) = (vec![], vec![]);
    for _ in 0..2 {
        let left = anonymous.get("/auth/sign-in?return=/home").await;
        cookies.push(
            left.headers.get("set-cookie").unwrap().to_str().unwrap().split(';').next().unwrap().to_owned(),
        );
        ways.push(left.header("location").to_owned());
    }
    for way in ways {
        let (provider, query) = way.split_once('?').unwrap();
        let chosen = anonymous.post_form(provider, format!("{query}&persona=gp")).await;
        let back = chosen.header("location").to_owned();
        let answer = anonymous.clone().with_header("cookie", &cookies.join("; ")).get(&back).await;
        assert_eq!(answer.status, 303, "{}", answer.text());
    }
}
