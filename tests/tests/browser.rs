//! Starts a platform for the browser tests in `tests/browser/`, which visit the portal on desktop and phone sizes with
//! scripts and without. It must add no checks of its own.

use std::process::Command;

use platform::Platform;

mod platform;

#[test]
fn the_portal_works_in_a_browser_on_a_desk() -> Result<(), String> {
    journeys("desktop")
}

#[test]
fn the_portal_works_in_a_browser_on_a_phone() -> Result<(), String> {
    journeys("phone")
}

fn journeys(device: &str) -> Result<(), String> {
    let suite = platform::root().join("tests/browser");
    if !suite.join("node_modules/playwright-core").is_dir() {
        return Err(
            "the browser suite's packages are missing: run `npm ci` in tests/browser, or `cargo xtask test`".into()
        );
    }
    let running = Platform::start(&format!("browser-{device}"))?;
    let mut command = Command::new("node");
    command
        .arg(suite.join("run.mjs"))
        .arg(running.port.to_string())
        .arg(platform::target(3)?.join("screenshots"))
        .arg(device);
    platform::run(&mut command)
}
