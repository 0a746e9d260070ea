//! Tests every code block in the pages of `k8s/` and `charts/`: helm and kubectl accept each command, its files exist,
//! values render and manifests are valid. No command must reach a cluster.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::{path::Path, process::Command};

use lcr_charts_tests::{
    chart, documents, helm,
    objects::workloads,
    pages::{Block, Call, blocks, create_site_folder, pages, record_calls},
    programs,
    reachability::{Layer, pod_actor, reaches},
    read, schemas, tools,
};
use serde_json::Value;

fn all(language: &str) -> Vec<Block> {
    let all = pages().unwrap().into_iter().flat_map(|page| blocks(&page).unwrap());
    all.filter(|block| block.language == language).collect()
}

#[test]
fn every_block_is_of_a_tested_kind() {
    let pages = pages().unwrap();
    assert!(pages.len() > 5, "{pages:?}");
    for page in pages {
        for block in blocks(&page).unwrap() {
            assert!(["", "yaml"].contains(&block.language.as_str()), "{}: {}", page.display(), block.language);
        }
    }
    assert!(all("").len() >= 10 && all("yaml").len() >= 2);
}

#[test]
fn every_block_of_commands_runs_and_each_program_accepts_its_call() {
    let folder = create_site_folder().unwrap();
    let mut wrong = vec![];
    for block in all("") {
        let calls = record_calls(&block, folder.path()).unwrap();
        assert!(!calls.is_empty(), "{}: nothing is called in\n{}", block.page.display(), block.text);
        for call in calls {
            if let Err(why) = check_call(&call, folder.path()) {
                wrong.push(format!("{}: {}: {why}", block.page.display(), call.join(" ")));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Checks that the files of a call exist, and that helm, kubectl or xtask accepts it.
fn check_call(call: &Call, place: &Path) -> Result<(), String> {
    for word in call.iter().flat_map(|word| word.split('=')) {
        if (word.starts_with("k8s/") || word.starts_with("charts/")) && !place.join(word).exists() {
            return Err(format!("there is no {word}"));
        }
    }
    match call[0].as_str() {
        "helm" => check_helm(&call[1..], place),
        "kubectl" => check_kubectl(&call[1..], place),
        "cargo" => check_xtask(&call[1..]),
        _ => Ok(()),
    }
}

/// Checks the flags of a helm call, and renders it without the flags that need a cluster.
fn check_helm(words: &[String], place: &Path) -> Result<(), String> {
    let help = tools::run(tools::helm()?.args([&words[0], "--help"]))?;
    let flags = words.iter().filter(|word| word.starts_with("--")).map(|word| word.split('=').next().unwrap());
    if let Some(unknown) =
        flags.into_iter().find(|flag| !help.contains(&format!("{flag} ")) && !help.contains(&format!("{flag}=")))
    {
        return Err(format!("helm {} has no {unknown}", words[0]));
    }
    if words[0] == "test" {
        return Ok(());
    }
    let cluster = ["--wait", "--force-conflicts", "--rollback-on-failure", "--take-ownership"];
    let rest = words[1..].iter().filter(|word| !cluster.contains(&word.as_str()));
    tools::run(tools::helm()?.arg("template").args(rest).current_dir(place)).map(drop)
}

/// Runs kubectl against a missing server: it reads arguments and files before it fails to connect.
fn check_kubectl(words: &[String], place: &Path) -> Result<(), String> {
    let helm = tools::helm()?;
    let mut kubectl = Command::new(Path::new(helm.get_program()).with_file_name("kubectl"));
    let split = words.iter().position(|word| word == "--").unwrap_or(words.len());
    kubectl.args(&words[..split]).args(["--server=http://127.0.0.1:9", "--request-timeout=2s"]);
    // The input of such a call comes from a pipe, which does not exist here.
    if words.windows(2).any(|pair| pair == ["-f", "-"]) {
        return Ok(());
    }
    kubectl.args(&words[split..]).current_dir(place).env("KUBECONFIG", "/dev/null").env("HOME", place);
    match tools::run(&mut kubectl) {
        Err(output) if !output.contains("refused") => Err(output),
        _ => Ok(()),
    }
}

/// Checks that `cargo xtask` has the command.
fn check_xtask(words: &[String]) -> Result<(), String> {
    let main = read(&lcr_testkit::root().join("tools/xtask/src/main.rs"))?.to_lowercase();
    let known = words[0] == "xtask" && main.contains(&words[1]);
    if known { Ok(()) } else { Err("xtask has no such command".into()) }
}

#[test]
fn every_manifest_is_valid_and_every_file_of_values_renders() {
    let known = documents::parse_single(&chart("values.yaml")).unwrap();
    for block in all("yaml") {
        let page = block.page.display();
        let shown = documents::parse(&block.text).unwrap();
        if shown[0].get("kind").is_some() {
            schemas::validate_own_kinds(&shown).unwrap_or_else(|error| panic!("{page}: {error}"));
            if let Some(folder) = lcr_testkit::data::folder("crd-schemas") {
                assert_eq!(schemas::validate_other_kinds(&shown, &folder).unwrap(), [] as [String; 0], "{page}");
            }
            continue;
        }
        let keys = shown[0].as_object().unwrap();
        assert!(keys.keys().all(|key| known.get(key).is_some()), "{page}: neither a manifest nor values");
        let objects = over(&block);
        schemas::validate_own_kinds(&objects).unwrap_or_else(|error| panic!("{page}: {error}"));
    }
}

/// Renders the chart with the values of a block over the values file that the page assumes.
fn over(block: &Block) -> Vec<Value> {
    let base = if block.text.contains("allInOne") { "all-in-one" } else { "production" };
    let folder = lcr_testkit::Folder::new("values").unwrap();
    let own = folder.path().join("own.yaml");
    std::fs::write(&own, &block.text).unwrap();
    let mut command = tools::helm().unwrap();
    command.args(["template", "lcr", "--namespace", "lcr", "--values"]).arg(helm::values(base));
    let output = tools::run(command.arg("--values").arg(own).arg(chart(""))).unwrap();
    documents::parse(&output).unwrap()
}

#[test]
fn the_single_pod_of_the_page_reaches_its_identity_provider_and_accepts_its_settings() {
    let block = all("yaml").into_iter().find(|block| block.text.contains("allInOne")).unwrap();
    let mut objects = over(&block);
    let pod = workloads(&objects).next().unwrap().clone();
    for manifest in documents::manifest_files().unwrap() {
        objects.extend(documents::parse_file(&manifest).unwrap());
    }
    let labels: Vec<(String, String)> = pod["spec"]["template"]["metadata"]["labels"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(key, value)| (key.clone(), value.as_str().unwrap().to_owned()))
        .collect();
    let labels: Vec<(&str, &str)> = labels.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
    let one = pod_actor("all-in-one", "lcr", &labels, [10, 244, 0, 1], false);
    let dex = pod_actor("dex", "lcr-backing", &[("app.kubernetes.io/name", "dex")], [10, 244, 0, 2], false);
    assert!(reaches(&objects, Layer::Both, &one, &dex, 5556).unwrap(), "dex is not reachable");
    let Some(folder) = programs::folder(&["all-in-one"]) else { return };
    assert_eq!(programs::check_settings(&folder, &pod, &std::collections::BTreeMap::new()).unwrap(), [] as [String; 0]);
}
