//! The services' own programs, asked what they say to what the chart tells them. They are no dependency of this crate:
//! they are those that lie built beside the test (`cargo xtask test` builds them first), or where `LCR_PROGRAMS` says.

use std::{
    collections::BTreeMap,
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

use crate::{
    documents,
    objects::{containers, list, service, settings, text, title},
    tools,
};

/// The folder with all programs, or `None` after saying what is skipped.
pub fn folder(services: &[&str]) -> Option<PathBuf> {
    let beside = || env::current_exe().ok()?.ancestors().nth(2).map(PathBuf::from);
    let folder = env::var_os("LCR_PROGRAMS").map(PathBuf::from).or_else(beside)?;
    let missing: Vec<&&str> = services.iter().filter(|name| !folder.join(name).is_file()).collect();
    if missing.is_empty() {
        return Some(folder);
    }
    println!("skipped: {missing:?} are not built in {}; LCR_PROGRAMS names another folder", folder.display());
    None
}

/// The Secrets and the public keys of a platform, as `new-keys` prints them: service → variable → value, and the
/// `publicKeys` of the chart.
pub fn new_keys(folder: &Path) -> Result<(BTreeMap<String, Value>, Value), String> {
    let mut command = Command::new(folder.join("gateway"));
    command.args(["new-keys", "--namespace", "lcr", "--prefix", "lcr"]);
    let said = tools::ask(command.args(["--database", "postgres://{role}:x@db:5432/lcr"]))?;
    let secrets = documents::parse(&said)?.into_iter();
    let secrets = secrets.map(|one| (text(&one, "/metadata/name").to_owned(), one["stringData"].clone()));
    let remarks: Vec<&str> = said.lines().filter_map(|line| line.strip_prefix("# ")).collect();
    let values = documents::parse(&remarks.join("\n"))?;
    let keys = values.iter().find_map(|one| one.get("publicKeys")).ok_or("no publicKeys are printed")?;
    Ok((secrets.collect(), keys.clone()))
}

/// What `check-config` of its own program says of each container of a workload, when it is not content. `secrets` are
/// those that the site has made, by name.
pub fn refused(
    folder: &Path,
    workload: &Value,
    secrets: &BTreeMap<String, Value>,
) -> Result<Vec<String>, String> {
    let place = lcr_testkit::Folder::new("told").map_err(|error| error.to_string())?;
    let file = place.path().join("config.toml");
    fs::write(&file, settings(workload)).map_err(|error| error.to_string())?;
    let mut refused = vec![];
    let pod = workload.pointer("/spec/template/spec").ok_or("no pod")?;
    for container in containers(pod) {
        let mut command = Command::new(folder.join(service(workload)));
        command.arg("check-config").env_clear();
        for variable in list(container, "/env") {
            if let Some(value) = value(variable, secrets)? {
                command.env(text(variable, "/name"), value);
            }
        }
        // The bundle is the site's and not here; settings lie elsewhere in a pod.
        command.env_remove("SSL_CERT_FILE").env("LCR_CONFIG", &file);
        if let Err(said) = tools::ask(&mut command) {
            refused.push(format!("{}, {}: {said}", title(workload), text(container, "/name")));
        }
    }
    Ok(refused)
}

/// A variable as a pod has it; what is optional may be in no Secret.
fn value(variable: &Value, secrets: &BTreeMap<String, Value>) -> Result<Option<String>, String> {
    let Some(from) = variable.pointer("/valueFrom/secretKeyRef") else {
        return Ok(Some(text(variable, "/value").to_owned()));
    };
    let (name, key) = (text(from, "/name"), text(from, "/key"));
    let held = secrets.get(name).and_then(|secret| secret.get(key)).and_then(Value::as_str);
    match held {
        None if from.get("optional").is_none() => Err(format!("the Secret {name} has no {key}")),
        held => Ok(held.map(str::to_owned)),
    }
}
