//! The golden list of everything measured: names, types and labels, as the code makes them. Dashboards and alerts are
//! compared with it (`tests/charts`), so a number that changes here changes there.

#![allow(clippy::unwrap_used, reason = "tests")]

use lcr_runtime::{Metrics, metrics::Unsent};
use lcr_web::measure::PeerCalls;

#[test]
fn what_is_measured_is_as_agreed() {
    // As in one process: every service in one registry, none in another's way; then what only a process alone has.
    let metrics = Metrics::new("all-in-one").unwrap();
    let meter = metrics.meter();
    lcr_audit::Numbers::new(meter).unwrap();
    lcr_consent::Numbers::new(meter).unwrap();
    lcr_feeds::Numbers::new(meter).unwrap();
    lcr_identity::Numbers::new(meter).unwrap();
    lcr_patient_index::Numbers::new(meter).unwrap();
    lcr_record_aggregation::Numbers::new(meter).unwrap();
    lcr_virtual_ward::Numbers::new(meter).unwrap();
    PeerCalls::new(meter).unwrap();
    Unsent::new(meter, "audit").unwrap();
    let list = meter.described().join("\n");
    lcr_testkit::golden::compare("metrics.txt", &list).unwrap();
}
