//! The portal's style sheet and script, made when what they are made of is newer. It must never be called by a
//! build script: a build reaches no network.

use std::{
    fs,
    path::{Path, PathBuf},
    time::SystemTime,
};

use crate::{
    place::{Place, on_path},
    step::{Step, Stop},
};

const FOLDER: &str = "services/gateway/assets";
const NODE: &str = "apt-get install nodejs npm      (or your system's own package of Node.js 20 or newer)";

/// Makes the portal's assets where they are older than their sources, or absent.
pub fn portal(place: &Place) -> Result<(), Stop> {
    let folder = place.path(FOLDER);
    if up_to_date(&folder) {
        println!("portal assets: up to date");
        return Ok(());
    }
    install(&folder, "portal assets: npm ci")?;
    Step::new("portal assets: npm run build", npm()?).args(["run", "build"]).within(&folder).run()
}

/// The packages of a folder, exactly as its lock file names them.
pub fn install(folder: &Path, what: &str) -> Result<(), Stop> {
    Step::new(what, npm()?).args(["ci", "--no-fund", "--no-audit"]).within(folder).run()
}

/// Whether the packages of a folder stand as its lock file names them: npm leaves its own copy of the lock
/// inside `node_modules` when it has finished.
pub fn installed(folder: &Path) -> bool {
    newest(&folder.join("package-lock.json")) <= newest(&folder.join("node_modules/.package-lock.json"))
}

/// npm, which needs Node.js beside it.
pub fn npm() -> Result<PathBuf, Stop> {
    on_path("node").ok_or_else(|| Stop::missing("node", NODE))?;
    on_path("npm").ok_or_else(|| Stop::missing("npm", NODE))
}

fn up_to_date(folder: &Path) -> bool {
    // None, for a file that is not there, is the oldest of all.
    let oldest = ["dist/portal.css", "dist/record.js", "dist/ward.js"]
        .iter()
        .map(|file| newest(&folder.join(file)))
        .min()
        .flatten();
    let inputs = ["scss", "js", "build.mjs", "package.json", "package-lock.json"];
    oldest.is_some() && inputs.iter().all(|input| newest(&folder.join(input)) <= oldest)
}

/// The latest change of a file, or of anything in a folder.
fn newest(path: &Path) -> Option<SystemTime> {
    if !path.is_dir() {
        return fs::metadata(path).and_then(|about| about.modified()).ok();
    }
    let entries = fs::read_dir(path).ok()?;
    entries.flatten().filter_map(|entry| newest(&entry.path())).max()
}
