//! A model of network access in two layers: `NetworkPolicies`, which see addresses and ports but only the tunnel port of
//! mesh traffic, and the mesh's rules, which see identities. It reads rendered objects and must refuse every rule that it
//! does not understand, so that it never reports a wrong result.

mod actor;
mod mesh;
mod network;

use serde_json::Value;

pub use actor::{Actor, external_actor, pod_actor};

/// The mesh's tunnel: all that a `NetworkPolicy` sees of traffic between two pods of the mesh.
pub const TUNNEL: u16 = 15008;

/// The layers that a query considers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layer {
    /// The `NetworkPolicies` alone, as without a mesh.
    Network,
    /// The mesh alone, as without enforcement of `NetworkPolicies`.
    Mesh,
    /// Both, as in a cluster with a mesh.
    Both,
}

/// Whether `from` reaches `port` of `to`, by the policies among `objects`.
pub fn reaches(objects: &[Value], layer: Layer, from: &Actor, to: &Actor, port: u16) -> Result<bool, String> {
    let tunnel = from.in_mesh && to.in_mesh;
    let seen = if tunnel && layer == Layer::Both { TUNNEL } else { port };
    let network = layer == Layer::Mesh || network::allows(objects, from, to, seen)?;
    let mesh = layer == Layer::Network || mesh::allows(objects, from, to, port, tunnel)?;
    Ok(network && mesh)
}

/// Whether labels match a selector. An empty selector matches all labels.
fn selector_matches(selector: &Value, labels: &std::collections::BTreeMap<String, String>) -> Result<bool, String> {
    for (key, value) in selector.as_object().into_iter().flatten() {
        let met = match key.as_str() {
            "matchLabels" => value
                .as_object()
                .into_iter()
                .flatten()
                .all(|(label, wanted)| labels.get(label).map(String::as_str) == wanted.as_str()),
            "matchExpressions" => {
                let all = value.as_array().map_or(&[][..], Vec::as_slice);
                all.iter()
                    .map(|one| expression_matches(one, labels))
                    .collect::<Result<Vec<_>, _>>()?
                    .into_iter()
                    .all(|met| met)
            }
            other => return Err(format!("a selector with {other} is not understood")),
        };
        if !met {
            return Ok(false);
        }
    }
    Ok(true)
}

fn expression_matches(one: &Value, labels: &std::collections::BTreeMap<String, String>) -> Result<bool, String> {
    let value_of_key = one["key"].as_str().and_then(|key| labels.get(key));
    match one["operator"].as_str() {
        Some("In") => Ok(one["values"].as_array().is_some_and(|all| {
            all.iter().any(|value| {
                value.as_str().is_some_and(|value| value_of_key.is_some_and(|value_of_key| value_of_key == value))
            })
        })),
        other => Err(format!("the operator {other:?} of a selector is not understood")),
    }
}
