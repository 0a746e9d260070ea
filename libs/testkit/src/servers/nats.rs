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
    /// Whether it knows users, of whom `ADMIN` may do everything.
    has_users: bool,
}

/// The user of a server with users who may do everything.
const ADMIN: &str = "admin";

/// What its streams may reserve together. Without it a server takes three quarters of the disk that is free when it starts,
/// and refuses the streams of the platform on a machine whose disk is nearly full.
pub(super) const STORE_LIMIT: &str = "64GB";

impl Nats {
    /// # Panics
    /// If it is not installed or does not start.
    pub fn start() -> Self {
        Self::with_config("", false)
    }

    /// Starts it with users in the syntax of its configuration. The password of each must be `secret-` and the name.
    ///
    /// # Panics
    /// If it is not installed or does not start.
    pub fn start_with_users(users: &str) -> Self {
        let admin = format!("{{user: {ADMIN}, password: secret-{ADMIN}}}");
        Self::with_config(&format!("authorization {{ users: [{users}, {admin}] }}\n"), true)
    }

    #[allow(clippy::expect_used, reason = "a test without its server has failed")]
    fn with_config(more: &str, has_users: bool) -> Self {
        let server = program("LCR_NATS_SERVER", "nats-server", vec!["/usr/sbin".into()]);
        let (folder, port) = (Keeper::folder("nats"), free_port());
        fs::create_dir_all(&folder).expect("a folder for NATS");
        let config = folder.join("server.conf");
        let store = folder.join("jetstream");
        let text = format!(
            "listen: \"127.0.0.1:{port}\"\njetstream {{ store_dir: {:?}, max_file_store: {STORE_LIMIT}, sync_interval: always }}\n\
             max_payload: 8MB\n{more}",
            store.display().to_string()
        );
        fs::write(&config, text).expect("NATS' configuration");
        let command = vec![server.into(), "--config".into(), config.into()];
        let nats = Self { port, keeper: Keeper::start(folder, "KILL", command), has_users };
        nats.ready();
        nats
    }

    /// The address for somebody who may do everything.
    pub fn url(&self) -> String {
        if self.has_users { self.url_as(ADMIN) } else { format!("nats://127.0.0.1:{}", self.port) }
    }

    /// The address for a user.
    pub fn url_as(&self, user: &str) -> String {
        format!("nats://{user}:secret-{user}@127.0.0.1:{}", self.port)
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
