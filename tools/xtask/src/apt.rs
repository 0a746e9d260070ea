//! Installs packages of the operating system where this process may. It must never change anything else of the system.

use std::{path::Path, thread, time::Duration};

use crate::{
    step::{Step, StepError},
    workspace::on_path,
};

/// Further attempts after a failure, and the wait before each.
const ATTEMPTS: u32 = 5;
const RETRY_INTERVAL: Duration = Duration::from_secs(20);

/// Whether this process may install packages of the operating system.
pub fn can_install() -> bool {
    is_root() && on_path("apt-get").is_some()
}

/// Installs packages of the operating system without the packages that they recommend.
pub fn install(what: &str, packages: &[&str]) -> Result<(), StepError> {
    apt_get(&format!("{what}: package lists"), &["update"])?;
    let mut args = vec!["install", "--yes", "--no-install-recommends"];
    args.extend(packages);
    apt_get(&format!("{what}: install"), &args)
}

/// Waits up to five minutes for another installation that holds apt's locks: `update` does not know the option.
fn apt_get(what: &str, args: &[&str]) -> Result<(), StepError> {
    let wait_for_lock = ["-o", "DPkg::Lock::Timeout=300"];
    let run = || {
        let step = Step::new(what, "apt-get").args(["--quiet"]).args(wait_for_lock).args(args);
        step.env("DEBIAN_FRONTEND", "noninteractive").run()
    };
    for _ in 0..ATTEMPTS {
        if run().is_ok() {
            return Ok(());
        }
        thread::sleep(RETRY_INTERVAL);
    }
    run()
}

/// Reads the owner of this process from `/proc`, because the system call needs `unsafe` or a crate.
fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    Path::new("/proc/self").metadata().is_ok_and(|me| me.uid() == 0)
}
