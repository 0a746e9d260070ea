//! The working day of `privacy.rs` on a split platform: log lines are JSON with the agreed names, and neither logs nor
//! metrics identify a viewed person.

#![allow(clippy::panic, clippy::unwrap_used, reason = "tests")]

use lcr_tests::{Actor, Options, Platform, split::SERVICES};
use serde_json::Value;
use working_day::{PatientIdentifiers, PlatformAddress, journey};

#[path = "privacy/working_day.rs"]
mod working_day;

#[tokio::test(flavor = "multi_thread")]
async fn logs_and_metrics_of_all_processes_do_not_identify_viewed_people() {
    let options = Options { log: "debug,lcr=trace", ..Options::default() };
    let people = options.people;
    let platform = Platform::start(options).await;
    platform.wait_loaded().await;
    let target = PlatformAddress { port: platform.ports.gateway, provider: platform.provider.issuer(), people };
    let mut patients = PatientIdentifiers::default();
    journey(&target, &mut patients).await;
    let mut metrics = String::new();
    for service in SERVICES {
        let address = format!("http://localhost:{}/metrics", platform.split().admin_port(service, 0));
        let text = Actor::outside(target.port).get(&address).await.text();
        assert!(text.contains(&format!("lcr_process_resident_bytes{{service=\"{service}\"}}")), "{text}");
        metrics.push_str(&text);
    }
    let logs = platform.split().read_logs();
    for line in logs.lines() {
        let read: Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("not JSON: {line}"));
        for name in ["timestamp", "level", "service", "target", "message"] {
            assert!(read[name].is_string(), "`{name}` of {line}");
        }
    }
    patients.assert_absent(&logs, &metrics);
}
