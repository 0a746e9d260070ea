//! `lcr up` as a process on a folder that outlives it: to be killed, started again, and read. Where the platform
//! is, and how it is told to be ready, is `platform`'s.

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

/// Enough for the cast and somebody beside it.
#[allow(dead_code, reason = "not every suite has a city")]
pub const PEOPLE: u32 = 60;
const LOADS_WITHIN: Duration = Duration::from_mins(1);

/// A running process; it is killed when this goes.
pub struct Process {
    pub port: u16,
    child: Child,
    said: Arc<Mutex<String>>,
}

impl Process {
    /// Starts it and waits until it is loaded. `log` is its `LCR_LOG`.
    #[allow(dead_code, reason = "not every suite has a city")]
    pub fn start(folder: &Path, port: u16, log: &str) -> Self {
        Self::start_as(&["--people", &PEOPLE.to_string()], folder, port, log)
    }

    /// The same without the demo city: the sandbox, the personas and nobody else.
    #[allow(dead_code, reason = "not every suite does without a city")]
    pub fn start_empty(folder: &Path, port: u16, log: &str) -> Self {
        Self::start_as(&["--empty"], folder, port, log)
    }

    fn start_as(with: &[&str], folder: &Path, port: u16, log: &str) -> Self {
        let lcr = platform::lcr().unwrap();
        let mut child = Command::new(lcr)
            .arg("up")
            .args(with)
            .args(["--port", &port.to_string(), "--data-dir"])
            .arg(folder)
            .env("LCR_LOG", log)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let said = Arc::new(Mutex::new(String::new()));
        listen(child.stdout.take().unwrap(), said.clone());
        listen(child.stderr.take().unwrap(), said.clone());
        let process = Self { port, child, said };
        let started = Instant::now();
        while !process.said().contains("\nloaded ") {
            assert!(started.elapsed() < LOADS_WITHIN, "not loaded: {}", process.said());
            thread::sleep(Duration::from_millis(20));
        }
        process
    }

    /// Everything it wrote to both its outputs.
    pub fn said(&self) -> String {
        self.said.lock().unwrap().clone()
    }

    /// SIGKILL: nothing is finished, nothing flushed.
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

fn listen(from: impl Read + Send + 'static, said: Arc<Mutex<String>>) {
    thread::spawn(move || {
        for line in BufReader::new(from).lines().map_while(Result::ok) {
            let mut said = said.lock().unwrap();
            said.push('\n');
            said.push_str(&line);
        }
    });
}
