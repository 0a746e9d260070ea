//! `lcr up` as a process that tests kill, restart and read. Its data folder outlives it. It must never be used for a test
//! that can run in one process.

use std::{
    io::{BufRead, BufReader, Read},
    path::Path,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

use lcr_tests::{Actor, Browser};

#[path = "../platform/mod.rs"]
#[allow(dead_code, reason = "shared with suites that start other things")]
pub mod platform;

/// Enough for the cast and some other people.
#[allow(dead_code, reason = "not every suite has a city")]
pub const PEOPLE: u32 = 60;
const LOAD_TIMEOUT: Duration = Duration::from_mins(1);

/// A running process. Dropping it kills it.
pub struct Process {
    pub port: u16,
    child: Child,
    output: Arc<Mutex<String>>,
}

impl Process {
    /// Starts the platform with the demo city and waits until it is loaded. `log` is its `LCR_LOG`.
    #[allow(dead_code, reason = "not every suite has a city")]
    pub fn start(folder: &Path, port: u16, log: &str) -> Self {
        Self::start_with(&["--people", &PEOPLE.to_string()], folder, port, log)
    }

    /// Starts the platform without the demo city, with the sandbox hospital and the personas only.
    #[allow(dead_code, reason = "not every suite does without a city")]
    pub fn start_empty(folder: &Path, port: u16, log: &str) -> Self {
        Self::start_with(&["--empty"], folder, port, log)
    }

    fn start_with(arguments: &[&str], folder: &Path, port: u16, log: &str) -> Self {
        let lcr = platform::lcr().unwrap();
        let mut child = Command::new(lcr)
            .arg("up")
            .args(arguments)
            .args(["--port", &port.to_string(), "--data-dir"])
            .arg(folder)
            .env("LCR_LOG", log)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let output = Arc::new(Mutex::new(String::new()));
        collect_lines(child.stdout.take().unwrap(), output.clone());
        collect_lines(child.stderr.take().unwrap(), output.clone());
        let process = Self { port, child, output };
        let started = Instant::now();
        while !process.output().contains("\nloaded ") {
            assert!(started.elapsed() < LOAD_TIMEOUT, "not loaded: {}", process.output());
            thread::sleep(Duration::from_millis(20));
        }
        process
    }

    /// All lines of its standard output and standard error.
    pub fn output(&self) -> String {
        self.output.lock().unwrap().clone()
    }

    /// Ends the process with SIGKILL.
    #[allow(dead_code, reason = "not every suite kills")]
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    #[allow(dead_code, reason = "not every suite asks")]
    pub async fn actor(&self, who: &str) -> Actor {
        Actor::outside(self.port).signed_in(who, &format!("http://127.0.0.1:{}", self.port + 10)).await
    }

    #[allow(dead_code, reason = "not every suite needs a browser")]
    pub async fn browser(&self, who: &str) -> Browser {
        Actor::outside(self.port).in_browser(who).await
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn collect_lines(from: impl Read + Send + 'static, output: Arc<Mutex<String>>) {
    thread::spawn(move || {
        for line in BufReader::new(from).lines().map_while(Result::ok) {
            let mut output = output.lock().unwrap();
            output.push('\n');
            output.push_str(&line);
        }
    });
}
