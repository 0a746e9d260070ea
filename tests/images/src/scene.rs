//! What the services of a cluster stand on, for real, and what each is told: as `tests/src/platform/split.rs` tells the
//! programs of this build, but with nothing of the demonstration.

use std::collections::BTreeMap;

use lcr_contracts::arrows;
use lcr_model::ServiceName;
use lcr_testkit::servers::{Nats, Postgres, Redis, free_port};

/// Every key of a test's platform is derived from this.
const TRIAL_KEY: &str = "only-for-tests-and-trials-0123456789";

/// Those that need no cluster. Whoever is called comes before who calls.
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

/// `PostgreSQL`, NATS and Redis, and a port for everybody.
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

/// Whether it has a schema of its own.
pub fn has_store(service: ServiceName) -> bool {
    service != ServiceName::Gateway
}

impl Scene {
    /// Where it tells how it is.
    pub fn admin(&self, service: ServiceName) -> u16 {
        self.ports[&service].1
    }

    /// The settings of one service.
    pub fn settings(&self, service: ServiceName) -> BTreeMap<String, String> {
        let mut told = of_anybody(self.ports[&service]);
        let mut tell = |name: &str, value: String| told.insert(format!("LCR_{name}"), value);
        if has_store(service) {
            tell("DATABASE_URL", self.postgres.url());
            tell("BUS_URL", self.nats.url());
        }
        if matches!(service, ServiceName::Gateway | ServiceName::RecordAggregation) {
            tell("CACHE_URL", self.redis.url());
        }
        for callee in arrows::callees(service) {
            let name = format!("{}_URL", callee.as_str().replace('-', "_").to_uppercase());
            tell(&name, format!("http://127.0.0.1:{}", self.ports[&callee].0));
        }
        if matches!(service, ServiceName::Gateway | ServiceName::Identity) {
            tell("PUBLIC_ORIGIN", format!("http://localhost:{}", self.ports[&ServiceName::Gateway].0));
        }
        told
    }
}

/// The operator's settings and where it tells how it is: it needs none of the servers, and only looks for identity when
/// there is something to say.
pub fn operator() -> (BTreeMap<String, String>, u16) {
    let (port, admin) = (free_port(), free_port());
    let mut told = of_anybody((port, admin));
    for (name, value) in [
        ("IDENTITY_URL", "http://127.0.0.1:9"),
        ("LEASE_NAMESPACE", "lcr"),
        ("APPLICATION_NAMESPACE", "lcr"),
        ("SERVICE_ACCOUNT_PREFIX", "lcr-"),
        ("TRUST_DOMAIN", "cluster.local"),
    ] {
        told.insert(format!("LCR_{name}"), value.to_owned());
    }
    (told, admin)
}

/// What everybody is told.
fn of_anybody((port, admin): (u16, u16)) -> BTreeMap<String, String> {
    BTreeMap::from([
        ("LCR_LISTEN".to_owned(), format!("127.0.0.1:{port}")),
        ("LCR_ADMIN_LISTEN".to_owned(), format!("127.0.0.1:{admin}")),
        ("LCR_TRIAL_KEY".to_owned(), TRIAL_KEY.to_owned()),
    ])
}
