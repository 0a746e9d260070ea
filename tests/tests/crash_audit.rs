//! The platform is killed during views and restarted on the same folder: every view that was answered is on the log, and
//! people keep their ids.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use lcr_testkit::{Folder, eventually_ok};
use lcr_tests::Actor;
use process::{Process, platform};
use serde_json::Value;

mod process;

const ROUNDS: usize = 3;
const READERS: usize = 4;
/// The time before the kill, different in each round.
const BEFORE_THE_KILL: [Duration; ROUNDS] =
    [Duration::from_millis(700), Duration::from_millis(1130), Duration::from_millis(1610)];

/// The ids of people by NHS number, as the GP finds them.
async fn find_people(gp: &Actor, numbers: &[String]) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for number in numbers {
        found.insert(number.clone(), gp.find_person(number).await);
    }
    found
}

/// Opens records until `stop` is set or the platform does not answer. Returns the views that were answered.
async fn read_records(gp: Actor, people: Vec<String>, stop: Arc<AtomicBool>) -> Vec<String> {
    let mut seen = vec![];
    for person in people.iter().cycle() {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let path = format!("/api/record-aggregation/v1/people/{person}/record");
        match gp.try_get(&path).await {
            Some(answer) if answer.status == 200 => {
                seen.push(answer.json()["view"].as_str().unwrap().to_owned());
            }
            Some(answer) => panic!("{}: {}", answer.status, answer.text()),
            None => break,
        }
    }
    seen
}

/// The whole log by view.
async fn read_log(officer: &Actor) -> BTreeMap<String, Value> {
    let (mut all, mut before) = (BTreeMap::new(), String::new());
    loop {
        let page = officer.get(&format!("/api/audit/v1/entries?limit=200{before}")).await;
        assert_eq!(page.status, 200, "{}", page.text());
        let entries = page.json()["entries"].as_array().cloned().unwrap();
        let Some(last) = entries.last() else { return all };
        before = format!("&before={}", last["id"].as_str().unwrap());
        all.extend(entries.into_iter().map(|entry| (entry["view"].as_str().unwrap().to_owned(), entry)));
    }
}

/// Checks that every view seen is on the log and soon completed, and that no other entry says "shown".
async fn assert_logged(officer: &Actor, seen: &[String]) {
    let log = eventually_ok(Duration::from_secs(10), "the completed views reach the log", async || {
        let log = read_log(officer).await;
        for view in seen {
            assert!(log.contains_key(view), "a view was seen and is not on the log");
        }
        let completed = seen.iter().all(|view| log[view]["completion"] == "shown");
        if completed { Ok(log) } else { Err("a view is not completed") }
    });
    let log = log.await;
    let records = log.values().filter(|entry| entry["what"] == "record");
    for entry in records.filter(|entry| entry["completion"] != "shown") {
        assert_eq!(entry["completion"], "presumed-shown", "opened, and never completed");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_kill_every_answered_view_is_on_the_log_and_people_keep_their_ids() {
    let city = lcr_city::CityOptions { people: process::PEOPLE, seed: lcr_cli::commands::up::SEED, first_port: 0 };
    let cast = lcr_city::start(city).await.unwrap().cast().clone();
    let numbers: Vec<String> =
        [cast.fredrica_smith, cast.osei, cast.child].into_iter().filter_map(|one| one.nhs_number).collect();
    let (folder, port) = (Folder::new("crash").unwrap(), platform::free_ports().unwrap());
    let mut seen: Vec<String> = vec![];
    let mut before: Option<(BTreeMap<String, String>, usize)> = None;
    for round in 0..=ROUNDS {
        let process = Process::start(folder.path(), port, "warn");
        let (gp, officer) = (process.actor("gp").await, process.actor("practice-officer").await);
        let found = find_people(&gp, &numbers).await;
        let count = process.output().lines().find_map(parse_loaded_count).unwrap();
        if let Some(before) = &before {
            assert_eq!(*before, (found.clone(), count), "people and their ids are unchanged");
        }
        assert_logged(&officer, &seen).await;
        before = Some((found.clone(), count));
        let Some(moment) = BEFORE_THE_KILL.get(round) else { break };
        let stop = Arc::new(AtomicBool::new(false));
        let everybody: Vec<String> = found.into_values().collect();
        let readers: Vec<_> =
            (0..READERS).map(|_| tokio::spawn(read_records(gp.clone(), everybody.clone(), stop.clone()))).collect();
        tokio::time::sleep(*moment).await;
        process.kill();
        stop.store(true, Ordering::Relaxed);
        for reader in readers {
            seen.extend(reader.await.unwrap());
        }
        println!("round {round}: {} views seen so far", seen.len());
    }
    assert!(seen.len() > ROUNDS * READERS, "views were open when it was killed");
}

/// The number of people in `loaded 60 people from 9 sources`.
fn parse_loaded_count(line: &str) -> Option<usize> {
    line.strip_prefix("loaded ")?.split(' ').next()?.parse().ok()
}
