//! Three NATS servers that keep every stream together, reached over TLS as in production: what one of them holds the
//! others hold too. A test that wants none of that starts one `Nats`.

use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    path::Path,
    time::Duration,
};

use super::{free_port, keeper::Keeper, loopback, nats, program, wait_until};
use crate::Certificate;

const SERVERS: usize = 3;
const ANSWER: Duration = Duration::from_secs(2);

/// The running servers; stopped and removed when dropped.
#[derive(Debug)]
pub struct NatsCluster {
    ports: [u16; SERVERS],
    /// Where each says how it is.
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

    /// All three addresses; `host` is what their certificate names.
    pub fn url(&self, scheme: &str, host: &str) -> String {
        self.ports.map(|port| format!("{scheme}://{host}:{port}")).join(",")
    }

    /// SIGKILL; its folder stays.
    pub fn kill(&self, one: usize) {
        self.servers[one].kill();
    }

    /// Starts it again where it was, and waits, as a cluster does before it stops the next, until it says that it is
    /// well: it has caught up with each stream and with each consumer's place. A place of which only one server knows
    /// has no majority when that one fails too.
    pub fn restart(&self, one: usize) {
        self.servers[one].restart();
        self.ready(one);
        wait_until("nats-server", &self.servers[one].log(), || is_well(self.health[one]));
    }

    fn ready(&self, one: usize) {
        wait_until("nats-server", &self.servers[one].log(), || nats::greets(self.ports[one]));
    }
}

/// Its own word on all it holds.
fn is_well(port: u16) -> bool {
    let asked = || -> std::io::Result<String> {
        let mut stream = TcpStream::connect_timeout(&loopback(port), ANSWER)?;
        stream.set_read_timeout(Some(ANSWER))?;
        stream.write_all(b"GET /healthz HTTP/1.0\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    };
    asked().is_ok_and(|answer| answer.split_whitespace().nth(1) == Some("200"))
}

#[allow(clippy::expect_used, reason = "a test without its server has failed")]
fn start(one: usize, port: u16, health: u16, routes: [u16; SERVERS], own: &Certificate) -> Keeper {
    let program = program("LCR_NATS_SERVER", "nats-server", vec!["/usr/sbin".into()]);
    let folder = Keeper::folder("nats");
    fs::create_dir_all(&folder).expect("a folder for NATS");
    let config = folder.join("server.conf");
    let quoted = |path: &Path| format!("{:?}", path.display().to_string());
    let others = routes.map(|port| format!("\"nats://127.0.0.1:{port}\"")).join(", ");
    // Clients in clear too: the test that looks in from outside has no part in whom the services trust.
    let text = format!(
        "server_name: \"nats-{one}\"\nlisten: \"127.0.0.1:{port}\"\nhttp: \"127.0.0.1:{health}\"\nmax_payload: 8MB\n\
         jetstream {{ store_dir: {}, sync_interval: always }}\n\
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
