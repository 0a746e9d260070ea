//! The mesh's rules at a pod's proxy (ztunnel): which ports accept plain text (`PeerAuthentication`) and who may call
//! (`AuthorizationPolicy` with a selector). A rule without `from` allows every caller. A caller without an identity matches
//! no principal and no namespace, and so matches their negations. Unknown keys must be errors.

use serde_json::Value;

use super::{Actor, selector_matches};
use crate::objects::{list, of_kind, text};

/// Whether the mesh allows the call. It never restricts calls to a pod outside the mesh.
pub fn allows(objects: &[Value], from: &Actor, to: &Actor, port: u16, tunnel: bool) -> Result<bool, String> {
    if !to.in_mesh {
        return Ok(true);
    }
    if !tunnel && is_strict(objects, to, port)? {
        return Ok(false);
    }
    let mut has_policy = false;
    for policy in of_kind(objects, "AuthorizationPolicy") {
        if policy.pointer("/spec/targetRefs").is_some() || !applies_to(policy, to)? {
            continue;
        }
        if text(policy, "/spec/action") != "ALLOW" {
            return Err(format!("the action of {policy} is not understood"));
        }
        has_policy = true;
        for rule in list(policy, "/spec/rules") {
            if names_port(rule, port)? && names_caller(rule, from)? {
                return Ok(true);
            }
        }
    }
    Ok(!has_policy)
}

/// Whether a port requires mTLS: the pod's policy comes first, then its namespace's. Without a policy plain text is accepted.
fn is_strict(objects: &[Value], to: &Actor, port: u16) -> Result<bool, String> {
    let mut namespace = "PERMISSIVE";
    for one in of_kind(objects, "PeerAuthentication") {
        if !applies_to(one, to)? {
            continue;
        }
        let mode = text(one, "/spec/mtls/mode");
        if one.pointer("/spec/selector").is_some() {
            let at = text(one, &format!("/spec/portLevelMtls/{port}/mode"));
            return Ok(if at.is_empty() { mode } else { at } == "STRICT");
        }
        namespace = mode;
    }
    Ok(namespace == "STRICT")
}

fn applies_to(policy: &Value, to: &Actor) -> Result<bool, String> {
    let here = Some(text(policy, "/metadata/namespace")) == to.namespace.as_deref();
    Ok(here && policy.pointer("/spec/selector").map_or(Ok(true), |selector| selector_matches(selector, &to.labels))?)
}

fn names_port(rule: &Value, port: u16) -> Result<bool, String> {
    let to = list(rule, "/to");
    let mut met = to.is_empty();
    for one in to {
        let operation = &one["operation"];
        require_known_keys(operation, &["ports"])?;
        met |= list(operation, "/ports").iter().any(|one| one.as_str() == Some(&port.to_string()));
    }
    Ok(met)
}

fn names_caller(rule: &Value, from: &Actor) -> Result<bool, String> {
    require_known_keys(rule, &["from", "to"])?;
    let all = list(rule, "/from");
    let mut met = all.is_empty();
    for one in all {
        met |= source_matches(&one["source"], from)?;
    }
    Ok(met)
}

/// Whether the caller meets all conditions of a source.
fn source_matches(source: &Value, from: &Actor) -> Result<bool, String> {
    require_known_keys(source, &["principals", "notPrincipals", "namespaces", "ipBlocks"])?;
    let principal = from.principal();
    let named = |key: &str, own: Option<&str>| {
        list(source, key).iter().any(|one| own.is_some_and(|own| one == "*" || one == own))
    };
    let namespace = from.namespace.as_deref().filter(|_| from.in_mesh);
    let has = |key: &str| source.get(key).is_some();
    let mut met = !has("principals") || named("/principals", principal.as_deref());
    met &= !has("notPrincipals") || !named("/notPrincipals", principal.as_deref());
    met &= !has("namespaces") || named("/namespaces", namespace);
    if has("ipBlocks") {
        let at = list(source, "/ipBlocks").iter().map(|cidr| within(cidr, from)).collect::<Result<Vec<_>, _>>()?;
        met &= at.contains(&true);
    }
    Ok(met)
}

fn require_known_keys(value: &Value, known: &[&str]) -> Result<(), String> {
    let mut keys = value.as_object().ok_or("not a rule")?.keys();
    keys.find(|key| !known.contains(&key.as_str()))
        .map_or(Ok(()), |key| Err(format!("{key} of a mesh rule is not understood")))
}

/// Whether an address is within a range.
pub(super) fn within(cidr: &Value, other: &Actor) -> Result<bool, String> {
    let range: ipnet::IpNet = cidr.as_str().unwrap_or_default().parse().map_err(|error| format!("{cidr}: {error}"))?;
    Ok(range.contains(&other.address))
}
