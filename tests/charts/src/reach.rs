//! Who reaches whom, by two layers: the `NetworkPolicies`, which see addresses and real ports but of the mesh's traffic only
//! the port of its tunnel, and the mesh's own rules, which see identities. A model of both, read from rendered objects;
//! what it does not know it refuses, so that it never calls open what it did not understand. It asks no cluster.

mod actor;
mod mesh;
mod network;

use serde_json::Value;

pub use actor::{Actor, inside, outside};

/// The mesh's tunnel: all that a `NetworkPolicy` sees of traffic between two pods of the mesh.
pub const TUNNEL: u16 = 15008;

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layer {
    /// The `NetworkPolicies`, as if there were no mesh.
    Network,
    /// The mesh, as if nobody enforced `NetworkPolicies`.
    Mesh,
    /// As in a cluster that has both.
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

/// Whether labels are those that a selector asks for; an empty one asks for none.
fn picks(selector: &Value, labels: &std::collections::BTreeMap<String, String>) -> Result<bool, String> {
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
                    .map(|one| expression(one, labels))
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

fn expression(one: &Value, labels: &std::collections::BTreeMap<String, String>) -> Result<bool, String> {
    let held = one["key"].as_str().and_then(|key| labels.get(key));
    match one["operator"].as_str() {
        Some("In") => Ok(one["values"].as_array().is_some_and(|all| {
            all.iter().any(|value| value.as_str().is_some_and(|value| held.is_some_and(|held| held == value)))
        })),
        other => Err(format!("the operator {other:?} of a selector is not understood")),
    }
}
