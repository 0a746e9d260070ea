//! Starts a platform for the browser tests in `tests/browser/`, which visit the portal on desktop and phone sizes with
//! scripts and without. It must add no checks of its own.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
};

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

/// By itself, because it takes a minute, and its source is on everybody's record afterwards (S-70, X-18).
#[test]
fn an_organisation_joins_in_a_browser() -> Result<(), String> {
    journeys("partners")
}

fn journeys(device: &str) -> Result<(), String> {
    let suite = platform::root().join("tests/browser");
    if !suite.join("node_modules/playwright-core").is_dir() {
        return Err(
            "the browser suite's packages are missing: run `npm ci` in tests/browser, or `cargo xtask test`".into()
        );
    }
    let running = Platform::start(&format!("browser-{device}"))?;
    let _host = HostApp::start(running.port)?;
    let mut command = Command::new("node");
    command
        .arg(suite.join("run.mjs"))
        .arg(running.port.to_string())
        .arg(platform::target(3)?.join("screenshots"))
        .arg(device);
    platform::run(&mut command)
}

/// The sample host application, which opens the portal for its user. Dropping it ends it.
struct HostApp(Child);

impl HostApp {
    fn start(portal: u16) -> Result<Self, String> {
        let mut program = Command::new(env!("CARGO_BIN_EXE_host-app"));
        program.arg(portal.to_string()).stdin(Stdio::null()).stdout(Stdio::piped());
        let mut app = Self(program.spawn().map_err(|error| format!("host-app does not start: {error}"))?);
        let mut line = String::new();
        let out = app.0.stdout.take().ok_or("host-app has no output")?;
        BufReader::new(out).read_line(&mut line).map_err(|error| error.to_string())?;
        if line.starts_with("ready ") { Ok(app) } else { Err("host-app ended before it was ready".to_owned()) }
    }
}

impl Drop for HostApp {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
