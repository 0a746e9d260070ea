//! Installs what the tests need beyond a Rust toolchain: into `target/tools` or with the system's package manager. If
//! neither is possible, the error names the command that installs it.

use std::{env, path::PathBuf};

use crate::{
    apt, assets,
    kube::{self, KubeTools},
    python,
    servers::{self, Servers},
    step::StepError,
    workspace::{Workspace, on_path},
};

const CHROMIUM: &str = "/usr/bin/chromium";
/// Environment variable with the path of another browser.
const CHROMIUM_VARIABLE: &str = "LCR_CHROMIUM";
const DENY: &str = "cargo-deny@0.20.2";
const MACHETE: &str = "cargo-machete@0.9.2";

/// The installed programs, for the environment of the tests.
#[derive(Debug)]
pub struct Tools {
    pub chromium: PathBuf,
    pub python: PathBuf,
    pub kube: KubeTools,
    pub servers: Servers,
}

/// Finds everything that the tests need and installs what is missing.
pub fn install_missing(workspace: &Workspace) -> Result<Tools, StepError> {
    install_nextest(workspace)?;
    let chromium = install_chromium()?;
    let python = python::install_missing(workspace)?;
    let kube = kube::install_missing(workspace, &python)?;
    let servers = servers::install_missing(workspace)?;
    assets::install_test_packages(workspace)?;
    Ok(Tools { chromium, python, kube, servers })
}

/// Installs the test runner.
pub fn install_nextest(workspace: &Workspace) -> Result<(), StepError> {
    if workspace.cargo("nextest", &["nextest", "--version"]).succeeds() {
        return Ok(());
    }
    workspace.cargo("cargo-nextest: install", &["install", "--locked", "cargo-nextest"]).run()
}

/// Finds or installs the licence checker; `None` if that is impossible.
pub fn install_deny(workspace: &Workspace) -> Option<PathBuf> {
    install_checker(workspace, "cargo-deny", DENY)
}

/// Finds or installs the checker of unused dependencies; `None` if that is impossible.
pub fn install_machete(workspace: &Workspace) -> Option<PathBuf> {
    install_checker(workspace, "cargo-machete", MACHETE)
}

/// Builds without optimisation, which would take ten minutes for a run of a second.
fn install_checker(workspace: &Workspace, name: &str, version: &str) -> Option<PathBuf> {
    let own = workspace.tools().join("bin").join(name);
    if own.is_file() {
        return Some(own);
    }
    if let Some(found) = on_path(name) {
        return Some(found);
    }
    let root = workspace.tools();
    let install = workspace
        .cargo(&format!("{name}: install"), &["install", "--locked", "--debug", version, "--root"])
        .args([&root])
        .env("CARGO_PROFILE_DEV_DEBUG", "false");
    match install.run() {
        Ok(()) => Some(own),
        Err(error) => {
            println!("SKIPPED: {name} does not run, because {error}");
            None
        }
    }
}

fn install_chromium() -> Result<PathBuf, StepError> {
    if let Some(named) = env::var_os(CHROMIUM_VARIABLE).map(PathBuf::from) {
        let missing =
            || StepError::Failed(format!("{CHROMIUM_VARIABLE} names {}, which does not exist", named.display()));
        return if named.is_file() { Ok(named) } else { Err(missing()) };
    }
    let find = || Some(PathBuf::from(CHROMIUM)).filter(|file| file.is_file()).or_else(|| on_path("chromium"));
    if let Some(file) = find() {
        return Ok(file);
    }
    let apt = "apt-get install --no-install-recommends chromium";
    let missing =
        || StepError::missing("chromium", format!("{apt}      (or name one: {CHROMIUM_VARIABLE}=/path/to/chromium)"));
    if !apt::can_install() {
        return Err(missing());
    }
    apt::install("chromium", &["chromium"])?;
    find().ok_or_else(missing)
}
