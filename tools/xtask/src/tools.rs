//! What the tests need beyond a Rust toolchain, installed when it is missing: into `target/tools` where
//! possible, by the system's own package manager where not, and named with its command where neither may be done.

use std::{env, path::PathBuf};

use crate::{
    apt, assets,
    kube::{self, KubeTools},
    place::{Place, on_path},
    python,
    servers::{self, Servers},
    step::Stop,
};

const CHROMIUM: &str = "/usr/bin/chromium";
/// Names the browser on systems that keep it elsewhere.
const CHROMIUM_TOLD: &str = "LCR_CHROMIUM";
const DENY: &str = "cargo-deny@0.20.2";

/// What was found or installed, for the environment of the tests.
#[derive(Debug)]
pub struct Tools {
    pub chromium: PathBuf,
    pub python: PathBuf,
    pub kube: KubeTools,
    pub servers: Servers,
}

/// Everything the tests need.
pub fn ready(place: &Place) -> Result<Tools, Stop> {
    nextest(place)?;
    let chromium = chromium()?;
    let python = python::ready(place)?;
    let kube = kube::ready(place, &python)?;
    let servers = servers::ready(place)?;
    let browser = place.path("tests/browser");
    if !assets::installed(&browser) {
        assets::install(&browser, "browser tests: npm ci")?;
    }
    Ok(Tools { chromium, python, kube, servers })
}

/// The test runner.
pub fn nextest(place: &Place) -> Result<(), Stop> {
    if place.cargo("nextest", &["nextest", "--version"]).succeeds() {
        return Ok(());
    }
    place.cargo("cargo-nextest: install", &["install", "--locked", "cargo-nextest"]).run()
}

/// The licence checker; none where it cannot be installed. It is built without optimisation: it runs for a
/// second and would otherwise take ten minutes to build.
pub fn deny(place: &Place) -> Option<PathBuf> {
    let own = place.tools().join("bin/cargo-deny");
    if own.is_file() {
        return Some(own);
    }
    if let Some(found) = on_path("cargo-deny") {
        return Some(found);
    }
    let root = place.tools();
    let install = place
        .cargo("cargo-deny: install", &["install", "--locked", "--debug", DENY, "--root"])
        .args([&root])
        .env("CARGO_PROFILE_DEV_DEBUG", "false");
    match install.run() {
        Ok(()) => Some(own),
        Err(stop) => {
            println!("SKIPPED: licences and bans are not checked, because {stop}");
            None
        }
    }
}

fn chromium() -> Result<PathBuf, Stop> {
    if let Some(told) = env::var_os(CHROMIUM_TOLD).map(PathBuf::from) {
        let missing =
            || Stop::Failed(format!("{CHROMIUM_TOLD} names {}, which does not exist", told.display()));
        return if told.is_file() { Ok(told) } else { Err(missing()) };
    }
    let found =
        || Some(PathBuf::from(CHROMIUM)).filter(|file| file.is_file()).or_else(|| on_path("chromium"));
    if let Some(file) = found() {
        return Ok(file);
    }
    let apt = "apt-get install --no-install-recommends chromium";
    let missing =
        || Stop::missing("chromium", format!("{apt}      (or name one: {CHROMIUM_TOLD}=/path/to/chromium)"));
    if !apt::is_there() {
        return Err(missing());
    }
    apt::install("chromium", &["chromium"])?;
    found().ok_or_else(missing)
}
