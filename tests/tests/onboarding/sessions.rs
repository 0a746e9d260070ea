//! Sessions: the provider's own sign-out, the assurance that a sign-in needs, and the list from which a user ends a session
//!

use std::time::Instant;

use lcr_model::ViewId;
use lcr_tests::{Actor, Platform};
use serde_json::{Value, json};

use super::{
    FREDRICA, assert_done, assert_problem,
    hospital::{CLOSED, HOSPITAL, Hospital, NURSE, assert_closes, assert_session_ends, assert_token_ends, is_problem},
    put,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_out_at_the_provider_ends_the_session_within_a_second() {
    let hospital = Hospital::start().await;
    let nurse = hospital.sign_in(NURSE).await;
    let mut page = hospital.open_page(&nurse).await;
    let listed = hospital.admin.get(&format!("{HOSPITAL}/providers")).await.json();
    let providers = listed["providers"].as_array().unwrap();
    let own = providers.iter().find(|one| one["draft"]["issuer"] == hospital.provider.issuer()).unwrap();
    let address = own["back_channel_logout_uri"].as_str().unwrap();
    let caller = hospital.platform.anonymous();
    let token = hospital.provider.logout_token_for("another-client", NURSE);
    assert_problem(&caller.post_form(address, format!("logout_token={token}")).await, 400, "was not accepted");
    assert_eq!(nurse.record(&hospital.person).await.status, 200, "a token that is not for us ends nothing");
    let token = hospital.provider.logout_token(NURSE);
    assert_done(&caller.post_form(address, format!("logout_token={token}")).await);
    let signed_out = Instant::now();
    assert_closes(&mut page, is_problem).await;
    assert_token_ends(&nurse, &hospital.person, signed_out).await;
    assert_problem(&caller.post_form(address, format!("logout_token={token}")).await, 400, "used before");
}

/// An organisation may agree that its staff prove more than their provider asks of others.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_signs_in_with_less_than_the_agreed_assurance() {
    let hospital = Hospital::start().await;
    // A change of what a provider must prove ends the sessions that it began, the hospital's administrator's too.
    let platform_admin = hospital.platform.actor("platform-admin").await;
    for (assurances, is_enough) in [(["AAL3"].as_slice(), false), (["AAL2", "AAL3"].as_slice(), true)] {
        let mut provider = hospital.provider.draft();
        provider["acr"] = json!(assurances);
        let body = json!({ "provider": provider, "reason": "Our staff have smartcards" });
        assert_done(&put(&platform_admin, &format!("{HOSPITAL}/providers"), &body).await);
        let answer = hospital.provider.exchange(&hospital.platform.anonymous(), NURSE).await;
        assert_eq!(answer.text().contains("access_token"), is_enough, "{assurances:?}: {}", answer.text());
    }
}

/// The ids of a user's open sessions.
async fn own_sessions(user: &Actor) -> Vec<String> {
    let answer = user.get("/api/identity/v1/sessions").await;
    assert_done(&answer);
    let id = |session: &Value| session["session"].as_str().unwrap().to_owned();
    answer.json()["sessions"].as_array().unwrap().iter().map(id).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browsers_list_of_sessions_ends_another_one() {
    let platform = Platform::start_loaded().await;
    let (gp, here) = (platform.actor("gp").await, platform.browser("gp").await);
    let before = own_sessions(&gp).await;
    let elsewhere = platform.browser("gp").await;
    let other = own_sessions(&gp).await.into_iter().find(|id| !before.contains(id)).unwrap();
    let page = here.get("/sessions").await.text();
    assert!(page.contains(&other) && page.contains("This session"), "{page}");
    let person = gp.find_person(FREDRICA).await;
    let path = format!("/people/{person}/stream?view={}&watch=all", ViewId::new());
    let mut open = elsewhere.stream(&path).await;
    assert_eq!(here.post_form("/sessions", &format!("act=end-session&row={other}")).await.status, 303);
    let ended = Instant::now();
    assert_closes(&mut open, |data| data.contains(CLOSED)).await;
    assert_session_ends(&elsewhere, ended).await;
    assert_eq!(here.get("/home").await.status, 200, "the browser's own session goes on");
    let stranger = platform.actor("receptionist").await;
    let own = own_sessions(&gp).await;
    let end = stranger.post(&format!("/api/identity/v1/sessions/{}/end", own[0]), &json!({})).await;
    assert_problem(&end, 404, "");
    assert_eq!(own_sessions(&gp).await, own, "nobody ends another person's session");
}
