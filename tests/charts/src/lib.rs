//! Helpers of the chart's tests: render, parse and validate the Helm chart and the manifests of `k8s/`. They must never
//! reach a cluster or the network, and use the platform's programs but none of its code.

pub mod cluster;
pub mod documents;
pub mod helm;
pub mod metrics;
pub mod objects;
pub mod pages;
pub mod programs;
pub mod reachability;
pub mod schemas;
pub mod tools;
pub mod values_table;

use std::path::PathBuf;

/// A path within the chart.
pub fn chart(within: &str) -> PathBuf {
    lcr_testkit::root().join("charts/leeds-care-record").join(within)
}

/// A path within `k8s/`.
pub fn k8s(within: &str) -> PathBuf {
    lcr_testkit::root().join("k8s").join(within)
}

/// The text of a file; the error names it.
pub fn read(path: &std::path::Path) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}
