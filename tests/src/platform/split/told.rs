//! What a split platform is told, and what each of its processes is told in turn: ports, addresses, settings. It must
//! never start anything.

use std::{collections::BTreeMap, num::NonZeroU32, path::PathBuf, time::Duration};

use lcr_all_in_one::Ports;
use lcr_contracts::arrows;
use lcr_model::ServiceName;

use super::TRIAL_KEY;

/// What a split platform is told.
#[derive(Debug)]
pub struct Told {
    pub ports: Ports,
    pub replicas: u16,
    pub log: &'static str,
    pub provider: String,
    pub patients: bool,
    pub deadline: Duration,
    pub searches_per_minute: NonZeroU32,
    /// Threads that each process computes with; without, as many as there are processors.
    pub threads: Option<u16>,
    /// Another bus and cache than those it would start.
    pub around: Option<Around>,
}

/// A bus and a cache that somebody else runs.
#[derive(Debug, Clone)]
pub struct Around {
    pub bus: String,
    /// Where a test looks into it, which trusts nobody: in clear.
    pub bus_seen_from_here: String,
    /// How many of its servers keep each stream.
    pub bus_replicas: u16,
    pub cache: String,
    /// The authorities that vouch for them, as a PEM file.
    pub trust: PathBuf,
}

impl Told {
    /// The settings of one replica, without a database.
    pub(super) fn settings(&self, service: ServiceName, replica: u16) -> BTreeMap<String, String> {
        let mut told = BTreeMap::new();
        let mut tell = |name: &str, value: String| told.insert(format!("LCR_{name}"), value);
        tell("LISTEN", format!("127.0.0.1:{}", self.port(service, replica)));
        tell("ADMIN_LISTEN", format!("127.0.0.1:{}", self.admin(service, replica)));
        tell("TRIAL_KEY", TRIAL_KEY.to_owned());
        tell("LOG", self.log.to_owned());
        tell("DEMO", "true".to_owned());
        for callee in arrows::callees(service) {
            let name = format!("{}_URL", callee.as_str().replace('-', "_").to_uppercase());
            tell(&name, format!("http://127.0.0.1:{}", canonical(self.ports, callee)));
        }
        match service {
            ServiceName::Gateway => drop(tell("PUBLIC_ORIGIN", self.origin())),
            ServiceName::Identity => {
                tell("PUBLIC_ORIGIN", self.origin());
                let provider = format!(
                    "[{{ issuer = \"{}\", client_id = \"leeds-care-record\", patients = {} }}]",
                    self.provider, self.patients
                );
                tell("PROVIDERS", provider);
            }
            ServiceName::PatientIndex => {
                tell("SEARCHES_PER_MINUTE", self.searches_per_minute.to_string());
            }
            ServiceName::RecordAggregation => {
                tell("DEADLINE_MS", self.deadline.as_millis().to_string());
            }
            ServiceName::Feeds => {
                tell("MLLP_LISTEN", format!("127.0.0.1:{}", self.mllp(replica)));
            }
            _ => {}
        }
        told
    }

    fn origin(&self) -> String {
        format!("http://localhost:{}", self.ports.gateway)
    }

    /// Where a replica listens itself.
    pub(super) fn port(&self, service: ServiceName, replica: u16) -> u16 {
        let own = canonical(self.ports, service);
        if self.replicas == 1 { own } else { own + 20 + replica * 10 }
    }

    pub(super) fn mllp(&self, replica: u16) -> u16 {
        if self.replicas == 1 { self.ports.mllp() } else { self.ports.mllp() + 20 + replica * 10 }
    }

    /// Where it tells how it is.
    pub(super) fn admin(&self, service: ServiceName, replica: u16) -> u16 {
        canonical(self.ports, service) + 100 + replica * 10
    }
}

/// Whether a service asks the cache.
pub(super) fn remembers(service: ServiceName) -> bool {
    matches!(service, ServiceName::Gateway | ServiceName::RecordAggregation)
}

/// The port of the one-process form.
pub fn canonical(ports: Ports, service: ServiceName) -> u16 {
    match service {
        ServiceName::Identity => ports.identity(),
        ServiceName::Consent => ports.consent(),
        ServiceName::PatientIndex => ports.patient_index(),
        ServiceName::RecordAggregation => ports.record_aggregation(),
        ServiceName::VirtualWard => ports.virtual_ward(),
        ServiceName::Audit => ports.audit(),
        ServiceName::Feeds => ports.feeds(),
        _ => ports.gateway,
    }
}
