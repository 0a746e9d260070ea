//! Logs and metrics tell nothing about anybody: a clinician's day at the most talkative log level, then a search of
//! everything the process wrote for who was looked at (design section 11 "PHI in URLs").

#![allow(clippy::unwrap_used, reason = "tests")]

use day::{At, Known, journey};
use lcr_testkit::Folder;
use lcr_tests::Actor;
use process::{PEOPLE, Process, platform};

#[path = "privacy/day.rs"]
mod day;
mod process;

#[tokio::test(flavor = "multi_thread")]
async fn neither_logs_nor_metrics_tell_who_was_looked_at() {
    let (folder, port) = (Folder::new("privacy").unwrap(), platform::free_ports().unwrap());
    let process = Process::start(folder.path(), port, "debug,lcr=trace");
    let mut known = Known::default();
    let at = At { port, provider: format!("http://127.0.0.1:{}", port + 10), people: PEOPLE };
    journey(&at, &mut known).await;
    let metrics = Actor::outside(port).get(&format!("http://localhost:{}/metrics", port + 1010)).await.text();
    assert!(metrics.contains("lcr_http_requests_total"), "there are metrics");
    known.in_neither(&process.said(), &metrics);
}
