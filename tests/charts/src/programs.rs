//! Runs the services' programs on the settings that the chart renders. They are built beside the test (`cargo xtask test`
//! builds them first) or in `LCR_PROGRAMS`, and must never become a dependency of this crate.

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

/// The folder with all programs; `None`, with a message, if one is missing.
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

/// Runs `new-keys` and returns the variables of each Secret by its name, and the chart's `publicKeys`.
pub fn new_keys(folder: &Path) -> Result<(BTreeMap<String, Value>, Value), String> {
    let mut command = Command::new(folder.join("gateway"));
    command.args(["new-keys", "--namespace", "lcr", "--prefix", "lcr"]);
    let output = tools::run(command.args(["--database", "postgres://{role}:x@db:5432/lcr"]))?;
    let secrets = documents::parse(&output)?.into_iter();
    let secrets = secrets.map(|one| (text(&one, "/metadata/name").to_owned(), one["stringData"].clone()));
    let remarks: Vec<&str> = output.lines().filter_map(|line| line.strip_prefix("# ")).collect();
    let values = documents::parse(&remarks.join("\n"))?;
    let keys = values.iter().find_map(|one| one.get("publicKeys")).ok_or("no publicKeys are printed")?;
    Ok((secrets.collect(), keys.clone()))
}

/// Runs `check-config` with the environment of each container of a workload and returns the errors. `secrets` are the
/// site's Secrets by name.
pub fn check_settings(
    folder: &Path,
    workload: &Value,
    secrets: &BTreeMap<String, Value>,
) -> Result<Vec<String>, String> {
    let folder_of_settings = lcr_testkit::Folder::new("settings").map_err(|error| error.to_string())?;
    let file = folder_of_settings.path().join("config.toml");
    fs::write(&file, settings(workload)).map_err(|error| error.to_string())?;
    let mut refused = vec![];
    let pod = workload.pointer("/spec/template/spec").ok_or("no pod")?;
    for container in containers(pod) {
        let mut command = Command::new(folder.join(service(workload)));
        command.arg("check-config").env_clear();
        for variable in list(container, "/env") {
            if let Some(value) = variable_value(variable, secrets)? {
                command.env(text(variable, "/name"), value);
            }
        }
        // The site's certificate bundle is not available here, and the settings file has another path than in a pod.
        command.env_remove("SSL_CERT_FILE").env("LCR_CONFIG", &file);
        if let Err(error) = tools::run(&mut command) {
            refused.push(format!("{}, {}: {error}", title(workload), text(container, "/name")));
        }
    }
    Ok(refused)
}

/// The value of a variable in a pod; an optional variable may be in no Secret.
fn variable_value(variable: &Value, secrets: &BTreeMap<String, Value>) -> Result<Option<String>, String> {
    let Some(from) = variable.pointer("/valueFrom/secretKeyRef") else {
        return Ok(Some(text(variable, "/value").to_owned()));
    };
    let (name, key) = (text(from, "/name"), text(from, "/key"));
    let stored = secrets.get(name).and_then(|secret| secret.get(key)).and_then(Value::as_str);
    match stored {
        None if from.get("optional").is_none() => Err(format!("the Secret {name} has no {key}")),
        stored => Ok(stored.map(str::to_owned)),
    }
}
