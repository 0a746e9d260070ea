//! Two replicas of every service behind a balancer give the same answers as one. A choice acknowledged by one replica is in
//! force at the other at once, work is shared and done once, and pages and sessions outlive the replica that served them.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::time::Duration;

use lcr_bus::NatsBus;
use lcr_contracts::events::Stream;
use lcr_model::ServiceName;
use lcr_testkit::eventually;
use lcr_tests::{
    Options, Platform,
    mllp::{MllpConnection, admission},
    split,
};
use sea_orm::{ConnectionTrait, Statement};

#[path = "choices.rs"]
mod choices;

async fn platform_without_city() -> Platform {
    let platform = Platform::start(Options { city: false, ..Options::default() }).await;
    platform.split().wait_until_consumed().await;
    platform
}

async fn count(platform: &Platform, service: ServiceName, sql: &str) -> i64 {
    let store = platform.split().store(service).await;
    let query = Statement::from_string(store.read().get_database_backend(), sql.to_owned());
    store.read().query_one_raw(query).await.unwrap().unwrap().try_get_by_index(0).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn both_replicas_accept_messages_and_each_takes_effect_once() {
    let platform = platform_without_city().await;
    let senders: Vec<_> = (0..6)
        .map(|sender| {
            let port = platform.ports.mllp();
            tokio::spawn(async move {
                let mut connection = MllpConnection::open(port).await.unwrap();
                for at in 0..25 {
                    let control = format!("R{sender}N{at}");
                    let number = split::unissued_nhs_number(sender * 100 + at);
                    let message = admission(&control, &number, "19500101", &format!("V{control}"));
                    // One replica may know the sender a moment before the other.
                    connection.send_accepted(format!("{}\r", message.replace('\n', "\r")).as_bytes()).await;
                }
            })
        })
        .collect();
    for sender in senders {
        sender.await.unwrap();
    }
    platform.split().wait_until_consumed().await;
    let spells = "SELECT COUNT(*) FROM spell";
    assert_eq!(count(&platform, ServiceName::VirtualWard, spells).await, 150, "one stay for each visit");
    let people = "SELECT COUNT(DISTINCT person) FROM identity";
    assert_eq!(count(&platform, ServiceName::PatientIndex, people).await, 150, "one person for each number");
    let accepted = "SELECT COUNT(*) FROM message WHERE status = 'accepted'";
    assert_eq!(count(&platform, ServiceName::Feeds, accepted).await, 150);
    // Both replicas accepted some, because the balancer takes turns.
    let feeds = platform.split().store(ServiceName::Feeds).await;
    assert_eq!(NatsBus::unsent(&feeds).await.unwrap(), 0);
    let stored = platform.split().bus().await.stored(Stream::Feeds).await.unwrap();
    let published = count(&platform, ServiceName::Feeds, "SELECT COUNT(*) FROM outbox").await;
    assert_eq!(stored, u64::try_from(published).unwrap(), "each event is sent once, by one relay");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_sequencer_grows_the_tree_for_both_replicas() {
    let platform = platform_without_city().await;
    let officer = platform.actor("privacy-officer").await;
    for _ in 0..40 {
        // Each request for the log is an entry too.
        assert_eq!(officer.get("/api/audit/v1/entries?limit=1").await.status, 200);
    }
    let waits = "SELECT COUNT(*) FROM pending";
    eventually(Duration::from_secs(5), "every entry has its place", async || {
        count(&platform, ServiceName::Audit, waits).await == 0
    })
    .await;
    let placed = "SELECT COUNT(*) FROM leaf";
    assert!(count(&platform, ServiceName::Audit, placed).await >= 40);
    // One replica is killed; the other continues.
    platform.split().kill(ServiceName::Audit, 0);
    for _ in 0..10 {
        assert_eq!(officer.get("/api/audit/v1/entries?limit=1").await.status, 200);
    }
    eventually(Duration::from_secs(10), "the other replica places entries", async || {
        count(&platform, ServiceName::Audit, waits).await == 0
    })
    .await;
    assert!(!platform.split().read_logs().contains("log-rewritten"));
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_searches_and_live_pages_outlive_the_gateway_that_served_them() {
    let platform = Platform::start_loaded().await;
    let (split, browser) = (platform.split(), platform.browser("gp").await);
    let found = browser.post_form("/search", "q=943+476+5919").await;
    assert_eq!(found.status, 303);
    let results = found.header("location").to_owned();
    let gp = platform.actor("gp").await;
    let person = gp.find_person("943 476 5919").await;
    let page = browser.get(&format!("/people/{person}")).await.text();
    let view = page.split("view=").nth(1).and_then(|after| after.split(['"', '&']).next()).unwrap().to_owned();
    let stream = format!("/people/{person}/stream?view={view}&watch=all");
    for replica in 0..2 {
        split.kill(ServiceName::Gateway, replica);
        assert_eq!(browser.get_with_retry("/home").await.status, 200, "still signed in");
        let answer = browser.get_with_retry(&results).await.text();
        assert!(answer.contains(&person), "the search's answer is still there: {answer}");
        assert_eq!(browser.status_of(&stream).await, 200, "the page opens its stream elsewhere");
        split.start_replica(ServiceName::Gateway, replica);
        split.wait_until_replica_ready(ServiceName::Gateway, replica).await;
    }
    let views = format!("SELECT COUNT(*) FROM entry WHERE view = '{view}'");
    // Each replica of consent remembers the logged views itself, so there may be more entries, never fewer.
    let entries = count(&platform, ServiceName::Audit, &views).await;
    // One decision for the page and one for each of its two streams.
    assert!((1..=3).contains(&entries), "one view, no more entries than decisions: {entries}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_ended_at_one_replica_is_ended_at_all() {
    let platform = Platform::start_loaded().await;
    let browser = platform.browser("gp").await;
    let person = platform.actor("gp").await.find_person("943 476 5919").await;
    for _ in 0..4 {
        assert_eq!(browser.get(&format!("/people/{person}?whole=1")).await.status, 200);
    }
    assert_eq!(browser.post_form("/sign-out", "").await.status, 303);
    for _ in 0..8 {
        assert_eq!(browser.get(&format!("/people/{person}?whole=1")).await.status, 303, "sign in again");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_replica_asks_a_suspended_partner() {
    let platform = Platform::start_loaded().await;
    let (split, gp) = (platform.split(), platform.actor("gp").await);
    let mut seed = platform.seed();
    for system in seed.systems.iter_mut().filter(|system| system.id.as_str() == "st-hildas") {
        system.suspended = true;
    }
    split.register(seed).await;
    let path = "/api/record-aggregation/v1/sources";
    eventually(Duration::from_secs(5), "both replicas know", async || {
        let mut suspended = 0;
        for _ in 0..4 {
            let sources = gp.get(path).await.json()["sources"].as_array().cloned().unwrap_or_default();
            let hospital = sources.iter().find(|one| one["source"] == "st-hildas");
            suspended += usize::from(hospital.is_some_and(|one| one["state"] == "suspended"));
        }
        suspended == 4
    })
    .await;
}
