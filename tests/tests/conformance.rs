//! The FHIR reads, as clients see them that others wrote. What is checked is in `conformance/`; this starts a
//! platform for it and must add no checks of its own.

use std::{env, path::PathBuf, process::Command};

use platform::Platform;

mod platform;

#[test]
fn fhir_clients_of_others_read_the_record() -> Result<(), String> {
    let running = Platform::start("conformance")?;
    let token = token("fhir-client", running.port)?;
    let installed = platform::target(3)?.join("tools/venv/bin/python");
    let python = env::var_os("LCR_PYTHON").map_or(installed, PathBuf::from);
    if !python.is_file() {
        return Err(format!("{} is missing: run `cargo xtask test`, which installs it", python.display()));
    }
    let suite = platform::root().join("tests/conformance/fhir_reads.py");
    // -B: no compiled copies beside the sources.
    let mut command = Command::new(python);
    platform::run(command.arg("-B").arg(suite).arg(running.port.to_string()).arg(token))
}

/// As anybody at the laptop gets one.
fn token(persona: &str, port: u16) -> Result<String, String> {
    let lcr = platform::lcr()?;
    let asked = Command::new(lcr).args(["token", "--as", persona, "--port", &port.to_string()]).output();
    let asked = asked.map_err(|error| format!("lcr token: {error}"))?;
    let token = String::from_utf8_lossy(&asked.stdout).trim().to_owned();
    if asked.status.success() && !token.is_empty() {
        return Ok(token);
    }
    Err(format!("lcr token --as {persona}: {}\n{}", asked.status, String::from_utf8_lossy(&asked.stderr)))
}
