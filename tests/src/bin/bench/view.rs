//! Compares a record view with its slowest source. Also the people to ask about, and a server that only sends bytes.
//! It must never ask about the same person twice.

use std::time::Duration;

use axum::{Router, routing::get};
use futures::future::join_all;
use tokio::net::TcpListener;

use super::{
    load::{Client, median},
    process::Platform,
    report::Report,
};

pub const NHS: &str = "https://fhir.nhs.uk/Id/nhs-number";
const TYPES: [&str; 15] = [
    "AllergyIntolerance",
    "Condition",
    "MedicationRequest",
    "MedicationStatement",
    "Observation",
    "DiagnosticReport",
    "DocumentReference",
    "ServiceRequest",
    "Appointment",
    "Encounter",
    "Procedure",
    "Immunization",
    "RelatedPerson",
    "CarePlan",
    "Flag",
];
/// The demo sources that answer at once, without the slow and the flaky one.
const SOURCES: [u16; 6] = [0, 1, 3, 6, 7, 8];

/// The NHS numbers of people of the GP persona's practice at `authority` whom no slow source knows.
pub async fn people(authority: &str, slow: &[String], wanted: usize) -> Vec<String> {
    let client = Client::new(None);
    let list = client.json(&format!("{authority}/Patient?_count=1000")).await;
    let mut found = vec![];
    for entry in list["entry"].as_array().unwrap() {
        let patient = &entry["resource"];
        let practice = patient["generalPractitioner"][0]["identifier"]["value"].as_str();
        let number = patient["identifier"][0]["value"].as_str();
        let (Some("Y90001"), Some(number)) = (practice, number) else { continue };
        let mut known = 0;
        for base in slow {
            let url = format!("{base}/Patient?identifier={NHS}|{number}");
            known += client.json(&url).await["entry"].as_array().map_or(0, Vec::len);
        }
        if known == 0 {
            found.push(number.to_owned());
        }
        if found.len() == wanted {
            break;
        }
    }
    found
}

/// The time of the slowest source for all types at once, without the platform.
async fn time_slowest_source(platform: &Platform, number: &str) -> Duration {
    let client = Client::new(None);
    let mut slowest = Duration::ZERO;
    for source in SOURCES {
        let base = format!("http://127.0.0.1:{}", platform.port + 20 + source);
        let found = client.json(&format!("{base}/Patient?identifier={NHS}|{number}")).await;
        let Some(id) = found["entry"][0]["resource"]["id"].as_str().map(str::to_owned) else { continue };
        let started = std::time::Instant::now();
        let urls: Vec<String> = TYPES.iter().map(|kind| format!("{base}/{kind}?patient={id}&_count=200")).collect();
        join_all(urls.iter().map(|url| client.ask(url))).await;
        slowest = slowest.max(started.elapsed());
    }
    slowest
}

pub async fn beside_the_slowest_source(platform: &Platform, report: &mut Report) {
    let client = Client::new(Some(&platform.token("gp")));
    let base = format!("http://localhost:{}", platform.port);
    let (mut views, mut sources) = (vec![], vec![]);
    let source = |at: u16| format!("http://127.0.0.1:{}", platform.port + 20 + at);
    for number in people(&source(0), &[source(4), source(5)], 15).await {
        let found = client.json(&format!("{base}/api/patient-index/v1/people?nhs_number={number}")).await;
        let id = found["people"][0]["id"].as_str().unwrap().to_owned();
        sources.push(time_slowest_source(platform, &number).await);
        let (_, took) = client.get(&format!("{base}/api/record-aggregation/v1/people/{id}/record")).await;
        views.push(took);
    }
    report.add("record view, nothing kept", median(views) * 1000.0, "ms", "median of 15 people, five or more sources");
    report.add("slowest source alone", median(sources) * 1000.0, "ms", "all its types at once");
    report.ratio(
        "record view over its slowest source",
        "record view, nothing kept",
        "slowest source alone",
        "1 is the limit; all sources share two cores here",
    );
}

/// Starts a server that only sends `body`. Returns its port.
pub async fn start_bare_server(body: Vec<u8>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let router = Router::new().route("/", get(move || async move { body }));
    tokio::spawn(async move { axum::serve(listener, router).await });
    port
}
