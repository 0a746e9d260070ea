//! Logs and metrics contain no personal data: a clinician's working day at the most verbose log level, then a search of
//! all logs and metrics for the people who were viewed.

#![allow(clippy::unwrap_used, reason = "tests")]

use lcr_testkit::Folder;
use lcr_tests::Actor;
use process::{PEOPLE, Process, platform};
use working_day::{PatientIdentifiers, PlatformAddress, journey};

mod process;
#[path = "privacy/working_day.rs"]
mod working_day;

#[tokio::test(flavor = "multi_thread")]
async fn logs_and_metrics_do_not_identify_viewed_people() {
    let (folder, port) = (Folder::new("privacy").unwrap(), platform::free_ports().unwrap());
    let process = Process::start(folder.path(), port, "debug,lcr=trace");
    let mut patients = PatientIdentifiers::default();
    let address = PlatformAddress { port, provider: format!("http://127.0.0.1:{}", port + 10), people: PEOPLE };
    journey(&address, &mut patients).await;
    let metrics = Actor::outside(port).get(&format!("http://localhost:{}/metrics", port + 1010)).await.text();
    assert!(metrics.contains("lcr_http_requests_total"), "there are metrics");
    patients.assert_absent(&process.output(), &metrics);
}
