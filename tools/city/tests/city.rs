//! The city over HTTP, as a connector sees it.

#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

#[path = "city/faults.rs"]
mod faults;
#[path = "city/plan.rs"]
mod plan;

use std::{
    collections::HashSet,
    time::{Duration, Instant},
};

use lcr_city::{City, CityOptions};
use serde_json::Value;

fn client() -> reqwest::Client {
    let _already_installed = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(Duration::from_secs(5))
        .build()
        .expect("a client")
}

async fn city(people: u32) -> City {
    lcr_city::start(CityOptions { people, seed: 7, first_port: 0 }).await.expect("a city")
}

fn base(city: &City, id: &str) -> String {
    city.plan().systems.iter().find(|one| one.id == id).map(|one| one.base_url.clone()).expect("a system")
}

async fn json(url: &str) -> Value {
    let response = client().get(url).send().await.expect("an answer");
    assert_eq!(response.status(), 200, "{url}");
    response.json().await.expect("JSON")
}

async fn patient_id(base: &str, number: &str) -> String {
    let found = json(&format!("{base}/Patient?identifier=https://fhir.nhs.uk/Id/nhs-number|{number}")).await;
    found["entry"][0]["resource"]["id"].as_str().expect("one patient").to_owned()
}

#[tokio::test]
async fn paging_through_the_patients_returns_everybody_once() {
    let city = city(5000).await;
    // The authority knows nearly everybody; visitors are unknown to it.
    for (source, min_patients) in [("authority", 4950), ("gp-east", 500), ("gp-central", 100), ("sexual-health", 100)] {
        let mut url = Some(format!("{}/Patient?_count=500", base(&city, source)));
        let mut seen = HashSet::new();
        while let Some(at) = url {
            let page = json(&at).await;
            for entry in page["entry"].as_array().into_iter().flatten() {
                assert!(seen.insert(entry["resource"]["id"].as_str().unwrap().to_owned()), "twice");
            }
            let next = page["link"].as_array().unwrap().iter().find(|one| one["relation"] == "next");
            url = next.map(|one| one["url"].as_str().unwrap().to_owned());
        }
        assert!((min_patients..5000).contains(&seen.len()), "{source}: {}", seen.len());
    }
    city.shutdown().await;
}

#[tokio::test]
async fn the_last_page_of_a_large_city_is_as_fast_as_the_first() {
    let city = city(817_000).await;
    for cursor in [0, 400_000, 816_400] {
        let began = Instant::now();
        let page = json(&format!("{}/Patient?_count=500&_cursor={cursor}", base(&city, "authority"))).await;
        assert_eq!(page["entry"].as_array().map(Vec::len), Some(500));
        println!("500 patients from {cursor}: {:?}", began.elapsed());
        assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
    }
    city.shutdown().await;
}

#[tokio::test]
async fn fredrica_is_found_by_nhs_number_and_read_by_resource_type() {
    let city = city(50).await;
    let fredrica = &city.cast().fredrica_smith;
    assert_eq!(fredrica.nhs_number.as_deref(), Some("9434765919"));
    assert_eq!((fredrica.family.as_str(), fredrica.birth_date.as_str()), ("Smith", "1945-07-14"));
    let mut ids = HashSet::new();
    for source in ["authority", "gp-east", "st-hildas", "community", "mental-health", "adult-social-care"] {
        ids.insert(patient_id(&base(&city, source), "9434765919").await);
    }
    assert_eq!(ids.len(), 6, "local ids differ per source");
    let hospital = base(&city, "st-hildas");
    let id = patient_id(&hospital, "9434765919").await;
    for query in [format!("patient={id}"), format!("subject=Patient/{id}"), format!("patient=Patient/{id}&_count=1")] {
        let found = json(&format!("{hospital}/Condition?{query}")).await;
        assert!(found["total"].as_u64() > Some(2), "{query}");
    }
    let first = json(&format!("{hospital}/Observation?patient={id}")).await["entry"][0]["resource"].clone();
    let again = json(&format!("{hospital}/Observation/{}", first["id"].as_str().unwrap())).await;
    assert_eq!(first, again);
    let unknown = json(&format!("{hospital}/Condition?patient=SH0000000")).await;
    assert_eq!((unknown["total"].as_u64(), unknown.get("entry")), (Some(0), None));
    city.shutdown().await;
}

#[tokio::test]
async fn letters_are_text_and_plans_have_categories() {
    let city = city(50).await;
    let social = base(&city, "adult-social-care");
    let id = patient_id(&social, "9434765919").await;
    let plans = json(&format!("{social}/CarePlan?patient={id}&category=social-care")).await;
    assert_eq!(plans["total"], 1);
    let documents = json(&format!("{social}/DocumentReference?patient={id}")).await;
    let url = documents["entry"][0]["resource"]["content"][0]["attachment"]["url"].as_str().unwrap().to_owned();
    let response = client().get(format!("{social}/{url}")).send().await.unwrap();
    assert_eq!(response.headers()["content-type"], "text/plain; charset=utf-8");
    assert!(response.text().await.unwrap().contains("Fredrica"));
    city.shutdown().await;
}

#[tokio::test]
async fn nothing_can_be_written() {
    let city = city(20).await;
    let url = format!("{}/Patient", base(&city, "gp-east"));
    for method in ["POST", "PUT", "PATCH", "DELETE"] {
        for path in [url.clone(), format!("{url}/x")] {
            let request = client().request(method.parse().unwrap(), path).body("{}");
            let response = request.send().await.unwrap();
            assert_eq!(response.status(), 405, "{method}");
            assert_eq!(response.json::<Value>().await.unwrap()["resourceType"], "OperationOutcome");
        }
    }
    let statement = json(&format!("{}/metadata", base(&city, "gp-east"))).await;
    assert!(!statement.to_string().contains("create"));
    city.shutdown().await;
}

#[tokio::test]
async fn a_running_city_sends_messages_about_its_own_people() {
    let city = city(2000).await;
    let hospital = base(&city, "st-hildas");
    let number = city.cast().osei.nhs_number.clone().unwrap();
    let local = patient_id(&hospital, &number).await;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let history: Vec<String> = city.history().map(|one| text(&one.bytes)).collect();
    let osei_message = history.iter().find(|text| text.contains("|OSEI^") || text.contains("|Osei^")).unwrap();
    assert!(osei_message.contains(&format!("{local}^^^Z9H01^MR~{number}^^^NHS^NH")), "one person to both");
    let next = city.next_message_for("osei", lcr_city::Step::Discharged).unwrap();
    assert!(next.system == "st-hildas" && text(&next.bytes).contains("ADT^A03"));
    assert!(city.live(jiff::Timestamp::now()).take(20).count() == 20);
    assert!((5..40).contains(&city.objectors().count()));
    city.shutdown().await;
}

#[tokio::test]
async fn the_episodes_of_one_source_are_listed_by_their_time_of_change() {
    let city = city(2000).await;
    let url = format!("{}/EpisodeOfCare", base(&city, "mental-health"));
    let total = async |query: &str| json(&format!("{url}?{query}")).await["total"].as_u64().unwrap();
    let all = total("_count=2").await;
    assert!(all > 2 && total("_lastUpdated=ge1970-01-01T00:00:00Z").await == all);
    assert_eq!(total("_lastUpdated=ge2999-01-01T00:00:00Z").await, 0);
    let page = json(&format!("{url}?_count=2&_lastUpdated=ge1970-01-01T00:00:00Z")).await;
    let next = page["link"].as_array().unwrap().iter().find(|one| one["relation"] == "next").unwrap();
    let second = json(next["url"].as_str().unwrap()).await;
    assert_ne!(page["entry"][0]["resource"]["id"], second["entry"][0]["resource"]["id"]);
    let response = client().get(format!("{}/EpisodeOfCare", base(&city, "community"))).send().await.unwrap();
    assert_eq!(response.status(), 404, "this one sends its evidence");
}
