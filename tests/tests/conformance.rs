//! The platform as software sees it that others wrote: FHIR clients, and senders of HL7 v2. What is checked is in
//! `conformance/`; this starts a platform for it and must add no checks of its own, but on the platform's own sender.

use std::{env, path::PathBuf, process::Command};

use platform::Platform;

mod platform;

#[test]
fn fhir_clients_of_others_read_the_record() -> Result<(), String> {
    let running = Platform::start("conformance")?;
    let token = token("fhir-client", running.port)?;
    let python = python()?;
    let suite = platform::root().join("tests/conformance/fhir_reads.py");
    // -B: no compiled copies beside the sources.
    let mut command = Command::new(python);
    platform::run(command.arg("-B").arg(suite).arg(running.port.to_string()).arg(token))
}

#[test]
fn hl7_v2_of_others_is_answered_message_by_message() -> Result<(), String> {
    let Some(folder) = lcr_testkit::data::folder("hl7v2") else { return Ok(()) };
    let running = Platform::start("feeds")?;
    let mllp = running.port - 5505;
    let suite = platform::root().join("tests/conformance/hl7_feeds.py");
    let mut command = Command::new(python()?);
    platform::run(command.arg("-B").arg(suite).arg(mllp.to_string()).arg(&folder))?;
    sent_by_ourselves(&running, &folder)
}

/// `lcr send` over the same files: one line a message, each with a decided answer, and each found afterwards.
fn sent_by_ourselves(running: &Platform, folder: &std::path::Path) -> Result<(), String> {
    let files = lcr_testkit::data::files(folder).map_err(|error| error.to_string())?;
    let files = files
        .into_iter()
        .filter(|file| !matches!(file.extension().and_then(|end| end.to_str()), Some("tsv" | "md")));
    let sent = Command::new(platform::lcr()?)
        .args(["send", "--port", &running.port.to_string()])
        .args(files)
        .output()
        .map_err(|error| format!("lcr send: {error}"))?;
    let (lines, errors) = (String::from_utf8_lossy(&sent.stdout), String::from_utf8_lossy(&sent.stderr));
    let decided = |line: &&str| {
        let fields: Vec<&str> = line.split('\t').collect();
        fields.len() == 4 && matches!(fields[2], "AA" | "AE" | "AR")
    };
    let (all, good) = (lines.lines().count(), lines.lines().filter(decided).count());
    println!("lcr send: {all} lines, {good} decided");
    if all != good || all < 1000 || !sent.status.success() {
        return Err(format!("lcr send: {good} of {all} lines are decided answers; {errors}"));
    }
    Ok(())
}

/// The interpreter with the packages.
fn python() -> Result<PathBuf, String> {
    let installed = platform::target(3)?.join("tools/venv/bin/python");
    let python = env::var_os("LCR_PYTHON").map_or(installed, PathBuf::from);
    if python.is_file() {
        return Ok(python);
    }
    Err(format!("{} is missing: run `cargo xtask test`, which installs it", python.display()))
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
