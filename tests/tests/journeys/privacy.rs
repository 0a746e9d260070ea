//! The journeys of those who must not be found, and of those who look without a reason.

use lcr_model::ServiceName;
use lcr_testkit::eventually_ok;
use lcr_tests::record_json;
use serde_json::{Value, json};

use super::{LIMIT, city_with_history, find_row, number};

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
