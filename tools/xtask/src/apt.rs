//! Installs packages of the operating system where this process may. It must never change anything else of the system.

use std::{path::Path, thread, time::Duration};

use crate::{
    step::{Step, StepError},
    workspace::on_path,
};

/// Further attempts to update the package lists, and the wait before each.
const UPDATE_RETRIES: u32 = 5;
const RETRY_INTERVAL: Duration = Duration::from_secs(20);

/// Whether this process may install packages of the operating system.
pub fn can_install() -> bool {
    is_root() && on_path("apt-get").is_some()
}

/// Installs packages of the operating system without the packages that they recommend.
pub fn install(what: &str, packages: &[&str]) -> Result<(), StepError> {
    update(&format!("{what}: package lists"))?;
    let mut args = vec!["install", "--yes", "--no-install-recommends"];
    args.extend(packages);
    apt_get(&format!("{what}: install"), &args)
}

/// Another installation may hold the lock of the lists, for which `update` does not wait by itself.
fn update(what: &str) -> Result<(), StepError> {
    for _ in 0..UPDATE_RETRIES {
        if apt_get(what, &["update"]).is_ok() {
            return Ok(());
        }
        println!("another installation may be running: trying again in {} s", RETRY_INTERVAL.as_secs());
        thread::sleep(RETRY_INTERVAL);
    }
    apt_get(what, &["update"])
}

/// Waits up to five minutes for another installation.
fn apt_get(what: &str, args: &[&str]) -> Result<(), StepError> {
    let wait_for_lock = ["-o", "DPkg::Lock::Timeout=300"];
    let step = Step::new(what, "apt-get").args(["--quiet"]).args(wait_for_lock).args(args);
    step.env("DEBIAN_FRONTEND", "noninteractive").run()
}

/// Reads the owner of this process from `/proc`, because the system call needs `unsafe` or a crate.
fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    Path::new("/proc/self").metadata().is_ok_and(|me| me.uid() == 0)
}
