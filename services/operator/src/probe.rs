//! Probes partners' endpoints with a connection and a TLS handshake. It must send nothing after the handshake. It takes
//! the same path as record-aggregation, through the mesh and under the same address rules, so that nothing extra is
//! opened for it.

mod tls;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use jiff::Timestamp;
use lcr_model::Clock;
use lcr_web::EgressRules;
use tokio::{net::TcpStream, sync::Semaphore, time::timeout};

use crate::{
    domain::{
        conditions::{ProbeFailure, ProbeResult},
        egress::Host,
    },
    reconcile::timing,
};

pub use tls::TrustRoots;

/// Probes at once. 300 hosts that do not answer are done within ten seconds.
const MAX_CONCURRENT_PROBES: usize = 100;
/// The timeout of one probe, from name lookup to certificate.
const PROBE_TIMEOUT: Duration = Duration::from_secs(3);
const PROBE_INTERVAL: Duration = Duration::from_mins(5);

/// The last result and the next probe time of a host.
#[derive(Debug, Default)]
struct HostState {
    last_result: Option<ProbeResult>,
    /// No probe starts before this time.
    next_probe_at: Option<Timestamp>,
}

/// The probes of all hosts.
#[derive(Clone)]
pub struct Probes {
    rules: Arc<EgressRules>,
    trust: TrustRoots,
    clock: Arc<dyn Clock>,
    probe_slots: Arc<Semaphore>,
    hosts: Arc<Mutex<HashMap<Host, HostState>>>,
}

impl std::fmt::Debug for Probes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Probes")
    }
}

impl Probes {
    pub fn new(rules: EgressRules, trust: TrustRoots, clock: Arc<dyn Clock>) -> Self {
        let probe_slots = Arc::new(Semaphore::new(MAX_CONCURRENT_PROBES));
        Self { rules: Arc::new(rules), trust, clock, probe_slots, hosts: Arc::default() }
    }

    /// Returns the last result. Starts a probe if one is due, and calls `on_change` if its result differs.
    pub fn latest_result(&self, host: &Host, on_change: impl FnOnce() + Send + 'static) -> Option<ProbeResult> {
        let now = self.clock.now();
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = hosts.entry(host.clone()).or_default();
        let last_result = entry.last_result.clone();
        if entry.next_probe_at.is_none_or(|due_at| due_at <= now) {
            entry.next_probe_at = now.checked_add(PROBE_INTERVAL + timing::jitter(PROBE_INTERVAL)).ok();
            tokio::spawn(self.clone().probe_and_store(host.clone(), on_change));
        }
        last_result
    }

    /// Drops the hosts for which `named` is false.
    pub fn retain_hosts(&self, named: impl Fn(&Host) -> bool) {
        self.hosts.lock().unwrap_or_else(PoisonError::into_inner).retain(|host, _| named(host));
    }

    async fn probe_and_store(self, host: Host, on_change: impl FnOnce()) {
        let Ok(_slot) = self.probe_slots.acquire().await else { return };
        let result = self.probe_host(&host).await;
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        let changed =
            hosts.get_mut(&host).is_some_and(|entry| entry.last_result.replace(result.clone()) != Some(result));
        drop(hosts);
        if changed {
            on_change();
        }
    }

    /// Probes a host once, now.
    pub async fn probe_host(&self, host: &Host) -> ProbeResult {
        let failure = |reason| ProbeResult { connection: Err(reason), certificate: None };
        let probe = async {
            match self.connect(host).await {
                Err(reason) => failure(reason),
                Ok(stream) => match self.trust.handshake(&host.name, stream).await {
                    None => failure(ProbeFailure::NoTls),
                    certificate => ProbeResult { connection: Ok(()), certificate },
                },
            }
        };
        timeout(PROBE_TIMEOUT, probe).await.unwrap_or_else(|_| failure(ProbeFailure::TimedOut))
    }

    async fn connect(&self, host: &Host) -> Result<TcpStream, ProbeFailure> {
        let addresses = tokio::net::lookup_host((host.name.as_str(), host.port)).await;
        let addresses: Vec<_> = addresses.map_err(|_| ProbeFailure::NoAddress)?.collect();
        let permitted: Vec<_> = addresses.iter().filter(|address| self.rules.permits(address.ip())).copied().collect();
        match (addresses.is_empty(), permitted.is_empty()) {
            (true, _) => Err(ProbeFailure::NoAddress),
            (false, true) => Err(ProbeFailure::NotPermitted),
            _ => TcpStream::connect(permitted.as_slice()).await.map_err(|_| ProbeFailure::NoConnection),
        }
    }
}
