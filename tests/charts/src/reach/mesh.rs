//! The mesh's rules at a pod's own proxy (ztunnel): whether plain text is taken at a port (`PeerAuthentication`), and who may
//! call it (`AuthorizationPolicy` with a selector). A rule without `from` is anybody; a caller without an identity is none of
//! the principals and none of the namespaces, and so is let in by their negations.

use serde_json::Value;

use super::{Actor, picks};
use crate::objects::{list, of_kind, text};

/// Whether the mesh lets it pass; a pod outside the mesh is asked by nobody.
pub fn allows(objects: &[Value], from: &Actor, to: &Actor, port: u16, tunnel: bool) -> Result<bool, String> {
    if !to.in_mesh {
        return Ok(true);
    }
    if !tunnel && is_strict(objects, to, port)? {
        return Ok(false);
    }
    let mut asked = false;
    for policy in of_kind(objects, "AuthorizationPolicy") {
        if policy.pointer("/spec/targetRefs").is_some() || !is_of(policy, to)? {
            continue;
        }
        if text(policy, "/spec/action") != "ALLOW" {
            return Err(format!("the action of {policy} is not understood"));
        }
        asked = true;
        for rule in list(policy, "/spec/rules") {
            if names_port(rule, port)? && names_caller(rule, from)? {
                return Ok(true);
            }
        }
    }
    Ok(!asked)
}

/// The strictest word is the pod's own, then its namespace's; without any the mesh takes both.
fn is_strict(objects: &[Value], to: &Actor, port: u16) -> Result<bool, String> {
    let mut namespace = "PERMISSIVE";
    for one in of_kind(objects, "PeerAuthentication") {
        if !is_of(one, to)? {
            continue;
        }
        let whole = text(one, "/spec/mtls/mode");
        if one.pointer("/spec/selector").is_some() {
            let at = text(one, &format!("/spec/portLevelMtls/{port}/mode"));
            return Ok(if at.is_empty() { whole } else { at } == "STRICT");
        }
        namespace = whole;
    }
    Ok(namespace == "STRICT")
}

fn is_of(policy: &Value, to: &Actor) -> Result<bool, String> {
    let here = Some(text(policy, "/metadata/namespace")) == to.namespace.as_deref();
    Ok(here && policy.pointer("/spec/selector").map_or(Ok(true), |selector| picks(selector, &to.labels))?)
}

fn names_port(rule: &Value, port: u16) -> Result<bool, String> {
    let to = list(rule, "/to");
    let mut met = to.is_empty();
    for one in to {
        let operation = &one["operation"];
        only(operation, &["ports"])?;
        met |= list(operation, "/ports").iter().any(|one| one.as_str() == Some(&port.to_string()));
    }
    Ok(met)
}

fn names_caller(rule: &Value, from: &Actor) -> Result<bool, String> {
    only(rule, &["from", "to"])?;
    let all = list(rule, "/from");
    let mut met = all.is_empty();
    for one in all {
        met |= is_source(&one["source"], from)?;
    }
    Ok(met)
}

/// All that a source names must hold.
fn is_source(source: &Value, from: &Actor) -> Result<bool, String> {
    only(source, &["principals", "notPrincipals", "namespaces", "ipBlocks"])?;
    let principal = from.principal();
    let named = |key: &str, held: Option<&str>| {
        list(source, key).iter().any(|one| held.is_some_and(|held| one == "*" || one == held))
    };
    let namespace = from.namespace.as_deref().filter(|_| from.in_mesh);
    let has = |key: &str| source.get(key).is_some();
    let mut met = !has("principals") || named("/principals", principal.as_deref());
    met &= !has("notPrincipals") || !named("/notPrincipals", principal.as_deref());
    met &= !has("namespaces") || named("/namespaces", namespace);
    if has("ipBlocks") {
        let at =
            list(source, "/ipBlocks").iter().map(|cidr| within(cidr, from)).collect::<Result<Vec<_>, _>>()?;
        met &= at.contains(&true);
    }
    Ok(met)
}

fn only(value: &Value, known: &[&str]) -> Result<(), String> {
    let mut keys = value.as_object().ok_or("not a rule")?.keys();
    keys.find(|key| !known.contains(&key.as_str()))
        .map_or(Ok(()), |key| Err(format!("{key} of a mesh rule is not understood")))
}

/// Whether somebody's address is within a range.
pub(super) fn within(cidr: &Value, other: &Actor) -> Result<bool, String> {
    let range: ipnet::IpNet =
        cidr.as_str().unwrap_or_default().parse().map_err(|error| format!("{cidr}: {error}"))?;
    Ok(range.contains(&other.address))
}
