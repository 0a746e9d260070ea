//! After an attack a process uses at most a tenth more memory than before.

use std::time::Duration;

use lcr_model::ServiceName;
use lcr_tests::{Actor, Platform};

use super::connections::open_half_heads;

/// The resident memory of a process in bytes.
async fn resident_bytes(platform: &Platform, service: ServiceName) -> f64 {
    let address = format!("http://localhost:{}/metrics", platform.split().admin_port(service, 0));
    let text = Actor::outside(platform.ports.gateway).get(&address).await.text();
    let line = text.lines().find(|line| line.starts_with("lcr_process_resident_bytes"));
    line.unwrap().rsplit(' ').next().unwrap().parse().unwrap()
}

/// Runs each attack once.
async fn attack(platform: &Platform) {
    let open = open_half_heads(9, platform.ports.gateway, 500).await;
    let gp = platform.actor("gp").await;
    for _ in 0..20 {
        gp.search(&serde_json::json!({ "q": "x".repeat(500_000) })).await;
    }
    let person = gp.find_person(super::FREDRICA).await;
    let path = format!("/api/record-aggregation/v1/people/{person}/record/stream?live=true");
    for _ in 0..30 {
        gp.status_of(&path).await;
    }
    drop(open);
    // The server notices closed connections a little later.
    tokio::time::sleep(Duration::from_millis(300)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn memory_comes_back_after_an_attack() {
    let platform = Platform::start_loaded().await;
    let services = [ServiceName::Gateway, ServiceName::PatientIndex, ServiceName::RecordAggregation];
    for _ in 0..5 {
        attack(&platform).await;
    }
    let mut before = vec![];
    for service in services {
        before.push(resident_bytes(&platform, service).await);
    }
    for _ in 0..3 {
        attack(&platform).await;
    }
    for (service, before) in services.into_iter().zip(before) {
        let after = resident_bytes(&platform, service).await;
        assert!(after < before * 1.1 + 2e6, "{service}: {before} and then {after} bytes");
    }
}
