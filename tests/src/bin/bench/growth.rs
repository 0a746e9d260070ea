//! What a view, a search, a list and a decision cost in cities of different sizes. It must never be given a platform on which
//! anything else was measured before, because that leaves stays and entries behind.

use serde_json::{Value, json};

use super::{
    connection::{Connection, Question},
    load::median,
    process::Platform,
    report::Report,
    rounds::{Rounds, repeat},
    views::{LARGEST, find_person},
};

/// Requests of each kind in a round.
const ASKS: usize = 40;
pub const KINDS: [&str; 5] = ["view", "search by number", "search by name", "list", "decision"];

/// Asks about the same person of the cast, one request at a time.
pub async fn measure(platform: &Platform, people: u32, report: &mut Report) {
    let questions = questions(platform).await;
    let mut connection = Connection::default();
    for question in &questions {
        connection.ask(question).await;
    }
    repeat(report, async |_, rounds: &mut Rounds| {
        for (kind, question) in KINDS.iter().zip(&questions) {
            let (mut connection, mut times) = (Connection::default(), vec![]);
            for _ in 0..ASKS {
                times.push(connection.ask(question).await);
            }
            rounds.add(&name(kind, people), median(times) * 1000.0, "ms", "one asker, median of 40");
        }
    })
    .await;
    let [_, _, _, list, _] = &questions;
    connection.ask(list).await;
    let list: Value = serde_json::from_slice(connection.body()).unwrap();
    let rows = list["inpatients"].as_array().map_or(0, Vec::len) as f64;
    report.add(
        &format!("growth: rows of the list, {people} people"),
        rows,
        "",
        "the city's in-patients of one practice",
    );
}

fn name(kind: &str, people: u32) -> String {
    format!("growth: {kind}, {people} people")
}

/// One question for each of `KINDS`.
pub async fn questions(platform: &Platform) -> [Question; 5] {
    let (port, token) = (platform.port, platform.token("gp"));
    let person = find_person(platform, &token, LARGEST).await;
    let get = |path: &str| Question::get(port, path, Some(&token));
    let post = |path: &str, body: &Value| Question::post(port, path, Some(&token), body);
    let search = "/api/patient-index/v1/people/search";
    [
        get(&format!("/api/record-aggregation/v1/people/{person}/record")),
        post(search, &json!({ "nhs_number": LARGEST })),
        post(search, &json!({ "q": "Smith, Fredrica 14-Jul-1945" })),
        get("/api/virtual-ward/v1/inpatients?practice=Y90001"),
        post("/api/consent/v1/decisions", &json!({ "person": person })),
    ]
}

/// Compares a city with the smallest.
pub fn compare(people: u32, smallest: u32, report: &mut Report) {
    for kind in KINDS {
        let note = "the same question in a larger city; 1 is no growth; aim: at most 1.2; a longer list may cost more";
        let over = format!("growth: {kind}, {people} over {smallest} people");
        report.ratio(&over, &name(kind, people), &name(kind, smallest), note);
    }
}
