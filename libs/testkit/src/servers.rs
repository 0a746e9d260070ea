//! Real servers for tests: each on a free port of loopback, in a folder of its own, gone with the test however
//! the test ends. A server that is not installed fails the test and says what installs it: a suite that skips
//! quietly proves nothing.

mod cluster;
mod keeper;
pub mod nats;
pub mod postgres;
pub mod redis;

pub use cluster::NatsCluster;
pub use nats::Nats;
pub use postgres::Postgres;
pub use redis::Redis;

use std::{
    env,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::PathBuf,
    time::{Duration, Instant},
};

/// How long a server may take until it serves: a small machine may be building at the same time.
const PATIENCE: Duration = Duration::from_mins(1);

/// The program `name`: told by the environment, or where `cargo xtask test` puts it, or on the path, or in one
/// of the usual folders.
///
/// # Panics
/// When it is nowhere.
#[allow(clippy::panic, reason = "a test without its server has failed")]
fn program(told: &str, name: &str, usual: Vec<PathBuf>) -> PathBuf {
    if let Some(file) = env::var_os(told).filter(|told| !told.is_empty()) {
        return PathBuf::from(file);
    }
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| super::root().join("target"), PathBuf::from);
    let path = env::var_os("PATH").unwrap_or_default();
    let mut folders = vec![target.join("tools/servers/bin")];
    folders.extend(env::split_paths(&path));
    folders.extend(usual);
    let found = folders.iter().map(|folder| folder.join(name)).find(|file| file.is_file());
    found.unwrap_or_else(|| panic!("no {name} here: `cargo xtask test` installs it, or {told} names it"))
}

/// A port that nobody has at the moment.
///
/// # Panics
/// When the machine has none left.
#[allow(clippy::expect_used, reason = "a machine without ports runs no test")]
pub fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    listener.local_addr().expect("a bound port").port()
}

fn loopback(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, port))
}

/// Waits until `serves` says so.
///
/// # Panics
/// When it never does; the server's own words are shown.
#[allow(clippy::panic, reason = "a test without its server has failed")]
fn wait_until(what: &str, log: &std::path::Path, serves: impl Fn() -> bool) {
    let started = Instant::now();
    while !serves() {
        if started.elapsed() > PATIENCE {
            let said = std::fs::read_to_string(log).unwrap_or_default();
            panic!("{what} does not serve:\n{said}");
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}
