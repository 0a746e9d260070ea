//! The people of an organisation: a starter who asks for access, and leavers.

use std::time::Instant;

use bytes::Bytes;
use lcr_model::ViewId;
use lcr_testkit::eventually_ok;
use lcr_tests::{Actor, Answer, Platform};
use reqwest::Method;
use serde_json::json;

use super::{
    LIMIT, assert_done, assert_problem,
    hospital::{CLOSED, HOSPITAL, Hospital, NURSE, assert_closes, assert_session_ends, assert_token_ends, is_problem},
};

/// The subject of the starter at the demo provider.
const STARTER: &str = "900000001305";

/// What happens in a browser when somebody signs in whom the demo provider gives no role: the answer to the callback.
async fn sign_in_without_role(platform: &Platform, who: &str) -> Answer {
    let caller = platform.anonymous();
    let redirect = caller.get("/auth/sign-in?return=/home").await;
    let (login, location) = (cookies(&redirect), redirect.header("location").to_owned());
    let (provider, query) = location.split_once('?').unwrap();
    let chosen = caller.post_form(provider, format!("{query}&persona={who}")).await;
    caller.with_header("cookie", &login).get(chosen.header("location")).await
}

/// The cookies that an answer sets, as a browser sends them back.
fn cookies(answer: &Answer) -> String {
    let lines = answer.headers.get_all("set-cookie").iter().filter_map(|value| value.to_str().ok());
    let pairs = lines.filter(|line| !line.contains("Max-Age=0")).filter_map(|line| line.split(';').next());
    pairs.collect::<Vec<_>>().join("; ")
}

/// A starter asks for access, and sees the clock of the decision.
async fn ask_for_access(hospital: &Hospital) {
    let callback = sign_in_without_role(&hospital.platform, "new-starter").await;
    assert!(callback.header("location").ends_with("/access-request"), "{}", callback.text());
    assert!(!cookies(&callback).contains("__Host-lcr="), "nobody without a role has a session");
    let applicant = hospital.platform.anonymous().with_header("cookie", &cookies(&callback));
    let applicant = applicant.with_header("origin", &hospital.platform.origin());
    let form = "role=ward-nurse&reason=I+start+on+ward+J12+today";
    assert_eq!(applicant.post_form("/access-request", form.to_owned()).await.status, 303);
    let page = applicant.get("/access-request").await.text();
    assert!(page.contains("Waits for a decision") && page.contains("A decision is due by"), "{page}");
}

/// The hospital's administrator gives the access that a starter has asked for. Nobody else can.
async fn grant(hospital: &Hospital) {
    let requests = hospital.admin.get(&format!("{HOSPITAL}/access-requests")).await.json();
    let request = &requests["requests"][0];
    assert_eq!((&request["role"], &request["name"]), (&json!("ward-nurse"), &json!("Callum Reid")), "{requests}");
    let path = format!("{HOSPITAL}/access-requests/{}/decision", request["id"].as_str().unwrap());
    let decision = json!({ "decision": "granted" });
    let stranger = hospital.platform.actor("org-admin").await;
    assert_problem(&stranger.post(&path, &decision).await, 403, "An administrator of the organisation");
    assert_done(&hospital.admin.post(&path, &decision).await);
    assert_problem(&hospital.admin.post(&path, &decision).await, 409, "decided already");
}

/// Ends a person's access as a directory does. They are known to the directory by the provider's id of them.
async fn end_access(directory: &Actor, subject: &str) {
    let user = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": format!("{subject}@st-hildas.example"),
        "externalId": subject, "active": true,
    });
    let made = directory.post("/scim/v2/Users", &user).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let patch = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{ "op": "replace", "path": "active", "value": false }],
    });
    let path = format!("/scim/v2/Users/{}", made.json()["id"].as_str().unwrap());
    let body = Some(("application/scim+json", Bytes::from(patch.to_string())));
    assert_done(&directory.send(Method::PATCH, &path, body).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_starter_asks_works_within_minutes_and_loses_everything_within_a_second_of_leaving() {
    let hospital = Hospital::start().await;
    ask_for_access(&hospital).await;
    grant(&hospital).await;
    let browser = hospital.platform.browser("new-starter").await;
    let path = format!("/people/{}", hospital.person);
    eventually_ok(LIMIT, "the starter opens a record", async || {
        let page = browser.get(&path).await;
        if page.status == 200 { Ok(()) } else { Err(page.text()) }
    })
    .await;
    let directory = hospital.directory().await;
    let mut page = browser.stream(&format!("{path}/stream?view={}&watch=all", ViewId::new())).await;
    end_access(&directory, STARTER).await;
    let left = Instant::now();
    assert_closes(&mut page, |data| data.contains(CLOSED)).await;
    assert_session_ends(&browser, left).await;
    let callback = sign_in_without_role(&hospital.platform, "new-starter").await;
    assert!(!cookies(&callback).contains("__Host-lcr="), "a leaver signs in no more");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leavers_token_and_open_record_end_within_a_second_of_the_directorys_word() {
    let hospital = Hospital::start().await;
    let (nurse, directory) = (hospital.sign_in(NURSE).await, hospital.directory().await);
    let mut page = hospital.open_page(&nurse).await;
    end_access(&directory, NURSE.subject).await;
    let left = Instant::now();
    assert_closes(&mut page, is_problem).await;
    assert_token_ends(&nurse, &hospital.person, left).await;
    let others = hospital.platform.actor("ward-nurse").await.record(&hospital.person).await;
    assert_eq!(others.status, 200, "nobody else's access ends: {}", others.text());
}
