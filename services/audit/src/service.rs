//! Audit's contract: appends entries before a view, and answers officers and patients about the log. Reading the log must
//! always leave an entry.

mod adoption;
mod checkpoint;
pub mod checkpoint_monitor;
mod incidents;
mod merkle_tree;
mod patient_log;
mod reconcile;
pub mod sequencer;
mod verification;

pub use verification::OutsideTree;

use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;
use lcr_contracts::{
    Audit, Caller, Failure, FailureKind,
    audit::{
        AccessKind, Entry, EntryFingerprint, EntryQuery, IncidentPage, LogState, OpenEntry, Outcome, PatientLog,
        Reconciliation, TreeHead, ViewAdoption,
    },
    incidents::{Incident, IncidentList, NewIncident},
    vocabulary::ReasonCode,
};
use lcr_model::{Clock, OdsCode, PersonId, Role, ServiceName, ViewId, seal::DataKeys};
use lcr_runtime::Stop;
use lcr_store::{SetWriter, Store, db_failure};
use tokio::sync::Notify;
use uuid::Uuid;

use crate::{
    Metrics,
    domain::row_code::RowKey,
    store::{self, NewEntry, Reader},
};
use checkpoint_monitor::CheckpointMonitor;

#[derive(Debug, Clone)]
pub struct Service {
    pub store: Store,
    /// Appends the entries of many callers together.
    pub appends: SetWriter<NewEntry, ()>,
    pub clock: Arc<dyn Clock>,
    pub stop: Stop,
    /// Wakes the sequencer.
    pub wake: Arc<Notify>,
    pub metrics: Metrics,
    pub key: RowKey,
    /// Seal the words of incidents.
    pub text_keys: Arc<DataKeys>,
    pub monitor: CheckpointMonitor,
}

/// Only officers read the whole log.
fn require_officer(caller: &Caller) -> Result<(), Failure> {
    if matches!(caller.actor.role, Role::PrivacyOfficer | Role::CaldicottGuardian) {
        return Ok(());
    }
    Err(Failure::forbidden("The log is for privacy officers and the Caldicott guardian."))
}

#[async_trait]
impl Audit for Service {
    async fn open(&self, caller: &Caller, entry: OpenEntry) -> Result<(), Failure> {
        self.append(caller, entry, TreeHead::default()).await.map(|_| ())
    }

    async fn append(&self, caller: &Caller, entry: OpenEntry, seen: TreeHead) -> Result<Option<TreeHead>, Failure> {
        if caller.service != ServiceName::Consent {
            return Err(Failure::forbidden("Only consent opens entries."));
        }
        // This version cannot record a kind of view that it does not know, so the view is refused.
        if entry.what == AccessKind::Unknown {
            return Err(Failure::new(FailureKind::Unavailable, "This version cannot record such a view yet."));
        }
        self.append_entry(entry, &seen).await.map(Some)
    }

    async fn reconcile(&self, seen: TreeHead, remembered: Vec<EntryFingerprint>) -> Result<Reconciliation, Failure> {
        self.reconcile_entries(&seen, &remembered).await
    }

    async fn entries(&self, caller: &Caller, query: EntryQuery) -> Result<Vec<Entry>, Failure> {
        require_officer(caller)?;
        self.append_entry(self.log_reading_entry(caller, query.person), &TreeHead::default()).await?;
        Ok(store::read_page(self.store.read(), &query, Reader::Officer(&caller.actor.org)).await?)
    }

    async fn patient_log(&self, caller: &Caller, before: Option<Uuid>) -> Result<PatientLog, Failure> {
        self.read_own_log(caller, before).await
    }

    async fn choice_steps(&self, after: Uuid) -> Result<Vec<OpenEntry>, Failure> {
        Ok(store::choice_steps(self.store.read(), after).await?)
    }

    async fn claim_steps(&self, after: Uuid) -> Result<Vec<OpenEntry>, Failure> {
        Ok(store::claim_steps(self.store.read(), after).await?)
    }

    async fn adoption(&self, caller: &Caller, ods: &OdsCode, since: Timestamp) -> Result<ViewAdoption, Failure> {
        self.read_adoption(caller, ods, since).await
    }

    async fn log_state(&self) -> Result<LogState, Failure> {
        sequencer::log_state(&self.store).await
    }

    async fn incidents(&self, caller: &Caller) -> Result<IncidentList, Failure> {
        self.list_incidents(caller).await
    }

    async fn incident(&self, caller: &Caller, id: Uuid) -> Result<Incident, Failure> {
        self.read_incident(caller, id).await
    }

    async fn open_incident(&self, caller: &Caller, new: NewIncident) -> Result<Incident, Failure> {
        self.record_incident(caller, new).await
    }

    async fn share_incident(&self, caller: &Caller, id: Uuid, with: OdsCode) -> Result<(), Failure> {
        self.record_share(caller, id, &with).await
    }

    async fn end_incident_share(&self, caller: &Caller, id: Uuid, with: OdsCode) -> Result<(), Failure> {
        self.end_share(caller, id, &with).await
    }

    async fn close_incident(&self, caller: &Caller, id: Uuid) -> Result<(), Failure> {
        self.record_close(caller, id).await
    }

    async fn incident_entries(&self, caller: &Caller, id: Uuid, page: IncidentPage) -> Result<Vec<Entry>, Failure> {
        self.read_incident_log(caller, id, page).await
    }
}

impl Service {
    /// Returns once the entry is on disk. Fails while the log is halted.
    async fn append_entry(&self, entry: OpenEntry, seen: &TreeHead) -> Result<TreeHead, Failure> {
        self.append_with(entry, seen, None).await
    }

    /// Appends an entry about a change of an incident, and makes the change in the same transaction.
    async fn append_with(
        &self,
        entry: OpenEntry,
        seen: &TreeHead,
        change: Option<store::incident::Change>,
    ) -> Result<TreeHead, Failure> {
        if self.stop.is_cancelled() {
            return Err(Failure::new(FailureKind::Unavailable, "The log is stopping."));
        }
        let head = self.monitor.check(Some(seen)).await?;
        let people = if store::expects_completion(&entry) { entry.people.len() } else { 0 };
        let now = self.clock.now();
        match change {
            None => self.appends.write(NewEntry::of(&self.key, &entry, now).map_err(db_failure)?).await?,
            Some(change) => {
                let key = self.key.clone();
                let write = self.store.write(async move |tx| {
                    store::append(&tx, &key, &entry, now).await?;
                    store::incident::apply(&tx, change).await
                });
                write.await?;
            }
        }
        self.metrics.count_opened(people);
        self.wake.notify_one();
        Ok(head)
    }

    /// Measures the queue and the age of the checkpoint, for as long as the process runs.
    pub async fn sample_queue(self) {
        lcr_observe::sample(|| async {
            let _ = self.monitor.check(None).await;
            self.metrics.checkpoint_age.set(self.monitor.age().await);
            if let Ok(queue) = store::tree::queue_state(self.store.read()).await {
                self.metrics.set_queue(&queue, self.clock.now());
            }
        })
        .await;
    }

    /// The entry about reading the log itself.
    fn log_reading_entry(&self, caller: &Caller, person: Option<PersonId>) -> OpenEntry {
        OpenEntry {
            id: Uuid::now_v7(),
            view: ViewId::new(),
            at: self.clock.now(),
            actor: caller.actor.clone(),
            audience: ServiceName::Audit,
            what: AccessKind::AuditLog,
            outcome: Outcome::Allowed,
            reason: ReasonCode::LogRead,
            people: person.into_iter().collect(),
            datasets: vec![],
            policy_version: String::new(),
            choice: None,
            concerned: std::collections::BTreeMap::new(),
        }
    }
}
