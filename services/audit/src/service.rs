//! What audit does: append before the view, answer those whose desk the log is and the person it is about. Reading
//! the log is an entry too.

mod own;
pub mod sequencer;

use std::sync::Arc;

use async_trait::async_trait;
use lcr_contracts::{
    Audit, Caller, Failure, Kind,
    audit::{Entry, EntryQuery, LogState, OpenEntry, Outcome, OwnLog, What},
};
use lcr_model::{Clock, PersonId, Role, ServiceName, ViewId};
use lcr_runtime::Stop;
use lcr_store::Store;
use sea_orm::DbErr;
use tokio::sync::Notify;
use uuid::Uuid;

use crate::{Numbers, store};

#[derive(Debug, Clone)]
pub struct Service {
    pub store: Store,
    pub clock: Arc<dyn Clock>,
    pub stop: Stop,
    /// Wakes the sequencer.
    pub woken: Arc<Notify>,
    pub numbers: Numbers,
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
        if caller.service != ServiceName::Consent {
            return Err(Failure::forbidden("Only consent opens entries."));
        }
        self.append(entry).await
    }

    async fn entries(&self, caller: &Caller, query: EntryQuery) -> Result<Vec<Entry>, Failure> {
        may_read(caller)?;
        self.append(self.reading(caller, query.person)).await?;
        store::page(self.store.read(), &query).await.map_err(|e| lcr_store::unavailable(&e))
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
    /// Returns once the entry is on disk.
    async fn append(&self, entry: OpenEntry) -> Result<(), Failure> {
        if self.stop.is_cancelled() {
            return Err(Failure::new(Kind::Unavailable, "The log is stopping."));
        }
        let people = if store::is_completed(&entry) { entry.people.len() } else { 0 };
        let write = self
            .store
            .write::<_, DbErr, _>(move |tx| Box::pin(async move { store::append(tx, &entry).await }));
        write.await?;
        self.numbers.opened(people);
        self.woken.notify_one();
        Ok(())
    }

    /// How many entries wait for their place in the tree, looked at for ever.
    pub async fn look_at_what_waits(self) {
        lcr_observe::sample(|| async {
            if let Ok(waiting) = store::tree::waiting_count(self.store.read()).await {
                self.numbers.waiting.set(i64::try_from(waiting).unwrap_or(i64::MAX));
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
        }
    }
}
