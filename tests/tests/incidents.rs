//! An incident between two organisations: the officer of a practice reads what the hospital's staff did only while the hospital
//! shares it, in the API and in the portal.

#![allow(clippy::unwrap_used, reason = "tests")]

use jiff::ToSpan;
use lcr_model::{Clock, SystemClock};
use lcr_tests::{Actor, Platform};
use serde_json::{Value, json};

const HOSPITAL: &str = "Z9H01";
const PRACTICE: &str = "Y90001";

/// The entries by staff of the hospital in an answer.
fn by_hospital(answer: &Value) -> Vec<Value> {
    let entries = answer["entries"].as_array().cloned().unwrap_or_default();
    entries.into_iter().filter(|entry| entry["actor"]["org"] == HOSPITAL).collect()
}

async fn open_incident(officer: &Actor, person: &str) -> String {
    let now = SystemClock.now();
    let new = json!({
        "title": "Looks without a reason", "note": "Reported by a colleague.", "person": person,
        "from": now - 1.hour(), "until": now + 1.hour(),
    });
    let opened = officer.post("/api/audit/v1/incidents", &new).await;
    assert_eq!(opened.status, 201, "{}", opened.text());
    opened.json()["id"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_practice_reads_what_the_hospital_shares_with_it_and_no_longer_than_that() {
    let platform = Platform::start_loaded().await;
    let (hospital, practice) = (platform.actor("privacy-officer").await, platform.actor("practice-officer").await);
    let (gp, consultant) = (platform.actor("gp").await, platform.actor("consultant").await);
    // Somebody who is not a patient of the practice, so that its officer does not read of them otherwise.
    let person = gp.find_person(platform.city().cast().elsewhere.nhs_number.as_deref().unwrap()).await;
    assert_eq!(consultant.record(&person).await.status, 403);
    let own_log = format!("/api/audit/v1/people/{person}/accesses");
    assert!(by_hospital(&practice.get(&own_log).await.json()).is_empty(), "not the practice's to read");

    let incident = open_incident(&hospital, &person).await;
    let address = format!("/api/audit/v1/incidents/{incident}");
    let entries = format!("{address}/entries");
    assert_eq!(practice.get(&entries).await.status, 404, "not shared yet");
    let share = json!({ "organisation": PRACTICE });
    assert_eq!(hospital.post(&format!("{address}/shares"), &share).await.status, 204);
    let shown = by_hospital(&practice.get(&entries).await.json());
    assert!(shown.iter().any(|entry| entry["outcome"] == "refused" && entry["people"] == json!([person])), "{shown:?}");
    assert!(by_hospital(&practice.get(&own_log).await.json()).is_empty(), "only through the incident");
    let browser = platform.browser("practice-officer").await;
    let list = browser.get("/privacy/incidents").await.text();
    assert!(list.contains("Looks without a reason") && list.contains(&incident), "{list}");
    let page = browser.get(&format!("/privacy/incidents/{incident}")).await;
    assert!(page.status == 200 && page.text().contains("Refused, nothing shown"), "{}", page.text());

    assert_eq!(practice.post(&format!("{address}/close"), &json!({})).await.status, 403, "not the practice's to close");
    assert_eq!(hospital.post(&format!("{address}/close"), &json!({})).await.status, 204);
    assert_eq!(practice.get(&entries).await.status, 409, "closed");
    let page = browser.get(&format!("/privacy/incidents/{incident}")).await.text();
    assert!(page.contains("This incident is closed.") && !page.contains("Refused, nothing shown"), "{page}");
}
