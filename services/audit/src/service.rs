//! What audit does: append before the view, answer those whose desk the log is and the person it is about. Reading
//! the log is an entry too.

mod own;
mod proving;
mod reconciling;
pub mod sequencer;
pub mod watch;

pub use proving::Outside;

use std::sync::Arc;

use async_trait::async_trait;
use lcr_contracts::{
    Audit, Caller, Failure, Kind,
    audit::{Entry, EntryQuery, KeptEntry, LogState, OpenEntry, Outcome, OwnLog, Reconciled, TreeHead, What},
};
use lcr_model::{Clock, PersonId, Role, ServiceName, ViewId};
use lcr_runtime::Stop;
use lcr_store::Store;
use sea_orm::DbErr;
use tokio::sync::Notify;
use uuid::Uuid;

use crate::{
    Numbers,
    domain::code::RowKey,
    store::{self, Reader},
};
use watch::Watch;

#[derive(Debug, Clone)]
pub struct Service {
    pub store: Store,
    pub clock: Arc<dyn Clock>,
    pub stop: Stop,
    /// Wakes the sequencer.
    pub woken: Arc<Notify>,
    pub numbers: Numbers,
    pub key: RowKey,
    pub watch: Watch,
}

/// The log is for those whose desk it is.
fn may_read(caller: &Caller) -> Result<(), Failure> {
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

    async fn append(
        &self,
        caller: &Caller,
        entry: OpenEntry,
        seen: TreeHead,
    ) -> Result<Option<TreeHead>, Failure> {
        if caller.service != ServiceName::Consent {
            return Err(Failure::forbidden("Only consent opens entries."));
        }
        // What a later version calls it cannot be recorded here, so nobody is shown it either.
        if entry.what == What::Unknown {
            return Err(Failure::new(Kind::Unavailable, "This version cannot record such a view yet."));
        }
        self.take(entry, &seen).await.map(Some)
    }

    async fn reconcile(&self, seen: TreeHead, kept: Vec<KeptEntry>) -> Result<Reconciled, Failure> {
        self.compare(&seen, &kept).await
    }

    async fn entries(&self, caller: &Caller, query: EntryQuery) -> Result<Vec<Entry>, Failure> {
        may_read(caller)?;
        self.take(self.reading(caller, query.person), &TreeHead::default()).await?;
        store::page(self.store.read(), &query, Reader::Officer(&caller.actor.org))
            .await
            .map_err(|e| lcr_store::unavailable(&e))
    }

    async fn own_log(&self, caller: &Caller, before: Option<Uuid>) -> Result<OwnLog, Failure> {
        self.looks(caller, before).await
    }

    async fn choice_steps(&self, after: Uuid) -> Result<Vec<OpenEntry>, Failure> {
        store::choice_steps(self.store.read(), after).await.map_err(|e| lcr_store::unavailable(&e))
    }

    async fn log_state(&self) -> Result<LogState, Failure> {
        sequencer::state(&self.store).await
    }
}

impl Service {
    /// Returns once the entry is on disk. Refused while the tree stands still or does not extend what was signed.
    async fn take(&self, entry: OpenEntry, seen: &TreeHead) -> Result<TreeHead, Failure> {
        if self.stop.is_cancelled() {
            return Err(Failure::new(Kind::Unavailable, "The log is stopping."));
        }
        let head = self.watch.check(Some(seen)).await?;
        let people = if store::is_completed(&entry) { entry.people.len() } else { 0 };
        let (key, now) = (self.key.clone(), self.clock.now());
        let write = self.store.write::<_, DbErr, _>(move |tx| {
            Box::pin(async move { store::append(tx, &key, &entry, now).await })
        });
        write.await?;
        self.numbers.opened(people);
        self.woken.notify_one();
        Ok(head)
    }

    /// What waits for a place, and the age of the checkpoint, looked at for ever.
    pub async fn look_at_what_waits(self) {
        lcr_observe::sample(|| async {
            let _ = self.watch.check(None).await;
            self.numbers.checkpoint_age.set(self.watch.age().await);
            if let Ok(queue) = store::tree::queue_state(self.store.read()).await {
                self.numbers.waits(&queue, self.clock.now());
            }
        })
        .await;
    }

    /// The entry for reading the log itself.
    fn reading(&self, caller: &Caller, person: Option<PersonId>) -> OpenEntry {
        OpenEntry {
            id: Uuid::now_v7(),
            view: ViewId::new(),
            at: self.clock.now(),
            actor: caller.actor.clone(),
            audience: ServiceName::Audit,
            what: What::AuditLog,
            outcome: Outcome::Allowed,
            reason: "reads the log".to_owned(),
            people: person.into_iter().collect(),
            datasets: vec![],
            policy_version: String::new(),
            choice: None,
            concerned: std::collections::BTreeMap::new(),
        }
    }
}
