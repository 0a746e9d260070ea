//! Builds the portal's style sheet and scripts when their sources are newer, and installs the npm packages of the tests. A
//! build script must never call it, because a build reaches no network.

use std::{
    fs,
    path::{Path, PathBuf},
    time::SystemTime,
};

use crate::{
    step::{Step, StepError},
    workspace::{Workspace, on_path},
};

const FOLDER: &str = "services/gateway/assets";
/// The folders of the tests that run in Node.js.
const TEST_FOLDERS: [&str; 2] = ["tests/browser", "tests/identity_provider"];
const NODE: &str = "apt-get install nodejs npm      (or your system's own package of Node.js 20 or newer)";

/// Builds the portal's assets if they are absent or older than their sources.
pub fn build_portal_assets(workspace: &Workspace) -> Result<(), StepError> {
    let folder = workspace.path(FOLDER);
    if is_up_to_date(&folder) {
        println!("portal assets: up to date");
        return Ok(());
    }
    install_npm_packages(&folder, "portal assets: npm ci")?;
    Step::new("portal assets: npm run build", find_npm()?).args(["run", "build"]).in_folder(&folder).run()
}

/// Installs the npm packages of the tests, if they are missing or other than their lock file says.
pub fn install_test_packages(workspace: &Workspace) -> Result<(), StepError> {
    for name in TEST_FOLDERS {
        let folder = workspace.path(name);
        if !are_npm_packages_installed(&folder) {
            install_npm_packages(&folder, &format!("{name}: npm ci"))?;
        }
    }
    Ok(())
}

/// Installs the packages of a folder exactly as its lock file names them.
fn install_npm_packages(folder: &Path, what: &str) -> Result<(), StepError> {
    Step::new(what, find_npm()?).args(["ci", "--no-fund", "--no-audit"]).in_folder(folder).run()
}

/// Whether the packages of a folder match its lock file. When it has finished, npm leaves a copy of the lock file in
/// `node_modules`.
fn are_npm_packages_installed(folder: &Path) -> bool {
    latest_change(&folder.join("package-lock.json")) <= latest_change(&folder.join("node_modules/.package-lock.json"))
}

/// Finds npm and Node.js, which npm needs.
pub fn find_npm() -> Result<PathBuf, StepError> {
    on_path("node").ok_or_else(|| StepError::missing("node", NODE))?;
    on_path("npm").ok_or_else(|| StepError::missing("npm", NODE))
}

fn is_up_to_date(folder: &Path) -> bool {
    // `None`, for a missing file, is older than any time.
    let oldest = ["dist/portal.css", "dist/record.js", "dist/ward.js"]
        .iter()
        .map(|file| latest_change(&folder.join(file)))
        .min()
        .flatten();
    let inputs = ["scss", "js", "build.mjs", "package.json", "package-lock.json"];
    oldest.is_some() && inputs.iter().all(|input| latest_change(&folder.join(input)) <= oldest)
}

/// The latest change of a file, or of any file in a folder.
fn latest_change(path: &Path) -> Option<SystemTime> {
    if !path.is_dir() {
        return fs::metadata(path).and_then(|about| about.modified()).ok();
    }
    let entries = fs::read_dir(path).ok()?;
    entries.flatten().filter_map(|entry| latest_change(&entry.path())).max()
}
