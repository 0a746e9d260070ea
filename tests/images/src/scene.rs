//! The servers and settings of services in containers, like `tests/src/platform/split.rs` but without anything of the
//! demonstration. It must never start a container.

use std::collections::BTreeMap;

use lcr_contracts::call_graph;
use lcr_model::ServiceName;
use lcr_testkit::servers::{Nats, Postgres, Redis, free_port};

/// Every key of the test's services is derived from this.
const TRIAL_KEY: &str = "only-for-tests-and-trials-0123456789";

/// The services that need no cluster, each callee before its callers.
pub const SERVICES: [ServiceName; 8] = [
    ServiceName::Audit,
    ServiceName::Identity,
    ServiceName::Consent,
    ServiceName::PatientIndex,
    ServiceName::RecordAggregation,
    ServiceName::VirtualWard,
    ServiceName::Feeds,
    ServiceName::Gateway,
];

/// `PostgreSQL`, NATS and Redis, and two ports for each service.
#[derive(Debug)]
pub struct Scene {
    postgres: Postgres,
    nats: Nats,
    redis: Redis,
    ports: BTreeMap<ServiceName, (u16, u16)>,
}

impl Default for Scene {
    fn default() -> Self {
        Self {
            postgres: Postgres::start(&[("fsync", "off")]),
            nats: Nats::start(),
            redis: Redis::start(),
            ports: SERVICES.into_iter().map(|service| (service, (free_port(), free_port()))).collect(),
        }
    }
}

/// Whether a service has a schema of its own.
pub fn has_store(service: ServiceName) -> bool {
    service != ServiceName::Gateway
}

impl Scene {
    /// The admin port of a service.
    pub fn admin_port(&self, service: ServiceName) -> u16 {
        self.ports[&service].1
    }

    /// The settings of one service.
    pub fn settings(&self, service: ServiceName) -> BTreeMap<String, String> {
        let mut settings = common_settings(self.ports[&service]);
        let mut set = |name: &str, value: String| settings.insert(format!("LCR_{name}"), value);
        if has_store(service) {
            set("DATABASE_URL", self.postgres.url());
            set("BUS_URL", self.nats.url());
        }
        if matches!(service, ServiceName::Gateway | ServiceName::RecordAggregation) {
            set("CACHE_URL", self.redis.url());
        }
        for callee in call_graph::callees(service) {
            let name = format!("{}_URL", callee.as_str().replace('-', "_").to_uppercase());
            set(&name, format!("http://127.0.0.1:{}", self.ports[&callee].0));
        }
        if matches!(service, ServiceName::Gateway | ServiceName::Identity) {
            set("PUBLIC_ORIGIN", format!("http://localhost:{}", self.ports[&ServiceName::Gateway].0));
        }
        settings
    }
}

/// The operator's settings and admin port. It needs none of the servers, and calls identity only when there is something to
/// write.
pub fn operator_settings() -> (BTreeMap<String, String>, u16) {
    let (port, admin) = (free_port(), free_port());
    let mut settings = common_settings((port, admin));
    for (name, value) in [
        ("IDENTITY_URL", "http://127.0.0.1:9"),
        ("LEASE_NAMESPACE", "lcr"),
        ("APPLICATION_NAMESPACE", "lcr"),
        ("SERVICE_ACCOUNT_PREFIX", "lcr-"),
        ("TRUST_DOMAIN", "cluster.local"),
    ] {
        settings.insert(format!("LCR_{name}"), value.to_owned());
    }
    (settings, admin)
}

/// The settings of every service.
fn common_settings((port, admin): (u16, u16)) -> BTreeMap<String, String> {
    BTreeMap::from([
        ("LCR_LISTEN".to_owned(), format!("127.0.0.1:{port}")),
        ("LCR_ADMIN_LISTEN".to_owned(), format!("127.0.0.1:{admin}")),
        ("LCR_TRIAL_KEY".to_owned(), TRIAL_KEY.to_owned()),
    ])
}
