//! The mesh objects that allow calls to a partner, each in full. Anything not written here stays closed: the egress
//! waypoint refuses traffic to a host without a policy.
//!
//! Two `ServiceEntries` of one host would contradict each other. So each host has one, named after it, with the ports of
//! all its systems and owned by all of them. Each system has its own `AuthorizationPolicy`, named after the system.

use std::{collections::BTreeSet, sync::Arc};

use k8s_openapi::apimachinery::pkg::apis::meta::v1::OwnerReference;
use kube::{
    Resource, ResourceExt,
    api::{ApiResource, DynamicObject, GroupVersionKind},
};
use reqwest::Url;
use serde_json::{Value, json};

use super::{MANAGED_BY, MeshScope, OPERATOR, is_being_deleted, is_suspended};
use crate::crd::{PartnerSystem, Protocol};

/// The label that names the application.
const PART_OF: (&str, &str) = ("app.kubernetes.io/part-of", "leeds-care-record");
const HTTPS: u16 = 443;
/// The most targets of an `AuthorizationPolicy`.
const MAX_TARGETS: usize = 16;

/// The host and port of an endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Host {
    pub name: String,
    pub port: u16,
}

/// The host of `system`'s endpoint. None for a system that only sends.
pub fn endpoint_host(system: &PartnerSystem) -> Option<Host> {
    https_host(system.spec.endpoint.as_deref()?)
}

/// The host of an https address. None if it is not a DNS name.
pub fn https_host(address: &str) -> Option<Host> {
    let url = Url::parse(address).ok().filter(|url| url.scheme() == "https")?;
    let name = url.domain().filter(|name| is_dns_name(name))?.to_owned();
    Some(Host { name, port: url.port().unwrap_or(HTTPS) })
}

/// Whether `host` is a DNS name. The host of a URL need not be one.
fn is_dns_name(host: &str) -> bool {
    let inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    let is_label = |label: &str| {
        (1..=63).contains(&label.len()) && label.bytes().all(inner) && !label.starts_with('-') && !label.ends_with('-')
    };
    host.len() <= 253 && host.split('.').all(is_label)
}

/// The endpoint's host, unless the system is suspended or being deleted.
pub fn open_host(system: &PartnerSystem) -> Option<Host> {
    endpoint_host(system).filter(|_| !is_closed(system))
}

fn is_closed(system: &PartnerSystem) -> bool {
    is_suspended(system) || is_being_deleted(system)
}

/// All hosts that we call for the system: its endpoint, its token endpoint, and where its clients publish their keys.
fn open_hosts(system: &PartnerSystem) -> BTreeSet<Host> {
    if is_closed(system) {
        return BTreeSet::new();
    }
    let key_sets = system.spec.clients.iter().filter_map(|client| client.jwks_url.as_deref());
    let further = system.spec.token_url.as_deref().into_iter().chain(key_sets).filter_map(https_host);
    endpoint_host(system).into_iter().chain(further).take(MAX_TARGETS).collect()
}

/// The resource kind that declares external hosts.
pub fn service_entries() -> ApiResource {
    resource("networking.istio.io", "ServiceEntry", "serviceentries")
}

/// The resource kind that says who may call a host.
pub fn authorization_policies() -> ApiResource {
    resource("security.istio.io", "AuthorizationPolicy", "authorizationpolicies")
}

fn resource(group: &str, kind: &str, plural: &str) -> ApiResource {
    ApiResource::from_gvk_with_plural(&GroupVersionKind::gvk(group, "v1", kind), plural)
}

/// The services that may call the hosts of a system of this protocol. Identity checks the system before it goes live, and
/// fetches the keys of its clients. The operator probes it.
fn callers(protocol: Protocol) -> &'static [&'static str] {
    match protocol {
        Protocol::FhirR4 => &["record-aggregation", "identity", OPERATOR],
        // Feeds call us.
        Protocol::Hl7v2Mllp | Protocol::Hl7v2Http | Protocol::FhirMessages => &["identity"],
    }
}

/// The mesh objects of `system`. `all` lists all systems, because several may share a host.
pub fn desired_objects(system: &PartnerSystem, all: &[Arc<PartnerSystem>], scope: &MeshScope) -> Vec<DynamicObject> {
    let hosts = open_hosts(system);
    let names: BTreeSet<&str> = hosts.iter().map(|host| host.name.as_str()).collect();
    if names.is_empty() {
        return vec![];
    }
    let entries = names.iter().map(|name| service_entry(system, name, all, scope));
    entries.chain([authorization_policy(system, &hosts, &names, scope)]).collect()
}

fn service_entry(system: &PartnerSystem, name: &str, all: &[Arc<PartnerSystem>], scope: &MeshScope) -> DynamicObject {
    let shares_host =
        |other: &&PartnerSystem| !ports_of(other, name).is_empty() && other.name_any() != system.name_any();
    let others = all.iter().map(AsRef::as_ref).filter(shares_host);
    let mut sharing: Vec<&PartnerSystem> = others.chain([system]).collect();
    sharing.sort_by_key(|system| system.name_any());
    let ports: BTreeSet<u16> = sharing.iter().flat_map(|system| ports_of(system, name)).collect();
    let ports: Vec<Value> =
        ports.iter().map(|port| json!({"number": port, "name": format!("tls-{port}"), "protocol": "TLS"})).collect();
    let spec = json!({"hosts": [name], "location": "MESH_EXTERNAL", "resolution": "DNS", "ports": ports});
    mesh_object(name, &service_entries(), &sharing, &spec, scope)
}

/// The ports at which the system's hosts of this name are called.
fn ports_of(system: &PartnerSystem, name: &str) -> Vec<u16> {
    open_hosts(system).into_iter().filter(|host| host.name == name).map(|host| host.port).collect()
}

fn authorization_policy(
    system: &PartnerSystem,
    hosts: &BTreeSet<Host>,
    names: &BTreeSet<&str>,
    scope: &MeshScope,
) -> DynamicObject {
    let principals: Vec<String> =
        callers(system.spec.protocol).iter().map(|service| scope.principal(service)).collect();
    let target = |name: &&str| json!({"group": "networking.istio.io", "kind": "ServiceEntry", "name": name});
    let targets: Vec<Value> = names.iter().map(target).collect();
    let ports: BTreeSet<u16> = hosts.iter().map(|host| host.port).collect();
    let ports: Vec<String> = ports.iter().map(ToString::to_string).collect();
    let rule = json!({
        "from": [{"source": {"principals": principals}}],
        "to": [{"operation": {"ports": ports}}]
    });
    let spec = json!({"targetRefs": targets, "action": "ALLOW", "rules": [rule]});
    mesh_object(&system.name_any(), &authorization_policies(), &[system], &spec, scope)
}

fn mesh_object(
    name: &str,
    resource: &ApiResource,
    owners: &[&PartnerSystem],
    spec: &Value,
    scope: &MeshScope,
) -> DynamicObject {
    let mut object = DynamicObject::new(name, resource).within(&scope.egress_namespace).data(json!({"spec": spec}));
    let labels = [(MANAGED_BY, OPERATOR), PART_OF].map(|(key, value)| (key.to_owned(), value.to_owned()));
    object.metadata.labels = Some(labels.into());
    object.metadata.owner_references = Some(owners.iter().filter_map(|owner| owner_reference(owner)).collect());
    object
}

/// The owner reference by which the cluster itself deletes the object after its last owner.
fn owner_reference(owner: &PartnerSystem) -> Option<OwnerReference> {
    owner.owner_ref(&())
}

#[cfg(test)]
#[path = "egress_tests.rs"]
mod tests;
