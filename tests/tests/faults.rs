//! One hospital fails in every way in which a source can fail. The record arrives within its deadline, names the missing
//! source, shows no data of other people, loses nothing of other sources and stores nothing wrong.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::{collections::BTreeSet, time::Duration};

use lcr_city::Fault;
use lcr_tests::{Actor, Answer, Platform, record_json};
use serde_json::Value;

#[path = "faults/recovery.rs"]
mod recovery;

const HOSPITAL: &str = "st-hildas";
const GP: &str = "gp-east";
/// Datasets that the hospital has agreed to share and has data of for most people.
const ITS_DATASETS: [&str; 6] = ["demographics", "medications", "allergies", "results", "documents", "encounters"];
/// A view's deadline and the time that the answer may take in addition.
const DEADLINE: Duration = Duration::from_millis(2700);
/// How long a breaker stays open.
const BREAKER: Duration = Duration::from_millis(10_300);

/// Each fault with the states that it may lead to. On a slow machine a long answer may also time out.
const MATRIX: [(Fault, &[&str]); 10] = [
    (Fault::Refuse, &["failed"]),
    (Fault::Hang, &["timed-out"]),
    (Fault::SlowDrip, &["timed-out"]),
    (Fault::Reset, &["failed"]),
    (Fault::Status(500), &["failed"]),
    (Fault::Status(401), &["failed"]),
    // Even an empty answer about another patient says nothing about this one.
    (Fault::OtherPatient, &["failed"]),
    (Fault::Truncated, &["failed"]),
    (Fault::Huge, &["failed", "timed-out"]),
    (Fault::Redirect, &["failed"]),
];

/// A platform, the GP, and two people whom only the authority, this practice and the hospital know.
struct Scene {
    platform: Platform,
    gp: Actor,
    first: String,
    second: String,
}

impl Scene {
    async fn set_up() -> Self {
        let platform = Platform::start_loaded().await;
        let gp = platform.actor("gp").await;
        let numbers = platform.city().cast().twins.clone().map(|one| one.nhs_number.unwrap());
        let (first, second) = (gp.find_person(&numbers[0]).await, gp.find_person(&numbers[1]).await);
        Self { platform, gp, first, second }
    }

    async fn view(&self, person: &str) -> Answer {
        let answer = self.gp.record(person).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer
    }
}

fn items_of(record: &Value, source: &str) -> BTreeSet<String> {
    record_json::items(record).into_iter().filter(|(from, _)| from == source).map(|(_, item)| item).collect()
}

/// Both people's records while nothing fails.
async fn complete_records() -> [Value; 2] {
    let scene = Scene::set_up().await;
    let records = [scene.view(&scene.first).await.json(), scene.view(&scene.second).await.json()];
    for record in &records {
        assert!(!items_of(record, GP).is_empty() && !items_of(record, HOSPITAL).is_empty(), "both hold something");
    }
    records
}

#[tokio::test(flavor = "multi_thread")]
async fn every_fault_is_named_in_time_and_affects_no_other_source() {
    let [complete, _] = complete_records().await;
    for (fault, states) in MATRIX {
        let scene = Scene::set_up().await;
        scene.platform.set_fault(HOSPITAL, fault);
        let answer = scene.view(&scene.first).await;
        let record = answer.json();
        println!("{fault:?}: {:?}", answer.took);
        assert!(answer.took < DEADLINE, "{fault:?}: {:?}", answer.took);
        for dataset in ITS_DATASETS {
            let (state, report) = record_json::state(&record, HOSPITAL, dataset);
            assert!(states.contains(&state), "{fault:?}: {dataset} is {state}");
            assert_eq!(report["count"], 0, "{fault:?}: {dataset}");
        }
        assert_eq!(items_of(&record, HOSPITAL), BTreeSet::new(), "{fault:?}: nothing of anybody from the hospital");
        assert_eq!(items_of(&record, GP), items_of(&complete, GP), "{fault:?}: all of the practice's entries");
        assert_not_reassuring(&record, fault);
        assert!(page_warns(&scene).await, "{fault:?}: the page says what is missing");
    }
}

/// A missing list must not look like an empty one: allergies and medicines say that it is missing.
fn assert_not_reassuring(record: &Value, fault: Fault) {
    let allergies = record_json::state(record, HOSPITAL, "allergies").0;
    assert!(matches!(allergies, "failed" | "timed-out"), "{fault:?}: the allergy section tells: {allergies}");
    for entry in record_json::entries(record, "medications") {
        let current = entry["status"].as_str().is_some_and(|status| status.eq_ignore_ascii_case("active"));
        if current {
            assert_eq!(entry["remark"], "not compared: hospital list unavailable", "{fault:?}");
        }
    }
}

async fn page_warns(scene: &Scene) -> bool {
    let browser = scene.platform.browser("gp").await;
    let page = browser.get(&format!("/people/{}?whole=1", scene.first)).await.text();
    let (_, line) = page.split_once("id=\"allergies-line\"").unwrap();
    let line = line.split("</p>").next().unwrap_or_default();
    !line.contains("No known allergies") && page.contains("Hospitals did not answer")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hanging_source_does_not_delay_other_sources_on_an_open_page() {
    let scene = Scene::set_up().await;
    scene.platform.set_fault(HOSPITAL, Fault::Hang);
    let path = format!("/api/record-aggregation/v1/people/{}/record/stream", scene.first);
    let mut events = scene.gp.stream(&path).await;
    while let Some((at, data)) = events.next().await {
        let record: Value = serde_json::from_str(&data).unwrap_or_default();
        if record_json::state(&record, GP, "demographics").0 == "has-data" {
            assert!(at < Duration::from_secs(1), "the practice's part came after {at:?}");
            assert_eq!(record_json::state(&record, HOSPITAL, "demographics").0, "asking");
            return;
        }
    }
    panic!("the stream ended without the practice's part");
}
