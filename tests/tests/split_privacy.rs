//! The day of `privacy.rs` where every service is a process of its own: their lines are JSON with the agreed names,
//! and neither they nor any service's metrics tell who was looked at.

#![allow(clippy::panic, clippy::unwrap_used, reason = "tests")]

use day::{At, Known, journey};
use lcr_tests::{Actor, Options, Platform, split::SERVICES};
use serde_json::Value;

#[path = "privacy/day.rs"]
mod day;

#[tokio::test(flavor = "multi_thread")]
async fn no_process_logs_or_measures_who_was_looked_at() {
    let options = Options { log: "debug,lcr=trace", ..Options::default() };
    let people = options.people;
    let platform = Platform::start(options).await;
    platform.wait_loaded().await;
    let at = At { port: platform.ports.gateway, provider: platform.provider.issuer(), people };
    let mut known = Known::default();
    journey(&at, &mut known).await;
    let mut metrics = String::new();
    for service in SERVICES {
        let address = format!("http://localhost:{}/metrics", platform.split().admin(service, 0));
        let text = Actor::outside(at.port).get(&address).await.text();
        assert!(text.contains(&format!("lcr_process_resident_bytes{{service=\"{service}\"}}")), "{text}");
        metrics.push_str(&text);
    }
    let said = platform.split().said();
    for line in said.lines() {
        let read: Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("not JSON: {line}"));
        for name in ["timestamp", "level", "service", "target", "message"] {
            assert!(read[name].is_string(), "`{name}` of {line}");
        }
    }
    known.in_neither(&said, &metrics);
}
