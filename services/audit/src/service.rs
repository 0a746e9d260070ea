//! What audit does: append before the view, answer those whose desk the log is. Reading the log is an entry too.

use std::sync::Arc;

use async_trait::async_trait;
use lcr_contracts::{
    Audit, Caller, Failure, Kind,
    audit::{Entry, EntryQuery, OpenEntry, Outcome, What},
};
use lcr_model::{Clock, Role, ServiceName, ViewId};
use lcr_runtime::Stop;
use lcr_store::Store;
use sea_orm::DbErr;
use uuid::Uuid;

use crate::store;

#[derive(Debug, Clone)]
pub struct Service {
    pub store: Store,
    pub clock: Arc<dyn Clock>,
    pub stop: Stop,
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
        if !matches!(caller.actor.role, Role::PrivacyOfficer | Role::CaldicottGuardian) {
            return Err(Failure::forbidden("The log is for privacy officers and the Caldicott guardian."));
        }
        self.append(self.reading(caller, &query)).await?;
        store::page(self.store.read(), &query).await.map_err(|e| lcr_store::unavailable(&e))
    }
}

impl Service {
    /// Returns once the entry is on disk.
    async fn append(&self, entry: OpenEntry) -> Result<(), Failure> {
        if self.stop.is_cancelled() {
            return Err(Failure::new(Kind::Unavailable, "The log is stopping."));
        }
        self.store
            .write::<_, DbErr, _>(move |tx| Box::pin(async move { store::append(tx, &entry).await }))
            .await
            .map_err(Failure::from)
    }

    /// The entry for reading the log itself.
    fn reading(&self, caller: &Caller, query: &EntryQuery) -> OpenEntry {
        OpenEntry {
            id: Uuid::now_v7(),
            view: ViewId::new(),
            at: self.clock.now(),
            actor: caller.actor.clone(),
            audience: ServiceName::Audit,
            what: What::AuditLog,
            outcome: Outcome::Allowed,
            reason: "reads the log".to_owned(),
            people: query.person.into_iter().collect(),
            datasets: vec![],
            policy_version: String::new(),
        }
    }
}
