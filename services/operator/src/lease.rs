//! Leader election: the replica that holds the Lease writes. All replicas watch, so a successor can start at once.
//!
//! A holder counts as gone if the Lease has not changed for its duration by the watcher's own clock. Clocks of two nodes
//! must never be compared. Replicas take the Lease by updating the version they read, so one of two rivals is refused.
//! Two leaders may overlap for a moment, which is safe because every write is the complete intent.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use k8s_openapi::{
    api::coordination::v1::{Lease as KubeLease, LeaseSpec},
    apimachinery::pkg::apis::meta::v1::{MicroTime, ObjectMeta},
};
use kube::{Api, Client, api::PostParams};
use lcr_model::Clock;
use lcr_runtime::Stop;
use tokio::{
    sync::watch,
    time::{Instant, timeout},
};

use crate::Failure;

/// How long a Lease lasts without renewal. A successor writes within 15 seconds.
pub const LEASE_DURATION: Duration = Duration::from_secs(10);
/// How often each replica tries to acquire or renew the Lease.
pub const RETRY_PERIOD: Duration = Duration::from_secs(2);
/// A holder that cannot renew for this long stops writing, before a successor may start.
const RENEW_DEADLINE: Duration = Duration::from_secs(7);

/// One replica's part in the election.
pub struct Lease {
    api: Api<KubeLease>,
    name: String,
    identity: String,
    clock: Arc<dyn Clock>,
    /// The resource version last seen, and when it was first seen.
    observed_version: Option<(String, Instant)>,
    renewed_at: Option<Instant>,
}

impl std::fmt::Debug for Lease {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Lease({} for {})", self.name, self.identity)
    }
}

impl Lease {
    pub fn new(client: Client, namespace: &str, name: &str, identity: &str, clock: Arc<dyn Clock>) -> Self {
        let api = Api::namespaced(client, namespace);
        Self {
            api,
            name: name.to_owned(),
            identity: identity.to_owned(),
            clock,
            observed_version: None,
            renewed_at: None,
        }
    }

    /// Acquires and renews the Lease until `stop`, then releases it. `leader` always says whether this replica may write.
    pub async fn run(mut self, leader: watch::Sender<bool>, stop: Stop) {
        while !stop.is_cancelled() {
            let is_leader = self.try_acquire().await;
            if leader.send_if_modified(|now| std::mem::replace(now, is_leader) != is_leader) {
                tracing::info!(holds = is_leader, lease = self.name, "leadership changed");
            }
            tokio::select! { () = stop.cancelled() => {}, () = tokio::time::sleep(RETRY_PERIOD) => {} }
        }
        if leader.send_replace(false)
            && let Err(error) = self.release().await
        {
            tracing::warn!(%error, "the lease was not released; it will expire");
        }
    }

    /// Acquires or renews the Lease. Returns whether this replica is the leader. After a failed request a leader stays
    /// leader until `RENEW_DEADLINE`.
    pub async fn try_acquire(&mut self) -> bool {
        match timeout(RETRY_PERIOD, self.acquire_or_renew()).await {
            Ok(Ok(true)) => {
                self.renewed_at = Some(Instant::now());
                true
            }
            Ok(Ok(false)) => {
                self.renewed_at = None;
                false
            }
            Ok(Err(error)) => {
                tracing::warn!(%error, "the lease could not be renewed");
                self.renewed_recently()
            }
            Err(_) => self.renewed_recently(),
        }
    }

    fn renewed_recently(&self) -> bool {
        self.renewed_at.is_some_and(|at| at.elapsed() < RENEW_DEADLINE)
    }

    async fn acquire_or_renew(&mut self) -> Result<bool, Failure> {
        let failed = || Failure::cluster("the lease");
        let Some(lease) = self.api.get_opt(&self.name).await.map_err(failed())? else {
            let metadata = ObjectMeta { name: Some(self.name.clone()), ..ObjectMeta::default() };
            let new_lease = KubeLease { metadata, spec: Some(self.own_spec(None)) };
            return is_acquired(self.api.create(&PostParams::default(), &new_lease).await).map_err(failed());
        };
        let spec = lease.spec.as_ref();
        if !self.can_acquire(spec, lease.metadata.resource_version.as_deref()) {
            return Ok(false);
        }
        let updated = KubeLease { spec: Some(self.own_spec(spec)), metadata: lease.metadata };
        is_acquired(self.api.replace(&self.name, &PostParams::default(), &updated).await).map_err(failed())
    }

    /// Whether the Lease is ours, unheld or expired.
    fn can_acquire(&mut self, spec: Option<&LeaseSpec>, version: Option<&str>) -> bool {
        let version = version.unwrap_or_default();
        if self.observed_version.as_ref().is_none_or(|(seen, _)| seen != version) {
            self.observed_version = Some((version.to_owned(), Instant::now()));
        }
        let holder = spec.and_then(|spec| spec.holder_identity.as_deref()).unwrap_or_default();
        let duration = spec.and_then(|spec| spec.lease_duration_seconds).and_then(|secs| u64::try_from(secs).ok());
        let duration = duration.map_or(LEASE_DURATION, Duration::from_secs);
        holder.is_empty()
            || holder == self.identity
            || self.observed_version.as_ref().is_some_and(|(_, at)| at.elapsed() >= duration)
    }

    fn own_spec(&self, previous: Option<&LeaseSpec>) -> LeaseSpec {
        let now = Some(MicroTime(self.now()));
        let renewal = previous.filter(|spec| spec.holder_identity.as_ref() == Some(&self.identity));
        let transitions = previous.and_then(|spec| spec.lease_transitions).unwrap_or_default();
        LeaseSpec {
            holder_identity: Some(self.identity.clone()),
            lease_duration_seconds: i32::try_from(LEASE_DURATION.as_secs()).ok(),
            acquire_time: renewal.map_or(now.clone(), |spec| spec.acquire_time.clone()),
            renew_time: now,
            lease_transitions: Some(if renewal.is_some() { transitions } else { transitions + 1 }),
            ..LeaseSpec::default()
        }
    }

    fn now(&self) -> Timestamp {
        self.clock.now().round(jiff::Unit::Microsecond).unwrap_or_else(|_| self.clock.now())
    }

    /// Clears the holder, so that a successor need not wait.
    async fn release(&self) -> Result<(), Failure> {
        let failed = || Failure::cluster("the lease");
        let Some(mut lease) = self.api.get_opt(&self.name).await.map_err(failed())? else { return Ok(()) };
        if let Some(spec) = lease.spec.as_mut().filter(|spec| spec.holder_identity.as_ref() == Some(&self.identity)) {
            spec.holder_identity = None;
            self.api.replace(&self.name, &PostParams::default(), &lease).await.map_err(failed())?;
        }
        Ok(())
    }
}

/// Whether the write won. A conflict means that another replica was first and is not an error.
fn is_acquired(result: kube::Result<KubeLease>) -> kube::Result<bool> {
    match result {
        Ok(_) => Ok(true),
        Err(kube::Error::Api(status)) if status.code == 409 => Ok(false),
        Err(error) => Err(error),
    }
}
