//! Containers, run as the chart has them run: no root, nothing to write to, no capability, little memory. A container
//! goes with the test that started it. It must never loosen any of that to make a test pass.

use std::{
    collections::BTreeMap,
    path::Path,
    process::{Command, Output, Stdio},
    time::{Duration, Instant},
};

use crate::built::Image;

/// What no image may need more than.
const HELD: [&str; 7] = [
    "--read-only",
    "--cap-drop=all",
    "--security-opt=no-new-privileges",
    "--network=host",
    "--memory=128m",
    "--read-only-tmpfs=false",
    "--pull=never",
];
/// How podman says that it was itself what failed.
const NOT_STARTED: i32 = 125;

/// A running container.
#[derive(Debug)]
pub struct Container {
    id: String,
}

/// Why containers cannot be run here; none when they can. What an image does wrong is no such reason.
pub fn unable(image: &Image) -> Option<String> {
    let asked = podman().arg("run").arg("--rm").args(HELD).arg(&image.name).arg("check-config").output();
    match asked {
        Err(error) => Some(format!("podman does not start: {error}")),
        Ok(answer) if answer.status.code() == Some(NOT_STARTED) => Some(format!(
            "podman starts no container here: {}",
            String::from_utf8_lossy(&answer.stderr).trim()
        )),
        Ok(_) => None,
    }
}

/// Runs `word` of an image to its end.
pub fn run(image: &Image, settings: &BTreeMap<String, String>, word: &str) -> Result<Output, String> {
    let mut command = podman();
    command.arg("run").arg("--rm").args(HELD).args(told(settings)).args([&image.name, word]);
    command.output().map_err(|error| error.to_string())
}

/// A folder that outlives its container; it goes with the test.
#[derive(Debug)]
pub struct Volume {
    name: String,
}

impl Volume {
    pub fn new(name: &str) -> Result<Self, String> {
        let name = format!("{name}-{}", std::process::id());
        ask(&["volume", "create", &name]).map(|_| Self { name })
    }
}

impl Drop for Volume {
    fn drop(&mut self) {
        let _ = ask(&["volume", "rm", "--force", &self.name]);
    }
}

impl Container {
    /// Starts an image, told nothing but its settings; `files` are mounted as (here, there).
    pub fn start(
        image: &Image,
        settings: &BTreeMap<String, String>,
        files: &[(&Path, &str)],
    ) -> Result<Self, String> {
        let mounts = files.iter().map(|(here, there)| format!("--volume={}:{there}:ro", here.display()));
        Self::begin(image, settings, mounts.collect())
    }

    /// The same with a volume at `there` that is its user's own.
    pub fn with_volume(
        image: &Image,
        settings: &BTreeMap<String, String>,
        (volume, there): (&Volume, &str),
    ) -> Result<Self, String> {
        Self::begin(image, settings, vec![format!("--volume={}:{there}:U", volume.name)])
    }

    fn begin(
        image: &Image,
        settings: &BTreeMap<String, String>,
        mounts: Vec<String>,
    ) -> Result<Self, String> {
        let mut command = podman();
        command.args(["run", "--detach"]).args(HELD).args(told(settings)).args(mounts).arg(&image.name);
        output(&mut command).map(|said| Self { id: said.trim().to_owned() })
    }

    /// Runs `words` of the same program inside, as a health check does.
    pub fn check(&self, url: &str) -> Result<String, String> {
        ask(&["exec", &self.id, "/app", "check", url])
    }

    /// Everything it wrote.
    pub fn said(&self) -> String {
        let asked = podman().args(["logs", &self.id]).output();
        asked.map_or_else(
            |error| error.to_string(),
            |answer| {
                format!(
                    "{}{}",
                    String::from_utf8_lossy(&answer.stdout),
                    String::from_utf8_lossy(&answer.stderr)
                )
            },
        )
    }

    /// Memory that is its own and resident, in KiB.
    pub fn resident(&self) -> Result<u64, String> {
        let pid = ask(&["inspect", "--format", "{{.State.Pid}}", &self.id])?;
        let status = std::fs::read_to_string(format!("/proc/{}/status", pid.trim()));
        let status = status.map_err(|error| format!("its process: {error}"))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let number = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
        number.ok_or_else(|| format!("no VmRSS in {status}"))
    }

    /// SIGTERM, as a cluster says it: how long it took to end, and with what.
    pub fn terminate(&self) -> Result<(Duration, i32), String> {
        let started = Instant::now();
        ask(&["kill", "--signal=TERM", &self.id])?;
        let code = ask(&["wait", "--interval=50ms", &self.id])?;
        let code = code.trim().parse().map_err(|_| format!("no exit code: {code}"))?;
        Ok((started.elapsed(), code))
    }
}

impl Drop for Container {
    fn drop(&mut self) {
        let _ = ask(&["rm", "--force", "--time=0", &self.id]);
    }
}

fn told(settings: &BTreeMap<String, String>) -> impl Iterator<Item = String> {
    settings.iter().map(|(name, value)| format!("--env={name}={value}"))
}

fn podman() -> Command {
    let mut command = Command::new("podman");
    command.env("CONTAINERS_CONF", concat!(env!("CARGO_MANIFEST_DIR"), "/containers.conf"));
    command.stdin(Stdio::null());
    command
}

fn ask(words: &[&str]) -> Result<String, String> {
    output(podman().args(words))
}

/// What it printed, when all went well; else everything it said.
fn output(command: &mut Command) -> Result<String, String> {
    let answer = command.output().map_err(|error| format!("podman: {error}"))?;
    let said = String::from_utf8_lossy(&answer.stdout).into_owned();
    let wrong = String::from_utf8_lossy(&answer.stderr);
    if answer.status.success() { Ok(said) } else { Err(format!("podman: {wrong}{said}")) }
}
