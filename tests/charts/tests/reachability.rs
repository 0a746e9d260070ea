//! Network access in both layers for every values file: a pair of a caller and a port is open exactly if the values name it
//! (`calls`, `uses`, `mllp`, `route`, `monitoring`). The expectation must be read from the values alone, never from the
//! templates.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod reachability_scene;

use std::{collections::BTreeSet, path::PathBuf};

use lcr_charts_tests::{
    helm,
    objects::of_kind,
    reachability::{Actor, Layer, reaches},
};
use reachability_scene::{Scene, Target};

/// A values file and its overrides.
type Case = (PathBuf, Vec<String>);

/// Overrides of the production values that change network access.
const SWITCHES: &[&[&str]] = &[
    &["mesh.enabled=false"],
    &["route.inMesh=false"],
    &["monitoring.inMesh=true"],
    &["route.inMesh=false", "monitoring.inMesh=true", r#"mllp={"enabled":false}"#],
    &[r#"otlpEndpoint="""#, "egressAllow=[]", "network.ports.partners=[443,8443]"],
    &["network.enabled=false", "monitoring.inMesh=true"],
];

fn cases() -> Vec<Case> {
    let files = helm::values_files().unwrap().into_iter().map(|file| (file, vec![]));
    let switches =
        SWITCHES.iter().map(|set| (helm::values("production"), set.iter().map(|one| (*one).to_owned()).collect()));
    files.chain(switches).collect()
}

/// The pairs that a layer opens, and the pairs that it should open.
fn open_and_expected_pairs(scene: &Scene, layer: Layer) -> (BTreeSet<String>, BTreeSet<String>) {
    let (mut open, mut meant) = (BTreeSet::new(), BTreeSet::new());
    let asked = scene.targets.iter().filter(|to| layer != Layer::Mesh || (to.actor.in_mesh && !to.is_outside));
    for Target { actor: to, port, is_outside } in asked {
        let ours = |from: &&Actor| !is_outside || from.account.starts_with("lcr-");
        for from in scene.callers.iter().filter(|from| from.name != to.name).filter(ours) {
            let pair = format!("{} -> {}:{port}", from.name, to.name);
            if reaches(&scene.objects, layer, from, to, *port).unwrap() {
                open.insert(pair.clone());
            }
            if scene.is_meant(layer, from, to, *port) {
                meant.insert(pair);
            }
        }
    }
    (open, meant)
}

#[test]
fn each_layer_opens_exactly_the_pairs_that_the_values_name() {
    let mut wrong = vec![];
    for (file, set) in cases() {
        let scene = Scene::of(&file, &set);
        let title = format!("{} {set:?}", file.file_name().unwrap().to_string_lossy());
        for layer in scene.layers() {
            let (open, meant) = open_and_expected_pairs(&scene, layer);
            assert!(meant.len() > 2, "{title}, {layer:?}: next to nothing is meant");
            wrong.extend(open.difference(&meant).map(|pair| format!("{title}, {layer:?}: open: {pair}")));
            wrong.extend(meant.difference(&open).map(|pair| format!("{title}, {layer:?}: shut: {pair}")));
        }
    }
    assert!(wrong.is_empty(), "{} pairs:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn the_kubelets_probes_are_always_allowed() {
    for (file, set) in cases() {
        let scene = Scene::of(&file, &set);
        for to in scene.targets.iter().filter(|to| to.port == 9090 && to.actor.name != "lcr-test") {
            // In the mesh probes come from this address and bypass the mesh's rules; without a mesh they come from the node,
            // which no NetworkPolicy restricts.
            let kubelet = lcr_charts_tests::reachability::external_actor("kubelet", [169, 254, 7, 127]);
            let comes = reaches(&scene.objects, Layer::Network, &kubelet, &to.actor, 9090).unwrap();
            assert!(comes || !to.actor.in_mesh, "{}: {}", file.display(), to.actor.name);
        }
    }
}

#[test]
fn every_rule_of_the_mesh_names_callers_and_ports() {
    for (file, set) in cases() {
        let scene = Scene::of(&file, &set);
        for policy in of_kind(&scene.objects, "AuthorizationPolicy") {
            for rule in policy["spec"]["rules"].as_array().into_iter().flatten() {
                let named = rule.get("from").is_some() && rule.get("to").is_some();
                assert!(named, "{}: a rule names who and which port: {rule}", file.display());
            }
        }
    }
}
