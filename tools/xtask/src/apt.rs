//! Packages of the system's own, where this process may install them. Nothing else of the system is changed.

use std::path::Path;

use crate::{
    place::on_path,
    step::{Step, Stop},
};

/// Whether this process may install packages of the system's.
pub fn is_there() -> bool {
    is_root() && on_path("apt-get").is_some()
}

/// Installs packages of the system's, and nothing they merely recommend.
pub fn install(what: &str, packages: &[&str]) -> Result<(), Stop> {
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
