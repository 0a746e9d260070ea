//! Runs the release build of `lcr up` and measures its times and memory.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::mpsc::{self, Receiver},
    time::{Duration, Instant},
};

use super::kernel::resident_mb;

/// A running platform. Dropping it ends it.
pub struct Platform {
    pub port: u16,
    pub serving_after: Duration,
    started: Instant,
    process: Child,
    lines: Receiver<String>,
    folder: PathBuf,
}

/// The release build of `lcr`.
pub fn binary() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    root.join("target/release/lcr")
}

impl Platform {
    /// Starts a platform without a limit of searches, to measure the cost of views.
    pub fn start(people: u32, port: u16) -> Self {
        Self::with(people, port, &["--searches-per-minute", "4000000000"], None)
    }

    /// The same with a library loaded before all others.
    pub fn with_library(people: u32, port: u16, library: Option<&Path>) -> Self {
        Self::with(people, port, &["--searches-per-minute", "4000000000"], library)
    }

    /// Starts a platform with the default limits.
    pub fn limited(people: u32, port: u16) -> Self {
        Self::with(people, port, &[], None)
    }

    fn with(people: u32, port: u16, more: &[&str], library: Option<&Path>) -> Self {
        let folder = std::env::temp_dir().join(format!("lcr-bench-{port}-{people}"));
        let _ = fs::remove_dir_all(&folder);
        let started = Instant::now();
        let mut process = Command::new(binary())
            .args(["up", "--people", &people.to_string(), "--port", &port.to_string(), "--data-dir"])
            .arg(&folder)
            .args(more)
            .envs(library.map(|library| ("LD_PRELOAD", library)))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the release binary: run `cargo build --release -p lcr`, or `cargo xtask bench`");
        let (tell, lines) = mpsc::channel();
        let out = process.stdout.take().unwrap();
        std::thread::spawn(move || {
            for line in BufReader::new(out).lines().map_while(Result::ok) {
                let _ = tell.send(line);
            }
        });
        let mut platform = Self { port, serving_after: Duration::ZERO, started, process, lines, folder };
        platform.wait_for("ready ", Duration::from_secs(30));
        platform.serving_after = started.elapsed();
        platform
    }

    /// The time from the start until everybody is in the index.
    pub fn wait_loaded(&self, limit: Duration) -> Duration {
        self.wait_for("loaded", limit);
        self.started.elapsed()
    }

    fn wait_for(&self, start: &str, limit: Duration) {
        let until = Instant::now() + limit;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let line = self.lines.recv_timeout(left).expect("the platform said nothing in time");
            if line.starts_with(start) {
                return;
            }
        }
    }

    pub fn process_id(&self) -> u32 {
        self.process.id()
    }

    /// Resident memory of the process.
    pub fn memory_mb(&self) -> f64 {
        resident_mb(self.process.id())
    }

    /// Gets a bearer token with `lcr token`.
    pub fn token(&self, persona: &str) -> String {
        let asked = Command::new(binary()).args(["token", "--as", persona, "--port", &self.port.to_string()]).output();
        String::from_utf8_lossy(&asked.unwrap().stdout).trim().to_owned()
    }
}

impl Drop for Platform {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}
