//! The chart's lookups in a cluster: it keeps the key of a trial, and names missing APIs and namespaces before anything is
//! installed. The cluster must be the fake one.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use lcr_charts_tests::{
    cluster::FakeCluster,
    helm,
    objects::{of_kind, text},
};

#[test]
fn the_key_of_a_trial_is_made_once_and_kept() {
    let key = |resources: &[&str]| {
        let objects = FakeCluster::start(resources).unwrap().objects(&helm::values("minimal"), &[]).unwrap();
        let secret = of_kind(&objects, "Secret").next().unwrap();
        text(secret, "/data/LCR_TRIAL_KEY").to_owned()
    };
    let (first, second) = (key(&[]), key(&[]));
    assert!(first.len() >= 44 && first != second, "random, and long enough: {first}, {second}");
    // `stored`, in base64 as Secrets have it.
    assert_eq!(key(&["namespaces/lcr/secrets/lcr-trial=LCR_TRIAL_KEY:kept"]), "a2VwdA==");
}

#[test]
fn missing_apis_and_namespaces_are_named_before_anything_is_installed() {
    let mesh = "security.istio.io/v1";
    let (route, prometheus) = ("gateway.networking.k8s.io/v1", "monitoring.coreos.com/v1");
    let cases: [(&[&str], &str); 5] = [
        (&[], "mesh.enabled is true, and this cluster has no security.istio.io/v1"),
        (&[mesh, prometheus], "route.enabled is true, and this cluster has no gateway"),
        (&[mesh, route], "monitoring.enabled is true, and this cluster has no monitoring"),
        (&[mesh, route, prometheus], "there is no namespace \"lcr-egress\"; apply k8s/mesh first"),
        (&[mesh, route, prometheus, "namespaces/lcr-egress"], "there is no namespace \"lcr-partners\"; create it"),
    ];
    for (resources, words) in cases {
        let output = FakeCluster::start(resources).unwrap().objects(&helm::values("production"), &[]).unwrap_err();
        assert!(output.contains(words), "{resources:?}: {output}");
    }
}
