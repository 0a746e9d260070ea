//! The programs that judge: where they are, and how one is asked. They are installed by `cargo xtask test`; nothing
//! here installs, and nothing is skipped because one is missing.

use std::{
    env,
    path::PathBuf,
    process::{Command, Stdio},
};

/// Helm, named by `LCR_HELM`.
pub fn helm() -> Result<Command, String> {
    program("LCR_HELM", "bin/helm")
}

/// Prometheus' own checker of rules, named by `LCR_PROMTOOL`.
pub fn promtool() -> Result<Command, String> {
    program("LCR_PROMTOOL", "prometheus/usr/bin/promtool")
}

/// The Starlark linter, named by `LCR_BUILDIFIER`.
pub fn buildifier() -> Result<Command, String> {
    program("LCR_BUILDIFIER", "npm/node_modules/.bin/buildifier")
}

/// The interpreter that has `requirements.txt`, named by `LCR_PYTHON`.
pub fn python() -> Result<Command, String> {
    program("LCR_PYTHON", "venv/bin/python")
}

/// The broker, named by `LCR_NATS_SERVER`.
pub fn nats_server() -> Result<Command, String> {
    program("LCR_NATS_SERVER", "servers/bin/nats-server")
}

/// The cache, named by `LCR_REDIS_SERVER`.
pub fn redis_server() -> Result<Command, String> {
    program("LCR_REDIS_SERVER", "servers/bin/redis-server")
}

/// A command that came with one of the packages: it lies beside the interpreter.
pub fn from_package(name: &str) -> Result<Command, String> {
    let beside = PathBuf::from(python()?.get_program()).with_file_name(name);
    if beside.is_file() { Ok(Command::new(beside)) } else { Err(missing(&beside.display().to_string())) }
}

/// What it printed, when all went well; else everything it said.
pub fn ask(command: &mut Command) -> Result<String, String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let answer = command.stdin(Stdio::null()).output().map_err(|error| format!("{name}: {error}"))?;
    let said = String::from_utf8_lossy(&answer.stdout).into_owned();
    let wrong = String::from_utf8_lossy(&answer.stderr);
    if answer.status.success() { Ok(said) } else { Err(format!("{name}: {wrong}{said}")) }
}

fn program(told: &str, installed: &str) -> Result<Command, String> {
    let path = match env::var_os(told) {
        Some(path) => PathBuf::from(path),
        None => target()?.join("tools").join(installed),
    };
    if path.is_file() { Ok(Command::new(path)) } else { Err(missing(&path.display().to_string())) }
}

/// The target folder this test was built into: three above its own file.
fn target() -> Result<PathBuf, String> {
    let own = env::current_exe().map_err(|error| error.to_string())?;
    own.ancestors().nth(3).map(PathBuf::from).ok_or_else(|| format!("{} is nowhere", own.display()))
}

fn missing(what: &str) -> String {
    format!("{what} is missing: `cargo xtask test` installs what the tests need")
}
