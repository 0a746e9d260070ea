//! The options of a split platform, and the settings of each of its processes that follow from them. It must never start
//! anything.

use std::{collections::BTreeMap, num::NonZeroU32, path::PathBuf, time::Duration};

use lcr_all_in_one::{OverridePolicy, Ports};
use lcr_contracts::call_graph;
use lcr_model::ServiceName;

use super::TRIAL_KEY;

/// The operator's own settings: those of a cluster with a mesh.
const OPERATOR: [(&str, &str); 6] = [
    ("LEASE_NAMESPACE", "lcr"),
    ("APPLICATION_NAMESPACE", "lcr"),
    ("SERVICE_ACCOUNT_PREFIX", "lcr-"),
    ("TRUST_DOMAIN", "cluster.local"),
    ("EGRESS_NAMESPACE", "lcr-egress"),
    ("CREDENTIALS_NAMESPACE", "lcr-partners"),
];

/// The options of a split platform.
#[derive(Debug)]
pub struct SplitOptions {
    pub ports: Ports,
    pub replicas: u16,
    pub log: &'static str,
    pub provider: String,
    pub patients: bool,
    pub deadline: Duration,
    pub searches_per_minute: NonZeroU32,
    pub override_policy: OverridePolicy,
    /// Worker threads of each process; by default one for each processor.
    pub threads: Option<u16>,
    /// The bus and the cache to use instead of starting them.
    pub external: Option<ExternalServers>,
    /// A PEM file with the certificate authorities that each process trusts; by default the machine's.
    pub trust: Option<PathBuf>,
}

/// A bus and a cache that the test runs itself.
#[derive(Debug, Clone)]
pub struct ExternalServers {
    pub bus: String,
    /// The bus's address without TLS, for the test itself.
    pub bus_plaintext: String,
    /// The number of servers that store each stream.
    pub bus_replicas: u16,
    pub cache: String,
    /// A PEM file with the certificate authorities of both.
    pub trust: PathBuf,
}

impl SplitOptions {
    /// The settings of one replica, without its database.
    pub(super) fn settings(&self, service: ServiceName, replica: u16) -> BTreeMap<String, String> {
        let mut settings = BTreeMap::new();
        let mut set = |name: &str, value: String| settings.insert(format!("LCR_{name}"), value);
        set("LISTEN", format!("127.0.0.1:{}", self.port(service, replica)));
        set("ADMIN_LISTEN", format!("127.0.0.1:{}", self.admin_port(service, replica)));
        set("TRIAL_KEY", TRIAL_KEY.to_owned());
        set("LOG", self.log.to_owned());
        set("DEMO", "true".to_owned());
        for callee in call_graph::callees(service) {
            let name = format!("{}_URL", callee.as_str().replace('-', "_").to_uppercase());
            set(&name, format!("http://127.0.0.1:{}", canonical_port(self.ports, callee)));
        }
        match service {
            ServiceName::Gateway => drop(set("PUBLIC_ORIGIN", self.origin())),
            ServiceName::Identity => {
                set("PUBLIC_ORIGIN", self.origin());
                let provider = format!(
                    "[{{ issuer = \"{}\", client_id = \"leeds-care-record\", patients = {} }}]",
                    self.provider, self.patients
                );
                set("PROVIDERS", provider);
            }
            ServiceName::PatientIndex => {
                set("SEARCHES_PER_MINUTE", self.searches_per_minute.to_string());
            }
            ServiceName::Consent => drop(set("OVERRIDE_POLICY", self.override_policy.to_string())),
            ServiceName::RecordAggregation => {
                set("DEADLINE_MS", self.deadline.as_millis().to_string());
            }
            ServiceName::Feeds => {
                set("MLLP_LISTEN", format!("127.0.0.1:{}", self.mllp_port(replica)));
            }
            ServiceName::Operator => {
                for (name, value) in OPERATOR {
                    set(name, value.to_owned());
                }
            }
            _ => {}
        }
        settings
    }

    fn origin(&self) -> String {
        format!("http://localhost:{}", self.ports.gateway)
    }

    /// The port of a replica.
    pub(super) fn port(&self, service: ServiceName, replica: u16) -> u16 {
        let own = canonical_port(self.ports, service);
        if self.replicas == 1 { own } else { own + 20 + replica * 10 }
    }

    pub(super) fn mllp_port(&self, replica: u16) -> u16 {
        if self.replicas == 1 { self.ports.mllp() } else { self.ports.mllp() + 20 + replica * 10 }
    }

    /// The admin port of a replica.
    pub(super) fn admin_port(&self, service: ServiceName, replica: u16) -> u16 {
        canonical_port(self.ports, service) + 100 + replica * 10
    }
}

/// Whether a service uses the cache.
pub(super) fn uses_cache(service: ServiceName) -> bool {
    matches!(service, ServiceName::Gateway | ServiceName::RecordAggregation)
}

/// Whether a service has a store and uses the bus.
pub(super) fn uses_store(service: ServiceName) -> bool {
    !matches!(service, ServiceName::Gateway | ServiceName::Operator)
}

/// The port of a service in a platform in one process, and that of the operator, which only a split platform has.
pub fn canonical_port(ports: Ports, service: ServiceName) -> u16 {
    match service {
        ServiceName::Identity => ports.identity(),
        ServiceName::Consent => ports.consent(),
        ServiceName::PatientIndex => ports.patient_index(),
        ServiceName::RecordAggregation => ports.record_aggregation(),
        ServiceName::VirtualWard => ports.virtual_ward(),
        ServiceName::Audit => ports.audit(),
        ServiceName::Feeds => ports.feeds(),
        ServiceName::Operator => ports.gateway + 8,
        ServiceName::Gateway => ports.gateway,
    }
}
