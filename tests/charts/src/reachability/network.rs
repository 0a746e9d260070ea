//! `NetworkPolicies`: a selected pod may receive and send only what a rule of a selecting policy names. An address range
//! also matches pods, as in some network plugins. Unknown peers must be errors.

use serde_json::Value;

use super::{Actor, selector_matches};
use crate::objects::{list, of_kind, text};

/// Whether the caller may send and the callee may receive.
pub fn allows(objects: &[Value], from: &Actor, to: &Actor, port: u16) -> Result<bool, String> {
    Ok(allows_side(objects, "Egress", from, to, port)? && allows_side(objects, "Ingress", to, from, port)?)
}

/// Whether the policies of `own` allow traffic with `other` on one side, `Egress` or `Ingress`.
fn allows_side(objects: &[Value], side: &str, own: &Actor, other: &Actor, port: u16) -> Result<bool, String> {
    let Some(namespace) = &own.namespace else { return Ok(true) };
    let (rules, peers) = if side == "Egress" { ("/spec/egress", "/to") } else { ("/spec/ingress", "/from") };
    let mut selected = false;
    for policy in of_kind(objects, "NetworkPolicy") {
        let here = text(policy, "/metadata/namespace") == namespace
            && list(policy, "/spec/policyTypes").iter().any(|one| one == side);
        if !here || !selector_matches(&policy["spec"]["podSelector"], &own.labels)? {
            continue;
        }
        selected = true;
        for rule in list(policy, rules) {
            if covers_port(rule, port) && covers_peer(rule, peers, namespace, other)? {
                return Ok(true);
            }
        }
    }
    Ok(!selected)
}

fn covers_port(rule: &Value, port: u16) -> bool {
    let ports = list(rule, "/ports");
    ports.is_empty() || ports.iter().any(|one| one["protocol"] == "TCP" && one["port"] == port)
}

fn covers_peer(rule: &Value, peers: &str, namespace: &str, other: &Actor) -> Result<bool, String> {
    let peers = list(rule, peers);
    let mut met = peers.is_empty();
    for peer in peers {
        met |= is_peer(peer, namespace, other)?;
    }
    Ok(met)
}

fn is_peer(peer: &Value, namespace: &str, other: &Actor) -> Result<bool, String> {
    let known = ["ipBlock", "podSelector", "namespaceSelector"];
    if let Some(key) =
        peer.as_object().into_iter().flatten().map(|(key, _)| key).find(|key| !known.contains(&key.as_str()))
    {
        return Err(format!("a peer with {key} is not understood"));
    }
    if let Some(block) = peer.get("ipBlock") {
        let within = |cidr: &Value| -> Result<bool, String> { super::mesh::within(cidr, other) };
        let excepted = list(block, "/except").iter().map(within).collect::<Result<Vec<_>, _>>()?;
        return Ok(within(&block["cidr"])? && !excepted.contains(&true));
    }
    let Some(of) = &other.namespace else { return Ok(false) };
    let there = match peer.get("namespaceSelector") {
        Some(selector) => selector_matches(selector, &other.namespace_labels())?,
        None => of == namespace,
    };
    Ok(there && peer.get("podSelector").map_or(Ok(true), |selector| selector_matches(selector, &other.labels))?)
}
