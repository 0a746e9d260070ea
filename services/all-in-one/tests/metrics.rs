//! The golden list of all metrics: names, types and labels. `tests/charts` compares dashboards and alerts with it, so a
//! changed metric must change there too.

#![allow(clippy::unwrap_used, reason = "tests")]

use lcr_runtime::{Metrics, metrics::RelayMetrics};
use lcr_store::{Durability, NoTables, Store};
use lcr_testkit::Folder;
use lcr_web::metrics::PeerCalls;

#[tokio::test]
async fn the_metrics_equal_the_golden_list() {
    // All services share one registry here, so their names must not collide. `PeerCalls` and `RelayMetrics`
    // exist in the clustered form only.
    let metrics = Metrics::new("all-in-one").unwrap();
    let meter = metrics.meter();
    lcr_audit::Metrics::new(meter).unwrap();
    lcr_consent::Metrics::new(meter).unwrap();
    lcr_feeds::Metrics::new(meter).unwrap();
    lcr_identity::Metrics::new(meter).unwrap();
    lcr_patient_index::Metrics::new(meter).unwrap();
    lcr_record_aggregation::Metrics::new(meter).unwrap();
    lcr_virtual_ward::Metrics::new(meter).unwrap();
    PeerCalls::new(meter).unwrap();
    RelayMetrics::new(meter, "audit").unwrap();
    let folder = Folder::new("metrics").unwrap();
    let path = folder.path().join("audit.db");
    let store = Store::open::<NoTables>(path, "audit", Durability::Rebuildable).await.unwrap();
    store.show_statements(meter, "audit").unwrap();
    let metrics_list = meter.described().join("\n");
    lcr_testkit::golden::compare("metrics.txt", &metrics_list).unwrap();
}
