//! Three NATS servers that replicate every stream, over TLS as in production. A test that needs only one server starts
//! `Nats`.

use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    path::Path,
    time::Duration,
};

use super::{free_port, keeper::Keeper, loopback, nats, nats::STORE_LIMIT, program, wait_until};
use crate::Certificate;

const SERVERS: usize = 3;
const ANSWER: Duration = Duration::from_secs(2);

/// The running servers; stopped and removed when dropped.
#[derive(Debug)]
pub struct NatsCluster {
    ports: [u16; SERVERS],
    /// The port of each server's health page.
    health: [u16; SERVERS],
    servers: Vec<Keeper>,
}

impl NatsCluster {
    /// # Panics
    /// When it is not installed or does not start.
    pub fn start(own: &Certificate) -> Self {
        let ports = [(); SERVERS].map(|()| free_port());
        let health = [(); SERVERS].map(|()| free_port());
        let routes = [(); SERVERS].map(|()| free_port());
        let server = |one: usize| start(one, ports[one], health[one], routes, own);
        let cluster = Self { ports, health, servers: (0..SERVERS).map(server).collect() };
        (0..SERVERS).for_each(|one| cluster.ready(one));
        cluster
    }

    /// The three addresses. `host` is the name in their certificate.
    pub fn url(&self, scheme: &str, host: &str) -> String {
        self.ports.map(|port| format!("{scheme}://{host}:{port}")).join(",")
    }

    /// Kills a server (SIGKILL). Its folder stays.
    pub fn kill(&self, one: usize) {
        self.servers[one].kill();
    }

    /// Starts it again in its folder and waits until it is healthy: until it has caught up with each stream and each
    /// consumer. A consumer known to one server only would lose its majority if that server failed too.
    pub fn restart(&self, one: usize) {
        self.servers[one].restart();
        self.ready(one);
        wait_until("nats-server", &self.servers[one].log(), || is_well(self.health[one]));
    }

    fn ready(&self, one: usize) {
        wait_until("nats-server", &self.servers[one].log(), || nats::greets(self.ports[one]));
    }
}

/// The server's health page.
fn is_well(port: u16) -> bool {
    let request = || -> std::io::Result<String> {
        let mut stream = TcpStream::connect_timeout(&loopback(port), ANSWER)?;
        stream.set_read_timeout(Some(ANSWER))?;
        stream.write_all(b"GET /healthz HTTP/1.0\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    };
    request().is_ok_and(|answer| answer.split_whitespace().nth(1) == Some("200"))
}

#[allow(clippy::expect_used, reason = "a test without its server has failed")]
fn start(one: usize, port: u16, health: u16, routes: [u16; SERVERS], own: &Certificate) -> Keeper {
    let program = program("LCR_NATS_SERVER", "nats-server", vec!["/usr/sbin".into()]);
    let folder = Keeper::folder("nats");
    fs::create_dir_all(&folder).expect("a folder for NATS");
    let config = folder.join("server.conf");
    let quoted = |path: &Path| format!("{:?}", path.display().to_string());
    let others = routes.map(|port| format!("\"nats://127.0.0.1:{port}\"")).join(", ");
    // Clients may also connect without TLS: the test's own client is not about trust.
    let text = format!(
        "server_name: \"nats-{one}\"\nlisten: \"127.0.0.1:{port}\"\nhttp: \"127.0.0.1:{health}\"\nmax_payload: 8MB\n\
         jetstream {{ store_dir: {}, max_file_store: {STORE_LIMIT}, sync_interval: always }}\n\
         cluster {{ name: \"lcr\", listen: \"127.0.0.1:{}\", routes: [{others}] }}\n\
         tls {{ cert_file: {}, key_file: {} }}\nallow_non_tls: true\n",
        quoted(&folder.join("jetstream")),
        routes[one],
        quoted(&own.certificate),
        quoted(&own.key),
    );
    fs::write(&config, text).expect("NATS' configuration");
    Keeper::start(folder, "KILL", vec![program.into(), "--config".into(), config.into()])
}
