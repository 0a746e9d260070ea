//! Whole journeys of people, from hospital messages to pages. Each test looks for the texts that its readers need.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::time::Duration;

use lcr_city::{CastMember, Fault, Step};
use lcr_model::ServiceName;
use lcr_testkit::eventually_ok;
use lcr_tests::{Actor, Browser, Platform, record_json};
use serde_json::{Value, json};

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

/// A restricted person is found by number and never by place, and no page reveals where they are.
#[tokio::test(flavor = "multi_thread")]
async fn someone_who_must_not_be_found() {
    let platform = city_with_history().await;
    let hidden = platform.city().cast().restricted.clone();
    let gp = platform.actor("gp").await;
    let person = gp.find_person(number(&hidden)).await;
    // Their own practice knows the address, which no other reader may see.
    let record = gp.record(&person).await.json();
    let address = record_json::entries(&record, "demographics")
        .into_iter()
        .find_map(|one| Some(one["detail"]["address"].as_str()?.to_owned()))
        .unwrap();
    let postcode = address.rsplit(',').next().unwrap().trim().to_owned();
    let street = address.split(',').next().unwrap().trim().to_owned();
    let assert_no_address = |text: &str, page: &str| {
        for word in [&street, &postcode] {
            assert!(!text.contains(word.as_str()), "{page} reveals {word}");
        }
    };
    for who in ["out-of-hours-gp", "community-nurse", "social-worker", "mental-health"] {
        let (actor, browser) = (platform.actor(who).await, platform.browser(who).await);
        let by_place = actor.search(&json!({ "postcode": postcode })).await.json();
        assert!(!by_place.to_string().contains(&person), "{who} finds them by postcode");
        let found = actor.search(&json!({ "nhs_number": number(&hidden) })).await;
        assert_eq!(found.json()["people"][0]["location_protected"], true);
        assert_no_address(&found.text(), "the search");
        let results = browser.post_form("/search", &format!("q={}", number(&hidden))).await;
        let results = browser.get(results.header("location")).await.text();
        assert!(results.contains("Location details protected"), "{results}");
        assert_no_address(&results, "the results page");
        for page in ["", "?whole=1", "/timeline", "/medications", "/documents", "/encounters", "/choices"] {
            assert_no_address(&browser.get(&format!("/people/{person}{page}")).await.text(), page);
        }
        for path in ["/fhir/R4/Patient/", "/fhir/R4/Encounter?patient=", "/fhir/R4/DocumentReference?patient="] {
            assert_no_address(&actor.get(&format!("{path}{person}")).await.text(), path);
        }
        for path in ["inpatients?team=Z9T01", "inpatients?practice=Y90001", "discharges?team=Z9T01"] {
            let list = actor.get(&format!("/api/virtual-ward/v1/{path}")).await.text();
            assert!(!list.contains(&person) && !list.contains(number(&hidden)), "{who}: {path}");
        }
    }
    // The practice's own list has them.
    assert!(find_row(&gp, "inpatients?practice=Y90001", "inpatients", number(&hidden)).await.is_some());
}

/// A receptionist opens a neighbour's record, sees no more than the role allows, and both the officer and the neighbour
/// find it on the log. While audit is stopped nothing is shown, and every page says why.
#[tokio::test(flavor = "multi_thread")]
async fn a_curious_receptionist_is_on_the_log() {
    let platform = city_with_history().await;
    let neighbour = platform.city().cast().fredrica_smith.clone();
    let (curious, browser) = (platform.actor("receptionist").await, platform.browser("receptionist").await);
    let person = curious.find_person(number(&neighbour)).await;
    let record = curious.record(&person).await.json();
    for dataset in ["diagnoses", "results", "medications", "social-care"] {
        assert_eq!(record_json::entries(&record, dataset).len(), 0, "reception sees no {dataset}");
    }
    assert_ne!(browser.get(&format!("/people/{person}/diagnoses")).await.status, 200);
    let officer = platform.actor("practice-officer").await;
    let accesses = officer.get(&format!("/api/audit/v1/people/{person}/accesses")).await.json();
    let seen = accesses["entries"].as_array().unwrap().iter().any(|entry| entry["actor"]["name"] == "Beth Oldroyd");
    assert!(seen, "the officer sees who it was");
    let patient = platform.actor("patient").await;
    eventually_ok(LIMIT, "the patient's log names her", async || {
        let log = patient.get("/api/audit/v1/my-looks").await.text();
        if log.contains("Beth Oldroyd") { Ok(()) } else { Err(log) }
    })
    .await;
    let desk = platform.browser("gp").await;
    assert_eq!(desk.get("/home").await.status, 200);
    let log = patient.get("/api/audit/v1/my-looks").await.json();
    let looks = log["looks"].as_array().unwrap();
    assert!(looks.iter().all(|one| one["what"] != "ward-list"), "a count on the home page is no look: {log}");
    assert_eq!(desk.get(&format!("/people/{person}/medications")).await.status, 200);
    eventually_ok(LIMIT, "the log says which part of the record was opened", async || {
        let log = patient.get("/api/audit/v1/my-looks").await.json();
        let has = |one: &Value, dataset: &str| one["datasets"].as_array().unwrap().contains(&json!(dataset));
        let tab = log["looks"].as_array().unwrap().iter().find(|one| has(one, "medications")).cloned();
        if tab.is_some_and(|one| !has(&one, "results") && !has(&one, "documents")) { Ok(()) } else { Err(log) }
    })
    .await;
    // The entry of a list is completed with its rows, each for the person that the row is about.
    let listed = platform.actor("gp").await.get("/api/virtual-ward/v1/inpatients?practice=Y90001").await;
    assert!(listed.text().contains(number(&neighbour)), "{}", listed.text());
    eventually_ok(LIMIT, "her row is shown, and nothing of another's", async || {
        let log = patient.get("/api/audit/v1/my-looks").await.json();
        let list = log["looks"].as_array().unwrap().iter().find(|one| one["what"] == "ward-list").cloned();
        // Each row is completed separately, so another person's row may come first.
        let datasets = list.filter(|one| one["presumed"] == false).map(|one| one["datasets"].clone());
        if datasets == Some(json!(["encounters"])) { Ok(()) } else { Err(log) }
    })
    .await;
    let gp = platform.browser("gp").await;
    platform.stop(ServiceName::Audit);
    for page in [format!("/people/{person}"), format!("/people/{person}/medications"), "/ward".into()] {
        let answer = gp.get(&page).await;
        assert!(
            answer.text().contains("because we can't record who looks at them")
                || answer.text().contains("because we can&#39;t record who looks at them"),
            "{page}: {}",
            answer.text()
        );
        assert_eq!(answer.status, 503, "{page}");
    }
}
