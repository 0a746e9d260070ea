//! Three NATS servers that keep every stream together, reached over TLS as in production: what one of them holds the
//! others hold too. A test that wants none of that starts one `Nats`.

use std::{fs, path::Path};

use super::{free_port, keeper::Keeper, nats, program, wait_until};
use crate::Certificate;

const SERVERS: usize = 3;

/// The running servers; stopped and removed when dropped.
#[derive(Debug)]
pub struct NatsCluster {
    ports: [u16; SERVERS],
    servers: Vec<Keeper>,
}

impl NatsCluster {
    /// # Panics
    /// When it is not installed or does not start.
    pub fn start(own: &Certificate) -> Self {
        let ports = [(); SERVERS].map(|()| free_port());
        let routes = [(); SERVERS].map(|()| free_port());
        let server = |one: usize| start(one, ports, routes, own);
        let cluster = Self { ports, servers: (0..SERVERS).map(server).collect() };
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

    /// Starts it again where it was.
    pub fn restart(&self, one: usize) {
        self.servers[one].restart();
        self.ready(one);
    }

    fn ready(&self, one: usize) {
        wait_until("nats-server", &self.servers[one].log(), || nats::greets(self.ports[one]));
    }
}

#[allow(clippy::expect_used, reason = "a test without its server has failed")]
fn start(one: usize, ports: [u16; SERVERS], routes: [u16; SERVERS], own: &Certificate) -> Keeper {
    let program = program("LCR_NATS_SERVER", "nats-server", vec!["/usr/sbin".into()]);
    let folder = Keeper::folder("nats");
    fs::create_dir_all(&folder).expect("a folder for NATS");
    let config = folder.join("server.conf");
    let quoted = |path: &Path| format!("{:?}", path.display().to_string());
    let others = routes.map(|port| format!("\"nats://127.0.0.1:{port}\"")).join(", ");
    // Clients in clear too: the test that looks in from outside has no part in whom the services trust.
    let text = format!(
        "server_name: \"nats-{one}\"\nlisten: \"127.0.0.1:{}\"\nmax_payload: 8MB\n\
         jetstream {{ store_dir: {}, sync_interval: always }}\n\
         cluster {{ name: \"lcr\", listen: \"127.0.0.1:{}\", routes: [{others}] }}\n\
         tls {{ cert_file: {}, key_file: {} }}\nallow_non_tls: true\n",
        ports[one],
        quoted(&folder.join("jetstream")),
        routes[one],
        quoted(&own.certificate),
        quoted(&own.key),
    );
    fs::write(&config, text).expect("NATS' configuration");
    Keeper::start(folder, "KILL", vec![program.into(), "--config".into(), config.into()])
}
