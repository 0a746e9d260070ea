//! The way out to a partner: the mesh objects that open it, whole, as they are to be. What is not written here stays
//! shut, since the egress waypoint lets nobody through without a policy of the host's own.
//!
//! A host is known to the mesh once: two `ServiceEntries` of one host contradict each other. So there is one for each
//! host, named after it, with the ports of all the systems behind it, and owned by all of them: it stays for as long
//! as one of them does. The right to use it is each system's own: an `AuthorizationPolicy` named after the system.

use std::{collections::BTreeSet, sync::Arc};

use k8s_openapi::apimachinery::pkg::apis::meta::v1::OwnerReference;
use kube::{
    Resource, ResourceExt,
    api::{ApiResource, DynamicObject, GroupVersionKind},
};
use reqwest::Url;
use serde_json::{Value, json};

use super::{MANAGED_BY, OPERATOR, Places, leaving};
use crate::crd::{PartnerSystem, Protocol};

/// Says to `kubectl` whose release it belongs to.
const PART_OF: (&str, &str) = ("app.kubernetes.io/part-of", "leeds-care-record");
const HTTPS: u16 = 443;

/// Where a system answers, as the mesh needs it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Host {
    pub name: String,
    pub port: u16,
}

/// Where `system` answers; none for one that only sends.
pub fn host(system: &PartnerSystem) -> Option<Host> {
    let url = Url::parse(system.spec.endpoint.as_deref()?).ok().filter(|url| url.scheme() == "https")?;
    let name = url.domain().filter(|name| is_name(name))?.to_owned();
    Some(Host { name, port: url.port().unwrap_or(HTTPS) })
}

/// A name of DNS, which a URL's host need not be.
fn is_name(host: &str) -> bool {
    let inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    let label = |one: &str| {
        (1..=63).contains(&one.len())
            && one.bytes().all(inner)
            && !one.starts_with('-')
            && !one.ends_with('-')
    };
    host.len() <= 253 && host.split('.').all(label)
}

/// Where its way out leads while it is open.
pub fn open(system: &PartnerSystem) -> Option<Host> {
    host(system).filter(|_| !system.spec.suspended && !leaving(system))
}

/// Hosts as the mesh knows them.
pub fn service_entries() -> ApiResource {
    resource("networking.istio.io", "ServiceEntry", "serviceentries")
}

/// Who may go there.
pub fn authorization_policies() -> ApiResource {
    resource("security.istio.io", "AuthorizationPolicy", "authorizationpolicies")
}

fn resource(group: &str, kind: &str, plural: &str) -> ApiResource {
    ApiResource::from_gvk_with_plural(&GroupVersionKind::gvk(group, "v1", kind), plural)
}

/// The services that a protocol needs outside, the operator among them: it looks whether anybody answers.
fn callers(protocol: Protocol) -> &'static [&'static str] {
    match protocol {
        Protocol::FhirR4 => &["record-aggregation", OPERATOR],
        // They call us.
        Protocol::Hl7v2Mllp | Protocol::Hl7v2Http | Protocol::FhirMessages => &[],
    }
}

/// The objects of `system`'s way out; `all` are the systems there are, since a host may be shared.
pub fn desired(system: &PartnerSystem, all: &[Arc<PartnerSystem>], places: &Places) -> Vec<DynamicObject> {
    let Some(host) = open(system) else { return vec![] };
    vec![entry(system, &host.name, all, places), policy(system, &host, places)]
}

fn entry(system: &PartnerSystem, name: &str, all: &[Arc<PartnerSystem>], places: &Places) -> DynamicObject {
    let shares = |one: &&PartnerSystem| {
        open(one).is_some_and(|host| host.name == name) && one.name_any() != system.name_any()
    };
    let others = all.iter().map(AsRef::as_ref).filter(shares);
    let mut sharing: Vec<&PartnerSystem> = others.chain([system]).collect();
    sharing.sort_by_key(|one| one.name_any());
    let ports: BTreeSet<u16> = sharing.iter().filter_map(|one| open(one)).map(|host| host.port).collect();
    let ports: Vec<Value> = ports
        .iter()
        .map(|port| json!({"number": port, "name": format!("tls-{port}"), "protocol": "TLS"}))
        .collect();
    let spec = json!({"hosts": [name], "location": "MESH_EXTERNAL", "resolution": "DNS", "ports": ports});
    object(name, &service_entries(), &sharing, &spec, places)
}

fn policy(system: &PartnerSystem, host: &Host, places: &Places) -> DynamicObject {
    let principals: Vec<String> =
        callers(system.spec.protocol).iter().map(|service| places.principal(service)).collect();
    let target = json!({"group": "networking.istio.io", "kind": "ServiceEntry", "name": host.name});
    let rule = json!({
        "from": [{"source": {"principals": principals}}],
        "to": [{"operation": {"ports": [host.port.to_string()]}}]
    });
    let spec = json!({"targetRefs": [target], "action": "ALLOW", "rules": [rule]});
    object(&system.name_any(), &authorization_policies(), &[system], &spec, places)
}

fn object(
    name: &str,
    resource: &ApiResource,
    owners: &[&PartnerSystem],
    spec: &Value,
    places: &Places,
) -> DynamicObject {
    let mut object =
        DynamicObject::new(name, resource).within(&places.egress_namespace).data(json!({"spec": spec}));
    let labels = [(MANAGED_BY, OPERATOR), PART_OF].map(|(key, value)| (key.to_owned(), value.to_owned()));
    object.metadata.labels = Some(labels.into());
    object.metadata.owner_references = Some(owners.iter().filter_map(|owner| owned_by(owner)).collect());
    object
}

/// The cluster removes what nobody owns any more, whether or not an operator runs.
fn owned_by(owner: &PartnerSystem) -> Option<OwnerReference> {
    owner.owner_ref(&())
}

#[cfg(test)]
#[path = "egress_tests.rs"]
mod tests;
