//! The city's hospital with a sign-in provider and an administrator of its own, and what the end of a session looks like. It must
//! never check a rule of the platform but the time in which something ends.

use std::time::Instant;

use lcr_testkit::eventually_ok;
use lcr_tests::{Actor, Browser, Events, PartnerProvider, Platform, ProviderUser};
use serde_json::{Value, json};

use super::{EFFECT, LIMIT, assert_done, put};

pub const HOSPITAL: &str = "/api/identity/v1/organisations/Z9H01";
pub const NURSE: ProviderUser = user("hospital-nurse", "Omar Said", "ward-nurse");
const ADMIN: ProviderUser = user("hospital-admin", "Bridget Lowe", "org-admin");
/// The beginning of what an open page says when it closes.
pub const CLOSED: &str = "You can no longer see";

const fn user(subject: &'static str, name: &'static str, role: &'static str) -> ProviderUser {
    ProviderUser { subject, name, organisation: "Z9H01", role }
}

/// The hospital with its own provider and administrator, and a person who is in hospital there.
pub struct Hospital {
    pub platform: Platform,
    pub provider: PartnerProvider,
    pub admin: Actor,
    pub person: String,
}

impl Hospital {
    pub async fn start() -> Self {
        let platform = Platform::start_loaded().await;
        platform.send_history().await;
        let provider = PartnerProvider::start().await;
        let operator = platform.actor("platform-admin").await;
        let body = json!({ "provider": provider.draft(), "reason": "The hospital has a provider of its own" });
        assert_done(&put(&operator, &format!("{HOSPITAL}/providers"), &body).await);
        let admin = provider.sign_in(platform.anonymous(), ADMIN).await;
        let in_hospital = platform.city().cast().osei.nhs_number.clone().unwrap();
        let person = platform.actor("ward-nurse").await.find_person(&in_hospital).await;
        Self { platform, provider, admin, person }
    }

    pub async fn sign_in(&self, user: ProviderUser) -> Actor {
        self.provider.sign_in(self.platform.anonymous(), user).await
    }

    /// The directory of the hospital, which manages its people by SCIM.
    pub async fn directory(&self) -> Actor {
        let receipt = self.admin.post(&format!("{HOSPITAL}/scim-token"), &json!({})).await;
        assert_done(&receipt);
        self.platform.anonymous().with_token(receipt.json()["result"]["secret"].as_str().unwrap())
    }

    /// A nurse's record of the person, on a page that stays open.
    pub async fn open_page(&self, nurse: &Actor) -> Events {
        eventually_ok(LIMIT, "the record opens", async || {
            let answer = nurse.record(&self.person).await;
            if answer.status == 200 { Ok(()) } else { Err(answer.text()) }
        })
        .await;
        let path = format!("/api/record-aggregation/v1/people/{}/record/stream?live=true", self.person);
        let mut page = nurse.stream(&path).await;
        loop {
            let (_, data) = page.next().await.unwrap();
            if serde_json::from_str::<Value>(&data).unwrap()["complete"] == true {
                return page;
            }
        }
    }
}

/// Waits until a page closes, for as long as the end of a session may take.
pub async fn assert_closes(page: &mut Events, has_closed: impl Fn(&str) -> bool) {
    let closed = tokio::time::timeout(EFFECT, async {
        while let Some((_, data)) = page.next().await {
            if has_closed(&data) {
                return;
            }
        }
    });
    assert!(closed.await.is_ok(), "the page closes within a second");
}

/// Waits until a token opens nothing, for as long as the end of a session may take.
pub async fn assert_token_ends(nurse: &Actor, person: &str, since: Instant) {
    loop {
        let status = nurse.record(person).await.status;
        if status == 401 {
            return;
        }
        assert!(since.elapsed() < EFFECT, "still answered with {status}");
    }
}

/// Waits until a browser's session opens nothing, for as long as its end may take.
pub async fn assert_session_ends(browser: &Browser, since: Instant) {
    while browser.get("/home").await.status != 303 {
        assert!(since.elapsed() < EFFECT, "the session is still open");
    }
}

/// Whether an event says why the record can no longer be shown.
pub fn is_problem(data: &str) -> bool {
    serde_json::from_str::<Value>(data).unwrap()["detail"].is_string()
}
