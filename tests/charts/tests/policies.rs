//! The call graph in the cluster: the chart's `NetworkPolicies`, mesh rules and service addresses must equal the golden
//! call graph, and nothing else may be open.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::collections::BTreeSet;

use lcr_charts_tests::{
    chart, documents, helm, k8s,
    objects::{list, of_kind, ports, selected, service, settings, text, title, workloads},
};
use serde_json::Value;

type Calls = BTreeSet<(String, String)>;

const HTTP: i64 = 8080;
const ADMIN: i64 = 9090;
/// The port of the mesh's tunnel, whose traffic `AuthorizationPolicies` control.
const TUNNEL: i64 = 15008;

fn production() -> Vec<Value> {
    helm::objects(&helm::values("production")).unwrap()
}

/// The calls in `tests/golden/arrows.txt`, with which the code's contracts are compared too.
fn designed() -> Calls {
    let text = std::fs::read_to_string(lcr_testkit::golden::path("arrows.txt")).unwrap();
    let pairs = text.lines().filter_map(|line| line.split_once(" -> "));
    pairs.map(|(from, to)| (from.to_owned(), to.to_owned())).collect()
}

/// The calls that one side of the `NetworkPolicies` allows: `ingress` names callers, `egress` callees.
fn network(objects: &[Value], side: &str) -> Calls {
    let mut found = Calls::new();
    for policy in of_kind(objects, "NetworkPolicy") {
        let own = service(policy);
        for rule in list(policy, &format!("/spec/{side}")).iter().filter(|rule| ports(rule).contains(&HTTP)) {
            let peers = list(rule, if side == "ingress" { "/from" } else { "/to" });
            for peer in peers.iter().map(|peer| selected(peer, "/podSelector")).filter(|one| !one.is_empty()) {
                let (from, to) = if side == "ingress" { (peer, own) } else { (own, peer) };
                found.insert((from.to_owned(), to.to_owned()));
            }
        }
    }
    found
}

/// The calls that the mesh allows by identity.
fn mesh(objects: &[Value]) -> Calls {
    let mut found = Calls::new();
    for policy in of_kind(objects, "AuthorizationPolicy") {
        for rule in list(policy, "/spec/rules") {
            let to = list(rule, "/to/0/operation/ports");
            for principal in list(rule, "/from/0/source/principals").iter().filter_map(Value::as_str) {
                let caller = principal.strip_prefix("cluster.local/ns/lcr/sa/lcr-").unwrap();
                if to.iter().any(|port| port == "8080") {
                    found.insert((caller.to_owned(), service(policy).to_owned()));
                }
            }
        }
    }
    found
}

/// The calls for which settings have an address.
fn addresses(objects: &[Value]) -> Calls {
    let mut found = Calls::new();
    for workload in workloads(objects) {
        for line in settings(workload).lines() {
            let Some((_, address)) = line.split_once("_url = \"http://lcr-") else { continue };
            let callee = address.strip_suffix(":8080\"").unwrap();
            found.insert((service(workload).to_owned(), callee.to_owned()));
        }
    }
    found
}

#[test]
fn network_policies_mesh_rules_and_addresses_match_the_call_graph() {
    let objects = production();
    let designed = designed();
    assert_eq!(designed.len(), 13, "the call graph has thirteen calls");
    assert_eq!(network(&objects, "ingress"), designed, "who is let in");
    assert_eq!(network(&objects, "egress"), designed, "who is let out");
    assert_eq!(mesh(&objects), designed, "who is let in by the mesh");
    assert_eq!(addresses(&objects), designed, "who has an address in its settings");
}

#[test]
fn without_a_mesh_network_policies_alone_match_the_call_graph() {
    let objects = helm::objects_with(&helm::values("production"), &["mesh.enabled=false"]).unwrap();
    assert_eq!(network(&objects, "ingress"), designed());
    assert_eq!(network(&objects, "egress"), designed());
    for kind in ["AuthorizationPolicy", "PeerAuthentication"] {
        assert_eq!(of_kind(&objects, kind).count(), 0, "{kind}");
    }
    let tunnels = objects.iter().filter(|one| one.to_string().contains("15008")).map(title);
    assert_eq!(tunnels.collect::<Vec<_>>(), [] as [&str; 0]);
}

#[test]
fn traffic_without_a_rule_is_refused() {
    for file in helm::values_files().unwrap() {
        let objects = helm::objects(&file).unwrap();
        let deny = of_kind(&objects, "NetworkPolicy").find(|one| title(one).ends_with("default-deny")).unwrap();
        assert!(deny.pointer("/spec/ingress").is_none() && deny.pointer("/spec/egress").is_none());
        for policy in of_kind(&objects, "NetworkPolicy") {
            assert_eq!(list(policy, "/spec/policyTypes").len(), 2, "{}", title(policy));
            for (side, peers) in [("ingress", "/from"), ("egress", "/to")] {
                for rule in list(policy, &format!("/spec/{side}")) {
                    let named = !list(rule, peers).is_empty() && !list(rule, "/ports").is_empty();
                    assert!(named, "{}: a rule names peers and ports: {rule}", title(policy));
                }
            }
        }
    }
}

#[test]
fn in_the_mesh_each_rule_also_opens_the_tunnel_and_probes_are_allowed() {
    let objects = production();
    for policy in of_kind(&objects, "NetworkPolicy").filter(|one| has_workload(&objects, service(one))) {
        let rules = list(policy, "/spec/ingress");
        for rule in rules.iter().filter(|rule| !rule.to_string().contains("ipBlock")) {
            // A caller with plain text, such as Prometheus here, uses the real port only.
            let plain = rule.to_string().contains(r#"name":"monitoring""#);
            assert_eq!(ports(rule).contains(&TUNNEL), !plain, "{}: {rule}", title(policy));
        }
        let probes = rules.iter().find(|rule| text(rule, "/from/0/ipBlock/cidr") == "169.254.7.127/32");
        assert_eq!(probes.map(ports), Some(vec![ADMIN]), "{}", title(policy));
    }
}

#[test]
fn every_service_in_the_mesh_requires_an_identity_except_on_plain_text_ports() {
    let objects = production();
    for workload in workloads(&objects) {
        let own = of_kind(&objects, "AuthorizationPolicy").filter(|one| service(one) == service(workload));
        assert_eq!(own.count(), 1, "{}", title(workload));
    }
    for peers in of_kind(&objects, "PeerAuthentication") {
        assert_eq!(text(peers, "/spec/mtls/mode"), "STRICT", "{}", title(peers));
        let plain = peers.pointer("/spec/portLevelMtls").and_then(Value::as_object);
        let ports: Vec<&str> = plain.into_iter().flatten().map(|(port, _)| port.as_str()).collect();
        let allowed: &[&str] = if service(peers) == "feeds" { &["2575", "9090"] } else { &["9090"] };
        assert!(ports.iter().all(|port| allowed.contains(port)), "{}: {ports:?}", title(peers));
    }
}

#[test]
fn with_prometheus_and_gateway_in_the_mesh_nothing_but_mllp_is_plain() {
    let set = ["monitoring.inMesh=true"];
    let objects = helm::objects_with(&helm::values("production"), &set).unwrap();
    let plain: Vec<&str> = of_kind(&objects, "PeerAuthentication")
        .filter(|one| one.pointer("/spec/portLevelMtls").is_some())
        .map(service)
        .collect();
    assert_eq!(plain, ["feeds"]);
    for policy in of_kind(&objects, "AuthorizationPolicy") {
        let plain = |rule: &&Value| rule.pointer("/from/0/source/notPrincipals").is_some();
        for rule in list(policy, "/spec/rules").iter().filter(plain) {
            assert_eq!(text(rule, "/to/0/operation/ports/0"), "2575", "{}: {rule}", title(policy));
            assert_eq!(list(rule, "/from/0/source/ipBlocks").len(), 2, "from senders' ranges alone");
        }
    }
}

#[test]
fn only_callers_of_partners_leave_the_cluster_and_only_through_the_waypoint() {
    let objects = production();
    let mut out = vec![];
    for policy in of_kind(&objects, "NetworkPolicy") {
        let gateway = "/podSelector/matchLabels/gateway.networking.k8s.io~1gateway-name";
        for rule in list(policy, "/spec/egress") {
            let open = rule.to_string().contains("0.0.0.0/0");
            assert!(!open, "{} is open to the world", title(policy));
            if list(rule, "/to").iter().any(|peer| text(peer, gateway) == "egress") {
                assert_eq!(ports(rule), [TUNNEL]);
                out.push(service(policy));
            }
        }
    }
    assert_eq!(out, ["identity", "operator", "record-aggregation"]);
}

#[test]
fn hospitals_reach_only_mllp_and_only_from_their_own_ranges() {
    let objects = production();
    let door = of_kind(&objects, "Service").find(|one| text(one, "/spec/type") == "LoadBalancer").unwrap();
    assert_eq!(list(door, "/spec/loadBalancerSourceRanges").len(), 2);
    assert_eq!(text(door, "/spec/externalTrafficPolicy"), "Local", "the policy sees who sent it");
    let ranges: Vec<Vec<i64>> = of_kind(&objects, "NetworkPolicy")
        .flat_map(|policy| list(policy, "/spec/ingress"))
        .filter(|rule| text(rule, "/from/0/ipBlock/cidr") == "10.20.0.0/16")
        .map(ports)
        .collect();
    assert_eq!(ranges, [[2575]]);
}

/// The ports of the egress rules of a service, without the tunnel's.
fn egress_ports(objects: &[Value], name: &str) -> Vec<Vec<i64>> {
    let policy = of_kind(objects, "NetworkPolicy").find(|one| service(one) == name).unwrap();
    let rules = list(policy, "/spec/egress").iter().map(ports);
    rules.map(|rule| rule.into_iter().filter(|port| *port != TUNNEL).collect()).collect()
}

#[test]
fn a_site_can_change_the_ports_of_its_servers() {
    let ports = r#"network.ports={"postgres":6432,"nats":4223,"redis":6380,"otlp":4317,"partners":[443,8443]}"#;
    let objects = helm::objects_with(&helm::values("production"), &[ports, "mesh.enabled=false"]).unwrap();
    let out = egress_ports(&objects, "record-aggregation");
    assert_eq!(out, [vec![53, 53], vec![8080], vec![4223], vec![6432], vec![6380], vec![4317], vec![443, 8443]]);
}

#[test]
fn the_waypoint_opens_the_ports_that_the_chart_opens_without_a_mesh() {
    let waypoint = documents::parse_file(&k8s("mesh/egress.yaml")).unwrap();
    let policy = waypoint.iter().find(|one| title(one) == "NetworkPolicy/egress-waypoint").unwrap();
    let out = list(policy, "/spec/egress").last().map(ports);
    let values = documents::parse_single(&chart("values.yaml")).unwrap();
    let output = list(&values, "/network/ports/partners").iter().filter_map(Value::as_i64).collect();
    assert_eq!(out, Some(output));
}

fn has_workload(objects: &[Value], name: &str) -> bool {
    workloads(objects).any(|one| service(one) == name)
}

#[test]
fn only_identity_reaches_the_identity_providers() {
    let objects = production();
    let hosts: Vec<&str> = of_kind(&objects, "ServiceEntry").map(|one| text(one, "/spec/hosts/0")).collect();
    assert_eq!(hosts, ["auth.login.nhs.example", "login.microsoftonline.com"]);
    let ways: Vec<&Value> =
        of_kind(&objects, "AuthorizationPolicy").filter(|one| service(one) == "providers").collect();
    assert_eq!(ways.len(), hosts.len());
    for (way, host) in ways.into_iter().zip(hosts) {
        assert_eq!(text(way, "/spec/targetRefs/0/name"), host);
        assert_eq!(text(way, "/metadata/namespace"), "lcr-egress");
        let principal = text(way, "/spec/rules/0/from/0/source/principals/0");
        assert_eq!(principal, "cluster.local/ns/lcr/sa/lcr-identity");
    }
    let shut = helm::objects_with(&helm::values("production"), &["mesh.enabled=false"]).unwrap();
    assert_eq!(of_kind(&shut, "ServiceEntry").count(), 0);
}
