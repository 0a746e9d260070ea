//! What a check of a system is about. Pure. It must hold no secret: of the credentials it has only the time of their change.

use std::collections::BTreeSet;

use lcr_contracts::registry::{DatasetSwitch, System};
use lcr_model::Dataset;
use serde_json::json;

/// A text that changes with the connection: the address, the datasets and the credentials, and for a system that only sends
/// its feed. A report counts only for the connection that it was made of.
pub fn fingerprint(system: &System) -> String {
    let credentials = system.setup.credentials.as_ref().map(|sealed| sealed.changed_at.as_microsecond());
    let feed = system.feed.as_ref().filter(|_| system.base_url.is_empty());
    json!({ "url": system.base_url, "datasets": agreed(system), "credentials": credentials, "feed": feed }).to_string()
}

/// The datasets that the system gives.
pub fn agreed(system: &System) -> BTreeSet<Dataset> {
    let is_on = |(dataset, switch): (&Dataset, &DatasetSwitch)| (*switch == DatasetSwitch::On).then_some(*dataset);
    system.datasets.iter().filter_map(is_on).collect()
}
