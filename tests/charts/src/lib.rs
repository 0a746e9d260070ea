//! The Helm chart and the manifests beside it, as the tests read them: rendered, parsed, held against schemas. It
//! reaches no cluster and no network, and knows nothing of the platform's code; its programs are asked where they are built.

pub mod cluster;
pub mod documents;
pub mod helm;
pub mod metrics;
pub mod objects;
pub mod pages;
pub mod programs;
pub mod reach;
pub mod schemas;
pub mod table;
pub mod tools;

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
