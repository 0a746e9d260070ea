//! Real servers for tests: each on a free loopback port, in its own folder, stopped however the test ends. A missing
//! server must fail the test and say how to install it: a suite that skips silently proves nothing.

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

/// The longest start of a server: a small machine may be building meanwhile.
const PATIENCE: Duration = Duration::from_mins(1);

/// The path of `name`: from the environment, from where `cargo xtask test` installs it, from the path, or from a usual
/// folder.
///
/// # Panics
/// If it is not installed.
#[allow(clippy::panic, reason = "a test without its server has failed")]
fn program(variable: &str, name: &str, usual: Vec<PathBuf>) -> PathBuf {
    if let Some(file) = env::var_os(variable).filter(|variable| !variable.is_empty()) {
        return PathBuf::from(file);
    }
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| super::root().join("target"), PathBuf::from);
    let path = env::var_os("PATH").unwrap_or_default();
    let mut folders = vec![target.join("tools/servers/bin")];
    folders.extend(env::split_paths(&path));
    folders.extend(usual);
    let found = folders.iter().map(|folder| folder.join(name)).find(|file| file.is_file());
    found.unwrap_or_else(|| panic!("no {name} here: `cargo xtask test` installs it, or {variable} names it"))
}

/// A port that is free at the moment.
///
/// # Panics
/// If there is none.
#[allow(clippy::expect_used, reason = "a machine without ports runs no test")]
pub fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    listener.local_addr().expect("a bound port").port()
}

fn loopback(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, port))
}

/// Waits until `serves` returns true.
///
/// # Panics
/// If it never does. Shows the server's log.
#[allow(clippy::panic, reason = "a test without its server has failed")]
fn wait_until(what: &str, log: &std::path::Path, serves: impl Fn() -> bool) {
    let started = Instant::now();
    while !serves() {
        if started.elapsed() > PATIENCE {
            let log_text = std::fs::read_to_string(log).unwrap_or_default();
            panic!("{what} does not serve:\n{log_text}");
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}
