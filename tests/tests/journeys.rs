//! Whole journeys of people, from hospital messages to pages. Each test looks for the texts that its readers need.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

#[path = "journeys/privacy.rs"]
mod privacy;

use std::time::Duration;

use lcr_city::{CastMember, Fault, Step};
use lcr_testkit::eventually_ok;
use lcr_tests::{Actor, Browser, Platform, record_json};
use serde_json::Value;

/// A platform with the demo city's message history.
async fn city_with_history() -> Platform {
    let platform = Platform::start_loaded().await;
    platform.send_history().await;
    platform
}

fn number(member: &CastMember) -> &str {
    member.nhs_number.as_deref().unwrap()
}

const LIMIT: Duration = Duration::from_secs(15);

/// Requests a page until it contains all of these texts.
async fn wait_for_page(browser: &Browser, path: &str, words: &[&str]) -> String {
    eventually_ok(LIMIT, path, async || {
        let page = browser.get(path).await.text();
        let missing: Vec<_> = words.iter().filter(|word| !page.contains(**word)).collect();
        if missing.is_empty() { Ok(page) } else { Err(format!("has not {missing:?}: {page}")) }
    })
    .await
}

/// The table row that contains a text.
fn row<'p>(page: &'p str, words: &str) -> &'p str {
    page.split("<tr").find(|row| row.contains(words)).unwrap_or_else(|| panic!("no row says {words}: {page}"))
}

async fn find_row(gp: &Actor, path: &str, name: &str, number: &str) -> Option<Value> {
    let answer = gp.get(&format!("/api/virtual-ward/v1/{path}")).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let rows = answer.json()[name].as_array().cloned().unwrap();
    rows.into_iter().find(|row| row["who"]["nhs_number"] == number)
}

/// S-49 to S-67: the practice sees where Mrs Osei is, what she waits for and that her date has passed; then that she has
/// left, and which result is awaited.
#[tokio::test(flavor = "multi_thread")]
async fn mrs_osei_comes_home_on_time() {
    let platform = city_with_history().await;
    let osei = platform.city().cast().osei.clone();
    let (gp, browser) = (platform.actor("gp").await, platform.browser("gp").await);
    let page = wait_for_page(&browser, "/ward", &[&osei.family.to_uppercase()]).await;
    let hers = row(&page, &osei.family.to_uppercase());
    for words in ["J27", "passed 2 days ago, not updated", "ackage of care", "Elderly medicine"] {
        assert!(hers.contains(words), "her row says {words}: {hers}");
    }
    // The ward updates the plan, and an open list is notified.
    let mut news = gp.stream("/api/virtual-ward/v1/stream?practice=Y90001").await;
    platform.send_next_message("osei", Step::PlanUpdated).await;
    let (_, update) = news.next().await.unwrap();
    assert!(serde_json::from_str::<Value>(&update).unwrap()["changed"].as_u64().unwrap() >= 1, "{update}");
    let updated = find_row(&gp, "inpatients?practice=Y90001", "inpatients", number(&osei)).await.unwrap();
    assert_eq!(updated["expected_discharge"]["value"]["passed_days"], 0, "{updated}");
    assert!(updated["expected_discharge"]["value"]["was"].is_string(), "the former date is shown");
    // She leaves while a blood culture is awaited.
    platform.send_next_message("osei", Step::Discharged).await;
    let page = wait_for_page(&browser, "/ward/discharged", &[&osei.family.to_uppercase()]).await;
    assert!(
        row(&page, &osei.family.to_uppercase()).to_lowercase().contains("blood culture"),
        "{}",
        row(&page, &osei.family.to_uppercase())
    );
    assert!(find_row(&gp, "inpatients?practice=Y90001", "inpatients", number(&osei)).await.is_none());
    let left = find_row(&gp, "discharges?practice=Y90001", "discharges", number(&osei)).await.unwrap();
    assert_eq!(left["day"], 1, "{left}");
    // The result arrives and is no longer awaited.
    platform.send_next_message("osei", Step::ResultFinal).await;
    eventually_ok(LIMIT, "no result is awaited", async || {
        let left = find_row(&gp, "discharges?practice=Y90001", "discharges", number(&osei)).await.unwrap();
        if left["pending_results"].as_array().unwrap().is_empty() { Ok(()) } else { Err(left) }
    })
    .await;
    // The record shows it beside the data of the hospital's own system.
    let person = gp.find_person(number(&osei)).await;
    let results = gp.record(&person).await.json();
    assert!(
        record_json::entries(&results, "results").iter().any(|one| one.to_string().to_lowercase().contains("culture"))
    );
}

/// Contradicting allergies, an unanswered source, a test of yesterday.
#[tokio::test(flavor = "multi_thread")]
async fn collapse_at_three_in_the_morning() {
    let platform = city_with_history().await;
    let pike = platform.city().cast().leonard_pike.clone();
    platform.set_fault("community", Fault::Hang);
    let (clinician, browser) = (platform.actor("ed-clinician").await, platform.browser("ed-clinician").await);
    let person = clinician.find_person(number(&pike)).await;
    // He is in this hospital's emergency department, which is the relationship that lets its staff look.
    eventually_ok(LIMIT, "the record opens", async || {
        let answer = clinician.record(&person).await;
        if answer.status == 200 { Ok(()) } else { Err(answer.text()) }
    })
    .await;
    let page = browser.get(&format!("/people/{person}?whole=1")).await.text();
    let lower = page.to_lowercase();
    for words in
        ["sources disagree", "none known", "penicillin", "anaphylaxis", "warfarin", "inr", "in hospital at st hilda"]
    {
        assert!(lower.contains(words), "the page says {words}");
    }
    assert!(lower.contains("allergy recorded: penicillin"), "beside the hospital's amoxicillin");
    assert!(!lower.contains("no known allergies</"), "what one source refutes, another asserts");
    let record = clinician.record(&person).await.json();
    let results = record_json::entries(&record, "results");
    let inr = results
        .iter()
        .map(std::string::ToString::to_string)
        .any(|one: String| one.contains("INR") || one.contains("ormalised"));
    assert!(inr, "yesterday's INR is among the results (S-87)");
    // A GP elsewhere has no relationship with him.
    assert_eq!(platform.actor("out-of-hours-gp").await.record(&person).await.status, 403);
}

/// The practice's list and the hospital's list side by side (S-88), with differences, stopped medicines and missing lists.
#[tokio::test(flavor = "multi_thread")]
async fn two_lists_one_patient() {
    let platform = city_with_history().await;
    let hallam = platform.city().cast().doreen_hallam.clone();
    let browser = platform.browser("gp").await;
    let person = platform.actor("gp").await.find_person(number(&hallam)).await;
    let medications = format!("/people/{person}/medications");
    let page = browser.get(&medications).await.text().to_lowercase();
    for words in ["bisoprolol", "dose differs", "ramipril", "stopped"] {
        assert!(page.contains(words), "the page says {words}: {page}");
    }
    platform.set_fault("st-hildas", Fault::Refuse);
    // A fresh answer is served again for some seconds.
    tokio::time::sleep(Duration::from_secs(16)).await;
    let page = browser.get(&medications).await.text().to_lowercase();
    assert!(page.contains("bisoprolol") && (page.contains("not compared") || page.contains("copy")), "{page}");
}
