//! A NATS server with `JetStream` that writes to disk before it acknowledges, as in production. It starts in a tenth of a
//! second, so each test starts its own.

use std::{
    fs,
    io::{BufRead, BufReader},
    net::TcpStream,
    process::Command,
    time::Duration,
};

use super::{free_port, keeper::Keeper, loopback, program, wait_until};

/// A running server; stopped and removed when dropped.
#[derive(Debug)]
pub struct Nats {
    port: u16,
    keeper: Keeper,
}

impl Nats {
    /// # Panics
    /// If it is not installed or does not start.
    #[allow(clippy::expect_used, reason = "a test without its server has failed")]
    pub fn start() -> Self {
        let server = program("LCR_NATS_SERVER", "nats-server", vec!["/usr/sbin".into()]);
        let (folder, port) = (Keeper::folder("nats"), free_port());
        fs::create_dir_all(&folder).expect("a folder for NATS");
        let config = folder.join("server.conf");
        let store = folder.join("jetstream");
        let text = format!(
            "listen: \"127.0.0.1:{port}\"\njetstream {{ store_dir: {:?}, sync_interval: always }}\nmax_payload: 8MB\n",
            store.display().to_string()
        );
        fs::write(&config, text).expect("NATS' configuration");
        let command = vec![server.into(), "--config".into(), config.into()];
        let nats = Self { port, keeper: Keeper::start(folder, "KILL", command) };
        nats.ready();
        nats
    }

    pub fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    /// Its process id while it runs, for measurements.
    pub fn process(&self) -> Option<u32> {
        self.keeper.process()
    }

    /// Kills it (SIGKILL). Its folder stays.
    pub fn kill(&self) {
        self.keeper.kill();
    }

    /// Starts it again in its folder.
    pub fn restart(&self) {
        self.keeper.restart();
        self.ready();
    }

    /// Deletes all stored messages. Only while it is killed.
    ///
    /// # Panics
    /// If the folder cannot be removed.
    #[allow(clippy::expect_used, reason = "a test that cannot set its scene has failed")]
    pub fn lose_everything(&self) {
        fs::remove_dir_all(self.keeper.path().join("jetstream")).expect("NATS' folder");
    }

    /// Copies its folder. Only while it is killed.
    pub fn remember(&self) {
        self.copy("jetstream", "remembered");
    }

    /// Restores the copy of its folder. Only while it is killed.
    pub fn forget(&self) {
        self.lose_everything();
        self.copy("remembered", "jetstream");
    }

    #[allow(clippy::expect_used, reason = "a test that cannot set its scene has failed")]
    fn copy(&self, from: &str, to: &str) {
        let folder = self.keeper.path();
        let copied = Command::new("cp").arg("-r").args([folder.join(from), folder.join(to)]).status();
        assert!(copied.expect("cp").success(), "NATS' folder is copied");
    }

    fn ready(&self) {
        wait_until("nats-server", &self.keeper.log(), || greets(self.port));
    }
}

/// Whether the server's first line reports that `JetStream` is on.
pub(super) fn greets(port: u16) -> bool {
    let Ok(stream) = TcpStream::connect_timeout(&loopback(port), Duration::from_secs(1)) else {
        return false;
    };
    let _ = stream.set_read_timeout(Some(Duration::from_secs(1)));
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line).is_ok() && line.contains("\"jetstream\":true")
}
