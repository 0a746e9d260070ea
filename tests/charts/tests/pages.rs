//! Every block of every page of `k8s/` and `charts/` is tried: commands are executed, and each call is one that helm and
//! kubectl take, with files that are there; values render, manifests are valid.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::{path::Path, process::Command};

use lcr_charts_tests::{
    chart, documents, helm,
    objects::workloads,
    pages::{Block, Call, blocks, executed, pages, place},
    programs,
    reach::{Layer, inside, reaches},
    read, schemas, tools,
};
use serde_json::Value;

fn all(language: &str) -> Vec<Block> {
    let all = pages().unwrap().into_iter().flat_map(|page| blocks(&page).unwrap());
    all.filter(|block| block.language == language).collect()
}

#[test]
fn every_block_is_of_a_kind_that_is_tried() {
    let pages = pages().unwrap();
    assert!(pages.len() > 5, "{pages:?}");
    for page in pages {
        for block in blocks(&page).unwrap() {
            assert!(
                ["", "yaml"].contains(&block.language.as_str()),
                "{}: {}",
                page.display(),
                block.language
            );
        }
    }
    assert!(all("").len() >= 10 && all("yaml").len() >= 2);
}

#[test]
fn every_block_of_commands_runs_and_each_call_is_one_that_its_program_takes() {
    let folder = place().unwrap();
    let mut wrong = vec![];
    for block in all("") {
        let calls = executed(&block, folder.path()).unwrap();
        assert!(!calls.is_empty(), "{}: nothing is called in\n{}", block.page.display(), block.text);
        for call in calls {
            if let Err(why) = holds(&call, folder.path()) {
                wrong.push(format!("{}: {}: {why}", block.page.display(), call.join(" ")));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Whether a call could be made: by the program itself where it is here, else by the files that it names.
fn holds(call: &Call, place: &Path) -> Result<(), String> {
    for word in call.iter().flat_map(|word| word.split('=')) {
        if (word.starts_with("k8s/") || word.starts_with("charts/")) && !place.join(word).exists() {
            return Err(format!("there is no {word}"));
        }
    }
    match call[0].as_str() {
        "helm" => of_helm(&call[1..], place),
        "kubectl" => of_kubectl(&call[1..], place),
        "cargo" => of_xtask(&call[1..]),
        _ => Ok(()),
    }
}

/// Rendered, where it is for rendering: what only a cluster is asked is left out, but must be a word that helm knows.
fn of_helm(words: &[String], place: &Path) -> Result<(), String> {
    let help = tools::ask(tools::helm()?.args([&words[0], "--help"]))?;
    let flags =
        words.iter().filter(|word| word.starts_with("--")).map(|word| word.split('=').next().unwrap());
    if let Some(unknown) = flags
        .into_iter()
        .find(|flag| !help.contains(&format!("{flag} ")) && !help.contains(&format!("{flag}=")))
    {
        return Err(format!("helm {} has no {unknown}", words[0]));
    }
    if words[0] == "test" {
        return Ok(());
    }
    let cluster = ["--wait", "--force-conflicts", "--rollback-on-failure", "--take-ownership"];
    let rest = words[1..].iter().filter(|word| !cluster.contains(&word.as_str()));
    tools::ask(tools::helm()?.arg("template").args(rest).current_dir(place)).map(drop)
}

/// Asked of a server that is not there: kubectl then reads the words and the files, and fails at the connection.
fn of_kubectl(words: &[String], place: &Path) -> Result<(), String> {
    let helm = tools::helm()?;
    let mut kubectl = Command::new(Path::new(helm.get_program()).with_file_name("kubectl"));
    let split = words.iter().position(|word| word == "--").unwrap_or(words.len());
    kubectl.args(&words[..split]).args(["--server=http://127.0.0.1:9", "--request-timeout=2s"]);
    // A call out of a script with its text piped in: there is none here.
    if words.windows(2).any(|pair| pair == ["-f", "-"]) {
        return Ok(());
    }
    kubectl.args(&words[split..]).current_dir(place).env("KUBECONFIG", "/dev/null").env("HOME", place);
    match tools::ask(&mut kubectl) {
        Err(said) if !said.contains("refused") => Err(said),
        _ => Ok(()),
    }
}

/// A word of `cargo xtask` that its code knows.
fn of_xtask(words: &[String]) -> Result<(), String> {
    let main = read(&lcr_testkit::root().join("tools/xtask/src/main.rs"))?.to_lowercase();
    let known = words[0] == "xtask" && main.contains(&words[1]);
    if known { Ok(()) } else { Err("xtask knows no such word".into()) }
}

#[test]
fn every_manifest_is_valid_and_every_file_of_values_renders() {
    let known = documents::one(&chart("values.yaml")).unwrap();
    for block in all("yaml") {
        let page = block.page.display();
        let shown = documents::parse(&block.text).unwrap();
        if shown[0].get("kind").is_some() {
            schemas::own_kinds(&shown).unwrap_or_else(|error| panic!("{page}: {error}"));
            if let Some(folder) = lcr_testkit::data::folder("crd-schemas") {
                assert_eq!(schemas::other_kinds(&shown, &folder).unwrap(), [] as [String; 0], "{page}");
            }
            continue;
        }
        let keys = shown[0].as_object().unwrap();
        assert!(keys.keys().all(|key| known.get(key).is_some()), "{page}: neither a manifest nor values");
        let objects = over(&block);
        schemas::own_kinds(&objects).unwrap_or_else(|error| panic!("{page}: {error}"));
    }
}

/// The chart with the values of a block, over those that the page names for it.
fn over(block: &Block) -> Vec<Value> {
    let base = if block.text.contains("allInOne") { "all-in-one" } else { "production" };
    let folder = lcr_testkit::Folder::new("values").unwrap();
    let own = folder.path().join("own.yaml");
    std::fs::write(&own, &block.text).unwrap();
    let mut command = tools::helm().unwrap();
    command.args(["template", "lcr", "--namespace", "lcr", "--values"]).arg(helm::values(base));
    let said = tools::ask(command.arg("--values").arg(own).arg(chart(""))).unwrap();
    documents::parse(&said).unwrap()
}

#[test]
fn one_pod_as_the_page_has_it_reaches_who_vouches_for_people_and_takes_its_settings() {
    let block = all("yaml").into_iter().find(|block| block.text.contains("allInOne")).unwrap();
    let mut objects = over(&block);
    let pod = workloads(&objects).next().unwrap().clone();
    for manifest in documents::manifests().unwrap() {
        objects.extend(documents::file(&manifest).unwrap());
    }
    let labels: Vec<(String, String)> = pod["spec"]["template"]["metadata"]["labels"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(key, value)| (key.clone(), value.as_str().unwrap().to_owned()))
        .collect();
    let labels: Vec<(&str, &str)> =
        labels.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
    let one = inside("all-in-one", "lcr", &labels, [10, 244, 0, 1], false);
    let dex = inside("dex", "lcr-backing", &[("app.kubernetes.io/name", "dex")], [10, 244, 0, 2], false);
    assert!(reaches(&objects, Layer::Both, &one, &dex, 5556).unwrap(), "dex is shut to it");
    let Some(folder) = programs::folder(&["all-in-one"]) else { return };
    assert_eq!(
        programs::refused(&folder, &pod, &std::collections::BTreeMap::new()).unwrap(),
        [] as [String; 0]
    );
}
