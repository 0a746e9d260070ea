//! Finds and runs the programs that check the chart. `cargo xtask test` installs them; a missing program must be an error,
//! never a skipped test.

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

/// A command of one of the Python packages, which is beside the interpreter.
pub fn from_package(name: &str) -> Result<Command, String> {
    let beside = PathBuf::from(python()?.get_program()).with_file_name(name);
    if beside.is_file() { Ok(Command::new(beside)) } else { Err(missing(&beside.display().to_string())) }
}

/// Runs a command and returns its standard output; the error has its whole output.
pub fn run(command: &mut Command) -> Result<String, String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let answer = command.stdin(Stdio::null()).output().map_err(|error| format!("{name}: {error}"))?;
    let stdout = String::from_utf8_lossy(&answer.stdout).into_owned();
    let stderr = String::from_utf8_lossy(&answer.stderr);
    if answer.status.success() { Ok(stdout) } else { Err(format!("{name}: {stderr}{stdout}")) }
}

fn program(variable: &str, installed: &str) -> Result<Command, String> {
    let path = match env::var_os(variable) {
        Some(path) => PathBuf::from(path),
        None => target()?.join("tools").join(installed),
    };
    if path.is_file() { Ok(Command::new(path)) } else { Err(missing(&path.display().to_string())) }
}

/// The target folder of this build, three levels above the test program.
fn target() -> Result<PathBuf, String> {
    let own = env::current_exe().map_err(|error| error.to_string())?;
    own.ancestors().nth(3).map(PathBuf::from).ok_or_else(|| format!("{} is not in a target folder", own.display()))
}

fn missing(what: &str) -> String {
    format!("{what} is missing: `cargo xtask test` installs what the tests need")
}
