//! Whole stories, as the people in them live them: hospital messages in, pages out. Each asks for what its people
//! would need to read, in the words they would read it in.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::time::{Duration, Instant};

use lcr_city::{CastMember, Fault, Step};
use lcr_model::ServiceName;
use lcr_tests::{Actor, Browser, Platform, views};
use serde_json::{Value, json};

/// A platform whose hospitals have told how things stand.
async fn open_city() -> Platform {
    let platform = Platform::loaded().await;
    platform.hospitals_open().await;
    platform
}

fn number(member: &CastMember) -> &str {
    member.nhs_number.as_deref().unwrap()
}

/// Asks until what comes holds all of these words.
async fn until(browser: &Browser, path: &str, words: &[&str]) -> String {
    let started = Instant::now();
    loop {
        let page = browser.get(path).await.text();
        if words.iter().all(|word| page.contains(word)) {
            return page;
        }
        let missing: Vec<_> = words.iter().filter(|word| !page.contains(**word)).collect();
        assert!(started.elapsed() < Duration::from_secs(15), "{path} has not {missing:?}: {page}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// The row of a list that names somebody.
fn row<'p>(page: &'p str, words: &str) -> &'p str {
    page.split("<tr").find(|row| row.contains(words)).unwrap_or_else(|| panic!("no row says {words}: {page}"))
}

async fn list(gp: &Actor, path: &str, name: &str, number: &str) -> Option<Value> {
    let answer = gp.get(&format!("/api/virtual-ward/v1/{path}")).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let rows = answer.json()[name].as_array().cloned().unwrap();
    rows.into_iter().find(|row| row["who"]["nhs_number"] == number)
}

/// S-49 to S-67: her practice sees where she is, what she waits for and that nobody updated her date; then that she
/// has left, and what is still to come.
#[tokio::test(flavor = "multi_thread")]
async fn mrs_osei_comes_home_on_time() {
    let platform = open_city().await;
    let osei = platform.city().cast().osei.clone();
    let (gp, browser) = (platform.actor("gp").await, platform.browser("gp").await);
    let page = until(&browser, "/ward", &[&osei.family.to_uppercase()]).await;
    let hers = row(&page, &osei.family.to_uppercase());
    for words in ["J27", "passed 2 days ago, not updated", "ackage of care", "Elderly medicine"] {
        assert!(hers.contains(words), "her row says {words}: {hers}");
    }
    // The ward updates the plan: an open list hears of it.
    let mut news = gp.stream("/api/virtual-ward/v1/stream?practice=Y90001").await;
    platform.hospital_sends("osei", Step::PlanUpdated).await;
    let (_, told) = news.next().await.unwrap();
    assert!(serde_json::from_str::<Value>(&told).unwrap()["changed"].as_u64().unwrap() >= 1, "{told}");
    let updated = list(&gp, "inpatients?practice=Y90001", "inpatients", number(&osei)).await.unwrap();
    assert_eq!(updated["expected_discharge"]["value"]["passed_days"], 0, "{updated}");
    assert!(updated["expected_discharge"]["value"]["was"].is_string(), "what was said before stays told");
    // She leaves, with a blood culture still to come.
    platform.hospital_sends("osei", Step::Discharged).await;
    let page = until(&browser, "/ward/discharged", &[&osei.family.to_uppercase()]).await;
    assert!(
        row(&page, &osei.family.to_uppercase()).to_lowercase().contains("blood culture"),
        "{}",
        row(&page, &osei.family.to_uppercase())
    );
    assert!(list(&gp, "inpatients?practice=Y90001", "inpatients", number(&osei)).await.is_none());
    let left = list(&gp, "discharges?practice=Y90001", "discharges", number(&osei)).await.unwrap();
    assert_eq!(left["day"], 1, "{left}");
    // The result comes, and is no longer awaited.
    platform.hospital_sends("osei", Step::ResultFinal).await;
    let started = Instant::now();
    loop {
        let left = list(&gp, "discharges?practice=Y90001", "discharges", number(&osei)).await.unwrap();
        if left["pending_results"].as_array().unwrap().is_empty() {
            break;
        }
        assert!(started.elapsed() < Duration::from_secs(15), "{left}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    // In the record itself it can be read, beside what the hospital's own system answers.
    let person = gp.find(number(&osei)).await;
    let results = gp.record(&person).await.json();
    assert!(
        views::entries(&results, "results")
            .iter()
            .any(|one| one.to_string().to_lowercase().contains("culture"))
    );
}

/// Allergies that disagree, a service that does not answer, a test done yesterday, and a page that can be printed.
#[tokio::test(flavor = "multi_thread")]
async fn collapse_at_three_in_the_morning() {
    let platform = open_city().await;
    let pike = platform.city().cast().leonard_pike.clone();
    platform.set_fault("community", Fault::Hang);
    let (clinician, browser) = (platform.actor("ed-clinician").await, platform.browser("ed-clinician").await);
    let person = clinician.find(number(&pike)).await;
    // He lies in this hospital's emergency department: that is what lets them look.
    let started = Instant::now();
    while clinician.record(&person).await.status != 200 {
        assert!(started.elapsed() < Duration::from_secs(15), "{}", clinician.record(&person).await.text());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let page = browser.get(&format!("/people/{person}?whole=1")).await.text();
    let lower = page.to_lowercase();
    for words in ["penicillin", "anaphylaxis", "warfarin", "inr", "in hospital at st hilda"] {
        assert!(lower.contains(words), "the page says {words}");
    }
    assert!(!lower.contains("no known allergies</"), "what one source refutes, another asserts");
    let record = clinician.record(&person).await.json();
    let results = views::entries(&record, "results");
    let inr = results
        .iter()
        .map(std::string::ToString::to_string)
        .any(|one: String| one.contains("INR") || one.contains("ormalised"));
    assert!(inr, "yesterday's INR is among the results (S-87)");
    // A consultant of another hospital is not linked to him; nor is a GP elsewhere.
    assert_eq!(platform.actor("out-of-hours-gp").await.record(&person).await.status, 403);
}

/// The practice's list and the hospital's, side by side (S-88): what differs, what was stopped and why, and what could
/// not be compared.
#[tokio::test(flavor = "multi_thread")]
async fn two_lists_one_patient() {
    let platform = open_city().await;
    let hallam = platform.city().cast().doreen_hallam.clone();
    let browser = platform.browser("gp").await;
    let person = platform.actor("gp").await.find(number(&hallam)).await;
    let medications = format!("/people/{person}/medications");
    let page = browser.get(&medications).await.text().to_lowercase();
    for words in ["bisoprolol", "dose differs", "ramipril", "stopped"] {
        assert!(page.contains(words), "the page says {words}: {page}");
    }
    platform.set_fault("st-hildas", Fault::Refuse);
    // What was answered a moment ago is served as it is for some seconds.
    tokio::time::sleep(Duration::from_secs(16)).await;
    let page = browser.get(&medications).await.text().to_lowercase();
    assert!(
        page.contains("bisoprolol") && (page.contains("not compared") || page.contains("copy")),
        "{page}"
    );
}

/// A restricted person: found by number, never by place, and nothing anywhere tells where they are.
#[tokio::test(flavor = "multi_thread")]
async fn someone_who_must_not_be_found() {
    let platform = open_city().await;
    let hidden = platform.city().cast().restricted.clone();
    let gp = platform.actor("gp").await;
    let person = gp.find(number(&hidden)).await;
    // Their own practice knows where they live; that is what must not be told elsewhere.
    let record = gp.record(&person).await.json();
    let address = views::entries(&record, "demographics")
        .into_iter()
        .find_map(|one| Some(one["detail"]["address"].as_str()?.to_owned()))
        .unwrap();
    let postcode = address.rsplit(',').next().unwrap().trim().to_owned();
    let street = address.split(',').next().unwrap().trim().to_owned();
    let nowhere = |text: &str, where_: &str| {
        for word in [&street, &postcode] {
            assert!(!text.contains(word.as_str()), "{where_} tells {word}");
        }
    };
    for who in ["out-of-hours-gp", "community-nurse", "social-worker", "mental-health"] {
        let (actor, browser) = (platform.actor(who).await, platform.browser(who).await);
        let by_place = actor.search(&json!({ "postcode": postcode })).await.json();
        assert!(!by_place.to_string().contains(&person), "{who} finds them by postcode");
        let found = actor.search(&json!({ "nhs_number": number(&hidden) })).await;
        assert_eq!(found.json()["people"][0]["location_protected"], true);
        nowhere(&found.text(), "the search");
        let results = browser.post_form("/search", &format!("q={}", number(&hidden))).await;
        let results = browser.get(results.header("location")).await.text();
        assert!(results.contains("Location details protected"), "{results}");
        nowhere(&results, "the results page");
        for page in ["", "?whole=1", "/timeline", "/medications", "/documents", "/encounters", "/choices"] {
            nowhere(&browser.get(&format!("/people/{person}{page}")).await.text(), page);
        }
        for path in
            ["/fhir/R4/Patient/", "/fhir/R4/Encounter?patient=", "/fhir/R4/DocumentReference?patient="]
        {
            nowhere(&actor.get(&format!("{path}{person}")).await.text(), path);
        }
        for path in ["inpatients?team=Z9T01", "inpatients?practice=Y90001", "discharges?team=Z9T01"] {
            let list = actor.get(&format!("/api/virtual-ward/v1/{path}")).await.text();
            assert!(!list.contains(&person) && !list.contains(number(&hidden)), "{who}: {path}");
        }
    }
    // The practice's own list has them.
    assert!(list(&gp, "inpatients?practice=Y90001", "inpatients", number(&hidden)).await.is_some());
}

/// A receptionist opens a neighbour: no more than the role sees, and it is on the log, for the officer and for the
/// neighbour. With audit stopped nobody sees anything, and every page says why.
#[tokio::test(flavor = "multi_thread")]
async fn caught_and_proved() {
    let platform = open_city().await;
    let neighbour = platform.city().cast().fredrica_smith.clone();
    let (curious, browser) = (platform.actor("receptionist").await, platform.browser("receptionist").await);
    let person = curious.find(number(&neighbour)).await;
    let record = curious.record(&person).await.json();
    for dataset in ["diagnoses", "results", "medications", "social-care"] {
        assert_eq!(views::entries(&record, dataset).len(), 0, "reception sees no {dataset}");
    }
    assert_ne!(browser.get(&format!("/people/{person}/diagnoses")).await.status, 200);
    let officer = platform.actor("practice-officer").await;
    let accesses = officer.get(&format!("/api/audit/v1/people/{person}/accesses")).await.json();
    let seen =
        accesses["entries"].as_array().unwrap().iter().any(|entry| entry["actor"]["name"] == "Beth Oldroyd");
    assert!(seen, "the officer reads who it was");
    let told = platform.actor("patient").await;
    let started = Instant::now();
    loop {
        let looks = told.get("/api/audit/v1/my-looks").await;
        if looks.text().contains("Beth Oldroyd") {
            break;
        }
        assert!(started.elapsed() < Duration::from_secs(15), "{}", looks.text());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    // A list is completed with the rows that were on it, each told to whom it is about.
    let listed = platform.actor("gp").await.get("/api/virtual-ward/v1/inpatients?practice=Y90001").await;
    assert!(listed.text().contains(number(&neighbour)), "{}", listed.text());
    let started = Instant::now();
    loop {
        let looks = told.get("/api/audit/v1/my-looks").await.json();
        let list = looks["looks"].as_array().unwrap().iter().find(|one| one["what"] == "ward-list").cloned();
        // Each row is told of by itself: another's may be the first to be heard of.
        let datasets = list.filter(|one| one["presumed"] == false).map(|one| one["datasets"].clone());
        if datasets == Some(json!(["encounters"])) {
            break;
        }
        assert!(started.elapsed() < Duration::from_secs(15), "her row, and nothing of another's: {looks}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
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
