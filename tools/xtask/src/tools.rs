//! What the tests need beyond a Rust toolchain, installed when it is missing: into `target/tools` where
//! possible, by the system's own package manager where not, and named with its command where neither may be done.

use std::{
    env,
    path::{Path, PathBuf},
};

use crate::{
    assets,
    kube::{self, KubeTools},
    place::{Place, on_path},
    python,
    servers::{self, Servers},
    step::{Step, Stop},
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
    if !has_apt() {
        return Err(missing());
    }
    apt_install("chromium", &["chromium"])?;
    found().ok_or_else(missing)
}

/// Whether this process may install packages of the system's.
pub fn has_apt() -> bool {
    is_root() && on_path("apt-get").is_some()
}

/// Installs packages of the system's, and nothing they merely recommend.
pub fn apt_install(what: &str, packages: &[&str]) -> Result<(), Stop> {
    apt_get(&format!("{what}: package lists"), &["update"])?;
    let mut args = vec!["install", "--yes", "--no-install-recommends"];
    args.extend(packages);
    apt_get(&format!("{what}: install"), &args)
}

fn apt_get(what: &str, args: &[&str]) -> Result<(), Stop> {
    Step::new(what, "apt-get").args(["--quiet"]).args(args).env("DEBIAN_FRONTEND", "noninteractive").run()
}

/// Who owns this process, as the system's own listing says: asking the system itself needs `unsafe` or a crate.
fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    Path::new("/proc/self").metadata().is_ok_and(|me| me.uid() == 0)
}
