//! A Redis server that keeps nothing on disk, as in production: a cache that restarts is empty. Tests share one
//! and take a numbered database each.

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

/// Databases of one server, more than any program has tests.
const DATABASES: u32 = 1024;

/// A running server; stopped and removed when dropped.
#[derive(Debug)]
pub struct Redis {
    port: u16,
    keeper: Keeper,
    next: AtomicU32,
}

impl Redis {
    /// The one of this process, for tests that do not kill it.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Redis> = OnceLock::new();
        SHARED.get_or_init(Self::start)
    }

    /// # Panics
    /// When it is not installed or does not start.
    #[allow(clippy::expect_used, reason = "a test without its server has failed")]
    pub fn start() -> Self {
        let server = program("LCR_REDIS_SERVER", "redis-server", vec!["/usr/sbin".into()]);
        let (folder, port) = (Keeper::folder("redis"), free_port());
        fs::create_dir_all(&folder).expect("a folder for Redis");
        let mut command = vec![server.into_os_string()];
        let (port_text, databases) = (port.to_string(), DATABASES.to_string());
        let dir = folder.display().to_string();
        for (name, value) in [
            ("--port", port_text.as_str()),
            ("--bind", "127.0.0.1"),
            ("--dir", &dir),
            ("--save", ""),
            ("--appendonly", "no"),
            ("--databases", &databases),
        ] {
            command.extend([name.into(), value.into()]);
        }
        let redis = Self { port, keeper: Keeper::start(folder, "KILL", command), next: AtomicU32::new(0) };
        redis.ready();
        redis
    }

    /// A database that no other test of this server has.
    pub fn url(&self) -> String {
        let database = self.next.fetch_add(1, Ordering::Relaxed) % DATABASES;
        format!("redis://127.0.0.1:{}/{database}", self.port)
    }

    /// Its process, while it runs: to measure it.
    pub fn process(&self) -> Option<u32> {
        self.keeper.process()
    }

    /// SIGKILL; everything in it is gone.
    pub fn kill(&self) {
        self.keeper.kill();
    }

    /// Starts it again on its port, empty.
    pub fn restart(&self) {
        self.keeper.restart();
        self.ready();
    }

    fn ready(&self) {
        wait_until("redis-server", &self.keeper.log(), || answers(self.port));
    }
}

fn answers(port: u16) -> bool {
    let Ok(mut stream) = TcpStream::connect_timeout(&loopback(port), Duration::from_secs(1)) else {
        return false;
    };
    let _ = stream.set_read_timeout(Some(Duration::from_secs(1)));
    let mut answer = [0; 5];
    stream.write_all(b"PING\r\n").and_then(|()| stream.read_exact(&mut answer)).is_ok() && &answer == b"+PONG"
}
