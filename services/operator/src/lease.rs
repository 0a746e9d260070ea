//! Which replica writes: the one that holds the Lease. All watch, so that a successor knows everything already.
//!
//! A holder that is gone is told by the Lease not changing for as long as it lasts, by the watcher's own clock: clocks
//! of two nodes are never compared. It changes hands by an update of the version that was read, so of two that take it
//! at once one is refused. A Lease is no fence: what is written must be right whoever writes it, which it is, being
//! the complete intent every time.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use k8s_openapi::{
    api::coordination::v1::{Lease as Kept, LeaseSpec},
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

/// How long a Lease lasts that nobody renews, and how often it is looked at: a successor writes within 15 seconds.
pub const LASTS: Duration = Duration::from_secs(10);
pub const EVERY: Duration = Duration::from_secs(2);
/// A holder that could not renew for this long stops writing before anybody else may start.
const GIVES_UP: Duration = Duration::from_secs(7);

/// One replica's hand on the Lease.
pub struct Lease {
    api: Api<Kept>,
    name: String,
    me: String,
    clock: Arc<dyn Clock>,
    /// The version last seen, and since when.
    seen: Option<(String, Instant)>,
    renewed: Option<Instant>,
}

impl std::fmt::Debug for Lease {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Lease({} for {})", self.name, self.me)
    }
}

impl Lease {
    pub fn new(client: Client, namespace: &str, name: &str, me: &str, clock: Arc<dyn Clock>) -> Self {
        let api = Api::namespaced(client, namespace);
        Self { api, name: name.to_owned(), me: me.to_owned(), clock, seen: None, renewed: None }
    }

    /// Holds it or waits for it until `stop`, then gives it back. `leads` always tells whether this replica may write.
    pub async fn keep(mut self, leads: watch::Sender<bool>, stop: Stop) {
        while !stop.is_cancelled() {
            let holds = self.look().await;
            if leads.send_if_modified(|now| std::mem::replace(now, holds) != holds) {
                tracing::info!(holds, lease = self.name, "the lease changed hands");
            }
            tokio::select! { () = stop.cancelled() => {}, () = tokio::time::sleep(EVERY) => {} }
        }
        if leads.send_replace(false)
            && let Err(error) = self.release().await
        {
            tracing::warn!(%error, "the lease was not given back; it ends by itself");
        }
    }

    /// Whether this replica holds it now. A request that fails leaves it as it was, for a while.
    pub async fn look(&mut self) -> bool {
        match timeout(EVERY, self.try_hold()).await {
            Ok(Ok(true)) => {
                self.renewed = Some(Instant::now());
                true
            }
            Ok(Ok(false)) => {
                self.renewed = None;
                false
            }
            Ok(Err(error)) => {
                tracing::warn!(%error, "the lease");
                self.held_lately()
            }
            Err(_) => self.held_lately(),
        }
    }

    fn held_lately(&self) -> bool {
        self.renewed.is_some_and(|at| at.elapsed() < GIVES_UP)
    }

    async fn try_hold(&mut self) -> Result<bool, Failure> {
        let failed = || Failure::cluster("the lease");
        let Some(held) = self.api.get_opt(&self.name).await.map_err(failed())? else {
            let metadata = ObjectMeta { name: Some(self.name.clone()), ..ObjectMeta::default() };
            let first = Kept { metadata, spec: Some(self.mine(None)) };
            return won(self.api.create(&PostParams::default(), &first).await).map_err(failed());
        };
        let spec = held.spec.as_ref();
        if !self.may_take(spec, held.metadata.resource_version.as_deref()) {
            return Ok(false);
        }
        let next = Kept { spec: Some(self.mine(spec)), metadata: held.metadata };
        won(self.api.replace(&self.name, &PostParams::default(), &next).await).map_err(failed())
    }

    /// It is ours, nobody's, or has not changed for as long as it lasts.
    fn may_take(&mut self, spec: Option<&LeaseSpec>, version: Option<&str>) -> bool {
        let version = version.unwrap_or_default();
        if self.seen.as_ref().is_none_or(|(seen, _)| seen != version) {
            self.seen = Some((version.to_owned(), Instant::now()));
        }
        let holder = spec.and_then(|spec| spec.holder_identity.as_deref()).unwrap_or_default();
        let told =
            spec.and_then(|spec| spec.lease_duration_seconds).and_then(|secs| u64::try_from(secs).ok());
        let lasts = told.map_or(LASTS, Duration::from_secs);
        holder.is_empty()
            || holder == self.me
            || self.seen.as_ref().is_some_and(|(_, at)| at.elapsed() >= lasts)
    }

    fn mine(&self, before: Option<&LeaseSpec>) -> LeaseSpec {
        let now = Some(MicroTime(self.now()));
        let goes_on = before.filter(|spec| spec.holder_identity.as_ref() == Some(&self.me));
        let transitions = before.and_then(|spec| spec.lease_transitions).unwrap_or_default();
        LeaseSpec {
            holder_identity: Some(self.me.clone()),
            lease_duration_seconds: i32::try_from(LASTS.as_secs()).ok(),
            acquire_time: goes_on.map_or(now.clone(), |spec| spec.acquire_time.clone()),
            renew_time: now,
            lease_transitions: Some(if goes_on.is_some() { transitions } else { transitions + 1 }),
            ..LeaseSpec::default()
        }
    }

    fn now(&self) -> Timestamp {
        self.clock.now().round(jiff::Unit::Microsecond).unwrap_or_else(|_| self.clock.now())
    }

    /// Nobody's, so that a successor need not wait.
    async fn release(&self) -> Result<(), Failure> {
        let failed = || Failure::cluster("the lease");
        let Some(mut held) = self.api.get_opt(&self.name).await.map_err(failed())? else { return Ok(()) };
        if let Some(spec) = held.spec.as_mut().filter(|spec| spec.holder_identity.as_ref() == Some(&self.me))
        {
            spec.holder_identity = None;
            self.api.replace(&self.name, &PostParams::default(), &held).await.map_err(failed())?;
        }
        Ok(())
    }
}

/// Refused because another was first is an answer, not a failure.
fn won(answer: kube::Result<Kept>) -> kube::Result<bool> {
    match answer {
        Ok(_) => Ok(true),
        Err(kube::Error::Api(status)) if status.code == 409 => Ok(false),
        Err(error) => Err(error),
    }
}
