//! An organisation's own people: what a sign-in and the check of a token cost, and the time until a leaver is refused everywhere.
//! It must never end a measurement before the effect is seen.

mod leavers;
mod sign_in;

use std::time::{Duration, Instant};

use bytes::Bytes;
use lcr_tests::{Actor, Options, PartnerProvider, Platform, ProviderUser};
use reqwest::Method;
use serde_json::{Value, json};

use super::report::Report;

/// As many as a platform of the browser tests has. No figure follows from the size of the city.
const PEOPLE: u32 = 300;
/// The rounds of each figure.
const ROUNDS: usize = 40;
const POLL_INTERVAL: Duration = Duration::from_millis(5);
/// An effect that takes longer is a fault, not a figure.
const GIVE_UP: Duration = Duration::from_secs(20);
const ODS: &str = "Z9H01";
const PROVIDERS: &str = "/api/identity/v1/organisations/Z9H01/providers";
const SCIM_TOKEN: &str = "/api/identity/v1/organisations/Z9H01/scim-token";
const ADMIN: ProviderUser = user("bench-admin", "Bridget Lowe", "org-admin");

const fn user(subject: &'static str, name: &'static str, role: &'static str) -> ProviderUser {
    ProviderUser { subject, name, organisation: ODS, role }
}

/// The city's hospital with a sign-in provider and a directory of its own, and a person who is in hospital there.
struct Hospital<'p> {
    platform: &'p Platform,
    provider: PartnerProvider,
    /// The provider's name in the platform's addresses.
    provider_name: String,
    /// The SCIM client of its directory.
    directory: Actor,
    person: String,
    nhs_number: String,
}

pub async fn measure(report: &mut Report) {
    for (form, split) in [("one process", false), ("split", true)] {
        let platform = Platform::start(Options { people: PEOPLE, split, log: "warn", ..Options::default() }).await;
        platform.wait_loaded().await;
        platform.send_history().await;
        let hospital = Hospital::start(&platform).await;
        sign_in::measure(&hospital, form, report).await;
        leavers::measure(&hospital, form, report).await;
    }
}

impl<'p> Hospital<'p> {
    async fn start(platform: &'p Platform) -> Self {
        let provider = PartnerProvider::start().await;
        let provider_name = set_up(platform, &provider).await;
        let admin = provider.sign_in(platform.anonymous(), ADMIN).await;
        let receipt = admin.post(SCIM_TOKEN, &json!({})).await;
        assert_eq!(receipt.status, 200, "{}", receipt.text());
        let directory = platform.anonymous().with_token(receipt.json()["result"]["secret"].as_str().unwrap());
        let nhs_number = platform.city().cast().osei.nhs_number.clone().unwrap();
        let nurse = platform.actor("ward-nurse").await;
        let person = nurse.find_person(&nhs_number).await;
        let started = Instant::now();
        while nurse.record(&person).await.status != 200 {
            assert!(started.elapsed() < GIVE_UP, "the record of an in-patient opens");
            tokio::time::sleep(POLL_INTERVAL).await;
        }
        Self { platform, provider, provider_name, directory, person, nhs_number }
    }
}

/// Sets up the provider for the hospital. Returns its name in the platform's addresses.
async fn set_up(platform: &Platform, provider: &PartnerProvider) -> String {
    let operator = platform.actor("platform-admin").await;
    let body = json!({ "provider": provider.draft(), "reason": "The hospital has a provider of its own" });
    let body = Some(("application/json", Bytes::from(body.to_string())));
    let stored = operator.send(Method::PUT, PROVIDERS, body).await;
    assert_eq!(stored.status, 200, "{}", stored.text());
    let listed = operator.get(PROVIDERS).await.json();
    let is_it = |one: &&Value| one["draft"]["issuer"] == provider.issuer();
    let redirect_uri = listed["providers"].as_array().unwrap().iter().find(is_it).unwrap()["redirect_uri"].clone();
    redirect_uri.as_str().unwrap().rsplit('/').next().unwrap().to_owned()
}
