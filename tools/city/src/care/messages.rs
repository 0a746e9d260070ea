//! The FHIR Bundles with evidence of care: one Patient and one episode. They must use the same local ids as the system's
//! register and HL7 v2 messages.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::CareLink;
use crate::chart::Chart;
use crate::world::World;

/// A Bundle to be sent to the platform.
#[derive(Clone, PartialEq)]
pub struct CareMessage {
    /// The id of the system in the plan.
    pub system: &'static str,
    pub bundle: Value,
}

impl std::fmt::Debug for CareMessage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "CareMessage({})", self.system)
    }
}

/// The evidence as it stands at `at`. None for what is sent as HL7 v2, here and below.
pub(super) fn current(world: &World, link: &CareLink, at: Timestamp) -> Option<CareMessage> {
    message(world, link, link.period(world, at), link.last_change(world, at))
}

/// The same evidence alone.
pub(super) fn evidence(world: &World, link: &CareLink, at: Timestamp) -> Option<Value> {
    let chart = Chart::of(world, link.group.source, link.index);
    chart.care_link(link.group, link.period(world, at), link.last_change(world, at))
}

/// The same evidence, ended at `at`.
pub(super) fn ended(world: &World, link: &CareLink, at: Timestamp) -> Option<CareMessage> {
    let (from, _) = link.period(world, at);
    message(world, link, (from, Some(at)), at)
}

fn message(
    world: &World,
    link: &CareLink,
    period: (Timestamp, Option<Timestamp>),
    changed: Timestamp,
) -> Option<CareMessage> {
    let system = link.group.source.id();
    let chart = Chart::of(world, link.group.source, link.index);
    let evidence = chart.care_link(link.group, period, changed)?;
    let id = format!("{}-{}", evidence["id"].as_str().unwrap_or_default(), changed.as_millisecond());
    let entry = |resource: Value| {
        let (kind, id) = (resource["resourceType"].as_str(), resource["id"].as_str());
        let url = format!("https://{system}.city.example/{}/{}", kind.unwrap_or_default(), id.unwrap_or_default());
        let mut entry = json!({ "fullUrl": url });
        entry["resource"] = resource;
        entry
    };
    let mut bundle = json!({
        "resourceType": "Bundle",
        "meta": {"source": format!("https://city.example/{system}")},
        "identifier": {"system": format!("https://{system}.city.example/Id/bundle"), "value": id},
        "type": "collection",
        "timestamp": changed.to_string(),
    });
    bundle["entry"] = Value::Array(vec![entry(chart.patient()), entry(evidence)]);
    Some(CareMessage { system, bundle })
}
