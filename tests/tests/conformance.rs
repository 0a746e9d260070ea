//! Starts a platform for the conformance tests in `tests/conformance/`: third-party FHIR and SCIM clients, HL7 v2 senders,
//! and requests generated from the `OpenAPI` documents.
//! Its only check of its own must be the one on `lcr send`.

use std::{env, path::PathBuf, process::Command};

use platform::Platform;

mod platform;

#[test]
fn fhir_clients_of_others_read_the_record() -> Result<(), String> {
    let running = Platform::start("conformance")?;
    let token = token("fhir-client", running.port)?;
    let python = python()?;
    let suite = platform::root().join("tests/conformance/fhir_reads.py");
    // `-B` writes no compiled files beside the sources.
    let mut command = Command::new(python);
    platform::run(command.arg("-B").arg(suite).arg(running.port.to_string()).arg(token))
}

/// an organisation's own directory manages its people, by software that knows nothing of the platform.
#[test]
fn scim_clients_of_others_manage_an_organisations_people() -> Result<(), String> {
    let running = Platform::start("scim")?;
    let (administrator, client) = (token("org-admin", running.port)?, token("fhir-client", running.port)?);
    let suite = platform::root().join("tests/conformance/scim.py");
    let mut command = Command::new(python()?);
    command.arg("-B").arg(suite).arg(running.port.to_string()).arg(administrator).arg(client);
    platform::run(&mut command)
}

/// The personas of `openapi.py`: one for each kind of caller.
const PERSONAS: [&str; 6] = ["gp", "patient", "data-steward", "privacy-officer", "feeds-client", "platform-admin"];

#[test]
fn generated_requests_are_answered_as_the_documents_say() -> Result<(), String> {
    let running = Platform::start("openapi")?;
    let suite = platform::root().join("tests/conformance/openapi.py");
    let mut command = Command::new(python()?);
    command.arg("-B").arg(suite).arg(running.port.to_string());
    for persona in PERSONAS {
        command.arg(format!("{persona}={}", token(persona, running.port)?));
    }
    platform::run(&mut command)
}

#[test]
fn hl7_v2_of_others_is_answered_message_by_message() -> Result<(), String> {
    let Some(folder) = lcr_testkit::data::folder("hl7v2") else { return Ok(()) };
    let running = Platform::start("feeds")?;
    let mllp = running.port - 5505;
    let suite = platform::root().join("tests/conformance/hl7_feeds.py");
    let mut command = Command::new(python()?);
    platform::run(command.arg("-B").arg(suite).arg(mllp.to_string()).arg(&folder))?;
    check_lcr_send(&running, &folder)
}

/// Sends the same files with `lcr send`, which must print one line with an acknowledgement code for each message.
fn check_lcr_send(running: &Platform, folder: &std::path::Path) -> Result<(), String> {
    let files = lcr_testkit::data::files(folder).map_err(|error| error.to_string())?;
    let files =
        files.into_iter().filter(|file| !matches!(file.extension().and_then(|end| end.to_str()), Some("tsv" | "md")));
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

/// Finds the interpreter with the packages.
fn python() -> Result<PathBuf, String> {
    let installed = platform::target(3)?.join("tools/venv/bin/python");
    let python = env::var_os("LCR_PYTHON").map_or(installed, PathBuf::from);
    if python.is_file() {
        return Ok(python);
    }
    Err(format!("{} is missing: run `cargo xtask test`, which installs it", python.display()))
}

/// Gets a token with `lcr token`.
fn token(persona: &str, port: u16) -> Result<String, String> {
    let lcr = platform::lcr()?;
    let output = Command::new(lcr).args(["token", "--as", persona, "--port", &port.to_string()]).output();
    let output = output.map_err(|error| format!("lcr token: {error}"))?;
    let token = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    if output.status.success() && !token.is_empty() {
        return Ok(token);
    }
    Err(format!("lcr token --as {persona}: {}\n{}", output.status, String::from_utf8_lossy(&output.stderr)))
}
