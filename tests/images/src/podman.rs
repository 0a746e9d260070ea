//! Runs containers with the chart's restrictions: no root, a read-only file system, no capability, little memory. These
//! restrictions must never be loosened to make a test pass. Dropping a container removes it.

use std::{
    collections::BTreeMap,
    path::Path,
    process::{Command, Output, Stdio},
    time::{Duration, Instant},
};

use crate::image::Image;

/// The restrictions under which every image must run.
const RESTRICTIONS: [&str; 7] = [
    "--read-only",
    "--cap-drop=all",
    "--security-opt=no-new-privileges",
    "--network=host",
    "--memory=128m",
    "--read-only-tmpfs=false",
    "--pull=never",
];
/// The exit code for an error of podman itself.
const NOT_STARTED: i32 = 125;

/// A running container.
#[derive(Debug)]
pub struct Container {
    id: String,
}

/// Why containers cannot run on this machine; `None` if they can. An error of the image itself does not count.
pub fn why_unable(image: &Image) -> Option<String> {
    let asked = podman().arg("run").arg("--rm").args(RESTRICTIONS).arg(&image.name).arg("check-config").output();
    match asked {
        Err(error) => Some(format!("podman does not start: {error}")),
        Ok(answer) if answer.status.code() == Some(NOT_STARTED) => {
            Some(format!("podman starts no container here: {}", String::from_utf8_lossy(&answer.stderr).trim()))
        }
        Ok(_) => None,
    }
}

/// Runs a command of an image to its end.
pub fn run(image: &Image, settings: &BTreeMap<String, String>, word: &str) -> Result<Output, String> {
    let mut command = podman();
    command.arg("run").arg("--rm").args(RESTRICTIONS).args(environment_args(settings)).args([&image.name, word]);
    command.output().map_err(|error| error.to_string())
}

/// A volume that outlives its container. Dropping it removes it.
#[derive(Debug)]
pub struct Volume {
    name: String,
}

impl Volume {
    pub fn new(name: &str) -> Result<Self, String> {
        let name = format!("{name}-{}", std::process::id());
        podman_output(&["volume", "create", &name]).map(|_| Self { name })
    }
}

impl Drop for Volume {
    fn drop(&mut self) {
        let _ = podman_output(&["volume", "rm", "--force", &self.name]);
    }
}

impl Container {
    /// Starts an image with its settings. `files` are mounted: path on this machine, path in the container.
    pub fn start(image: &Image, settings: &BTreeMap<String, String>, files: &[(&Path, &str)]) -> Result<Self, String> {
        let mounts = files.iter().map(|(here, there)| format!("--volume={}:{there}:ro", here.display()));
        Self::run_detached(image, settings, mounts.collect())
    }

    /// Starts an image with a volume at `mount` that the container's user owns.
    pub fn with_volume(
        image: &Image,
        settings: &BTreeMap<String, String>,
        (volume, mount): (&Volume, &str),
    ) -> Result<Self, String> {
        Self::run_detached(image, settings, vec![format!("--volume={}:{mount}:U", volume.name)])
    }

    fn run_detached(image: &Image, settings: &BTreeMap<String, String>, mounts: Vec<String>) -> Result<Self, String> {
        let mut command = podman();
        command
            .args(["run", "--detach"])
            .args(RESTRICTIONS)
            .args(environment_args(settings))
            .args(mounts)
            .arg(&image.name);
        output(&mut command).map(|said| Self { id: said.trim().to_owned() })
    }

    /// Runs the program's `check` inside the container, as a health check does.
    pub fn check(&self, url: &str) -> Result<String, String> {
        podman_output(&["exec", &self.id, "/app", "check", url])
    }

    /// The container's log and how it ended, if it did: a container that used too much memory logs nothing.
    pub fn logs(&self) -> String {
        let ended =
            ["inspect", "--format", "{{.State.Status}}, exit {{.State.ExitCode}}, out of memory: {{.State.OOMKilled}}"];
        let asked = [&["logs"][..], &ended].map(|words| podman().args(words).arg(&self.id).output());
        let text = asked.map(|answer| match answer {
            Ok(answer) => {
                [answer.stdout, answer.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat()
            }
            Err(error) => error.to_string(),
        });
        text.concat()
    }

    /// The memory of the container's process in KiB that only its end can free. Pages of its program do not count: the system
    /// drops them when memory is short, and they are larger without optimisation.
    pub fn private_kib(&self) -> Result<u64, String> {
        let pid = podman_output(&["inspect", "--format", "{{.State.Pid}}", &self.id])?;
        let status = std::fs::read_to_string(format!("/proc/{}/status", pid.trim()));
        let status = status.map_err(|error| format!("its process: {error}"))?;
        let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"));
        let number = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
        number.ok_or_else(|| format!("no RssAnon in {status}"))
    }

    /// Stops the container with SIGTERM, as a cluster does. Returns how long it took and the exit code.
    pub fn terminate(&self) -> Result<(Duration, i32), String> {
        let started = Instant::now();
        podman_output(&["kill", "--signal=TERM", &self.id])?;
        let code = podman_output(&["wait", "--interval=50ms", &self.id])?;
        let code = code.trim().parse().map_err(|_| format!("no exit code: {code}"))?;
        Ok((started.elapsed(), code))
    }
}

impl Drop for Container {
    fn drop(&mut self) {
        let _ = podman_output(&["rm", "--force", "--time=0", &self.id]);
    }
}

fn environment_args(settings: &BTreeMap<String, String>) -> impl Iterator<Item = String> {
    settings.iter().map(|(name, value)| format!("--env={name}={value}"))
}

fn podman() -> Command {
    let mut command = Command::new("podman");
    command.env("CONTAINERS_CONF", concat!(env!("CARGO_MANIFEST_DIR"), "/containers.conf"));
    command.stdin(Stdio::null());
    command
}

fn podman_output(words: &[&str]) -> Result<String, String> {
    output(podman().args(words))
}

/// Runs a command and returns its standard output; the error has its whole output.
fn output(command: &mut Command) -> Result<String, String> {
    let answer = command.output().map_err(|error| format!("podman: {error}"))?;
    let said = String::from_utf8_lossy(&answer.stdout).into_owned();
    let wrong = String::from_utf8_lossy(&answer.stderr);
    if answer.status.success() { Ok(said) } else { Err(format!("podman: {wrong}{said}")) }
}
