//! Every way in which a source can fail, on one hospital: the record comes within its deadline, says which source
//! is missing, shows nobody else's data, loses nothing of the others, and keeps nothing wrong (promise 3, Q-05).

#![allow(clippy::unwrap_used, reason = "tests")]

use std::{collections::BTreeSet, time::Duration};

use lcr_city::Fault;
use lcr_tests::{Actor, Answer, Platform, views};
use serde_json::Value;

#[path = "faults/after.rs"]
mod after;

const HOSPITAL: &str = "st-hildas";
const GP: &str = "gp-east";
/// What the hospital is agreed to give, and the city's hospital has something of for most people.
const ITS_DATASETS: [&str; 6] =
    ["demographics", "medications", "allergies", "results", "documents", "encounters"];
/// A view's deadline and what the answer may take on top of it.
const DEADLINE: Duration = Duration::from_millis(2700);
/// How long a breaker stays open.
const BREAKER: Duration = Duration::from_millis(10_300);

/// Each fault with the states it may lead to: one that takes long on a slow machine may also time out.
const MATRIX: [(Fault, &[&str]); 10] = [
    (Fault::Refuse, &["failed"]),
    (Fault::Hang, &["timed-out"]),
    (Fault::SlowDrip, &["timed-out"]),
    (Fault::Reset, &["failed"]),
    (Fault::Status(500), &["failed"]),
    (Fault::Status(401), &["failed"]),
    // Also where the other patient has nothing: that nothing is not this patient's.
    (Fault::OtherPatient, &["failed"]),
    (Fault::Truncated, &["failed"]),
    (Fault::Huge, &["failed", "timed-out"]),
    (Fault::Redirect, &["failed"]),
];

/// A platform, the GP, and two people known to the authority, this practice and the hospital alone.
struct Scene {
    platform: Platform,
    gp: Actor,
    first: String,
    second: String,
}

impl Scene {
    async fn set() -> Self {
        let platform = Platform::loaded().await;
        let gp = platform.actor("gp").await;
        let numbers = platform.city().cast().twins.clone().map(|one| one.nhs_number.unwrap());
        let (first, second) = (gp.find(&numbers[0]).await, gp.find(&numbers[1]).await);
        Self { platform, gp, first, second }
    }

    async fn view(&self, person: &str) -> Answer {
        let answer = self.gp.record(person).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer
    }
}

fn of(record: &Value, source: &str) -> BTreeSet<String> {
    views::items(record).into_iter().filter(|(from, _)| from == source).map(|(_, item)| item).collect()
}

/// What both people's records are when nothing fails.
async fn whole() -> [Value; 2] {
    let scene = Scene::set().await;
    let records = [scene.view(&scene.first).await.json(), scene.view(&scene.second).await.json()];
    for record in &records {
        assert!(!of(record, GP).is_empty() && !of(record, HOSPITAL).is_empty(), "both hold something");
    }
    records
}

#[tokio::test(flavor = "multi_thread")]
async fn every_fault_is_named_in_time_and_costs_the_others_nothing() {
    let [whole, _] = whole().await;
    for (fault, states) in MATRIX {
        let scene = Scene::set().await;
        scene.platform.set_fault(HOSPITAL, fault);
        let answer = scene.view(&scene.first).await;
        let record = answer.json();
        println!("{fault:?}: {:?}", answer.took);
        assert!(answer.took < DEADLINE, "{fault:?}: {:?}", answer.took);
        for dataset in ITS_DATASETS {
            let (state, report) = views::state(&record, HOSPITAL, dataset);
            assert!(states.contains(&state), "{fault:?}: {dataset} is {state}");
            assert_eq!(report["count"], 0, "{fault:?}: {dataset}");
        }
        assert_eq!(of(&record, HOSPITAL), BTreeSet::new(), "{fault:?}: nothing of anybody from the hospital");
        assert_eq!(of(&record, GP), of(&whole, GP), "{fault:?}: all of the practice's entries");
        never_reassuring(&record, fault);
        assert!(page_warns(&scene).await, "{fault:?}: the page says what is missing");
    }
}

/// An absent list is no empty list: allergies and medicines say that one is missing.
fn never_reassuring(record: &Value, fault: Fault) {
    let allergies = views::state(record, HOSPITAL, "allergies").0;
    assert!(matches!(allergies, "failed" | "timed-out"), "{fault:?}: the allergy section tells: {allergies}");
    for entry in views::entries(record, "medications") {
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
async fn a_hanging_source_holds_up_nobody_elses_part_of_an_open_page() {
    let scene = Scene::set().await;
    scene.platform.set_fault(HOSPITAL, Fault::Hang);
    let path = format!("/api/record-aggregation/v1/people/{}/record/stream", scene.first);
    let mut events = scene.gp.stream(&path).await;
    while let Some((at, data)) = events.next().await {
        let record: Value = serde_json::from_str(&data).unwrap_or_default();
        if views::state(&record, GP, "demographics").0 == "has-data" {
            assert!(at < Duration::from_secs(1), "the practice's part came after {at:?}");
            assert_eq!(views::state(&record, HOSPITAL, "demographics").0, "asking");
            return;
        }
    }
    panic!("the stream ended without the practice's part");
}
