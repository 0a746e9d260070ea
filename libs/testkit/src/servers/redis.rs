//! A Redis server that stores nothing on disk, as in production: after a restart it is empty. Tests share one and use a
//! numbered database each.

use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use super::{free_port, keeper::Keeper, loopback, program, wait_until};
use crate::Certificate;

/// Databases of one server: more than a program has tests.
const DATABASES: u32 = 1024;

/// A running server; stopped and removed when dropped.
#[derive(Debug)]
pub struct Redis {
    port: u16,
    secured: bool,
    keeper: Keeper,
    next: AtomicU32,
}

impl Redis {
    /// The shared server of this process, for tests that do not kill it.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Redis> = OnceLock::new();
        SHARED.get_or_init(Self::start)
    }

    /// # Panics
    /// If it is not installed or does not start.
    pub fn start() -> Self {
        Self::started(None)
    }

    /// Starts a server that accepts only TLS, as `localhost`.
    pub fn start_secured(own: &Certificate) -> Self {
        Self::started(Some(own))
    }

    #[allow(clippy::expect_used, reason = "a test without its server has failed")]
    fn started(own: Option<&Certificate>) -> Self {
        let server = program("LCR_REDIS_SERVER", "redis-server", vec!["/usr/sbin".into()]);
        let (folder, port) = (Keeper::folder("redis"), free_port());
        fs::create_dir_all(&folder).expect("a folder for Redis");
        let mut command = vec![server.into_os_string()];
        let (port_text, databases) = (port.to_string(), DATABASES.to_string());
        let dir = folder.display().to_string();
        let none = "0".to_owned();
        let (clear, secured) = if own.is_some() { (&none, &port_text) } else { (&port_text, &none) };
        for (name, value) in [
            ("--port", clear.as_str()),
            ("--tls-port", secured),
            ("--bind", "127.0.0.1"),
            ("--dir", &dir),
            ("--save", ""),
            ("--appendonly", "no"),
            ("--databases", &databases),
        ] {
            command.extend([name.into(), value.into()]);
        }
        if let Some(own) = own {
            for (name, file) in [
                ("--tls-cert-file", &own.certificate),
                ("--tls-key-file", &own.key),
                ("--tls-ca-cert-file", &own.authority),
            ] {
                command.extend([name.into(), file.into()]);
            }
            command.extend(["--tls-auth-clients".into(), "no".into()]);
        }
        let secured = own.is_some();
        let redis = Self { port, secured, keeper: Keeper::start(folder, "KILL", command), next: AtomicU32::new(0) };
        redis.ready();
        redis
    }

    /// A database that no other test uses.
    pub fn url(&self) -> String {
        let database = self.next.fetch_add(1, Ordering::Relaxed) % DATABASES;
        let server = if self.secured { "rediss://localhost" } else { "redis://127.0.0.1" };
        format!("{server}:{}/{database}", self.port)
    }

    /// Its process id while it runs, for measurements.
    pub fn process(&self) -> Option<u32> {
        self.keeper.process()
    }

    /// SIGKILL. All data is lost.
    pub fn kill(&self) {
        self.keeper.kill();
    }

    /// Starts it again on its port, empty.
    pub fn restart(&self) {
        self.keeper.restart();
        self.ready();
    }

    fn serves(&self) -> bool {
        if self.secured { accepts(self.port) } else { answers(self.port) }
    }

    fn ready(&self) {
        wait_until("redis-server", &self.keeper.log(), || self.serves());
    }
}

fn accepts(port: u16) -> bool {
    TcpStream::connect_timeout(&loopback(port), Duration::from_secs(1)).is_ok()
}

fn answers(port: u16) -> bool {
    let Ok(mut stream) = TcpStream::connect_timeout(&loopback(port), Duration::from_secs(1)) else {
        return false;
    };
    let _ = stream.set_read_timeout(Some(Duration::from_secs(1)));
    let mut answer = [0; 5];
    stream.write_all(b"PING\r\n").and_then(|()| stream.read_exact(&mut answer)).is_ok() && &answer == b"+PONG"
}
