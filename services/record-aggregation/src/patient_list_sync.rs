//! Reads each source's list of people, page by page, and publishes it as sealed demographics events. Events and progress share
//! one transaction, so a restart resumes. Only one replica may read the lists at a time.

mod patient;

use std::sync::Arc;

use async_trait::async_trait;
use futures::{StreamExt, stream};
use lcr_contracts::{
    events::{DemographicsReceived, SourcePatient},
    registry::System,
};
use lcr_fhir::{Item, read};
use lcr_model::{SourceIdentity, seal::DataKeys};
use lcr_store::{Leader, Store};
use reqwest::Url;

use crate::{
    hashed_ids::HashedIds,
    list_reader::{CONCURRENT_LISTS, ListReader, Page, PageStore, Start, StopReason},
    store::{self, list_progress::Model, recent_rows::RecentRows},
};

/// A finished list is read again after this time.
const REREAD_AFTER_SECONDS: i64 = 24 * 3600;

/// Reads the lists of people.
pub struct PatientListSync {
    pub store: Store,
    pub keys: Arc<DataKeys>,
    pub hashed_ids: HashedIds,
    /// The progress that views read; every change drops it.
    pub lists: Arc<RecentRows<Model>>,
    pub reader: ListReader,
}

impl PatientListSync {
    /// Reads the lists for ever.
    pub async fn run(self: Arc<Self>) {
        let mut leader = Leader::new(self.store.clone(), "rosters");
        leader.acquire().await;
        loop {
            self.run_round().await;
            self.reader.wait_for_round(&mut leader).await;
        }
    }

    /// Reads a part of every list that is due, several at the same time.
    pub async fn run_round(&self) {
        let due = self.reader.due_sources();
        let (authorities, others): (Vec<System>, Vec<System>) = due.into_iter().partition(|system| system.authority);
        // The authority first, so that registrations are known before the other lists arrive.
        for group in [authorities, others] {
            stream::iter(group).for_each_concurrent(CONCURRENT_LISTS, |system| self.sync_list(system)).await;
        }
    }

    async fn sync_list(&self, system: System) {
        let Err(reason) = self.read_list(&system).await else { return };
        tracing::warn!(source = %system.id, why = %reason, "a list of people was not read to its end; it is read on later");
        let restarts = reason != StopReason::BudgetUsed && self.restart_if_stuck(&system).await;
        if restarts || !reason.is_resumable() {
            self.reader.pause(system.id, self.reader.budget.pause);
        }
    }

    /// Begins anew if the source has failed too often to give the page that is due. Returns whether it does.
    async fn restart_if_stuck(&self, system: &System) -> bool {
        let Ok(row) = self.load_row(system).await else { return false };
        if !self.reader.is_stuck(&system.id, row.and_then(|row| row.next).as_deref()) {
            return false;
        }
        let row = Model { source: system.id.0.clone(), next: None, people: 0, finished: None };
        let write = self.store.write(async move |tx| store::save_list_progress(&tx, row).await).await;
        self.lists.clear();
        write.is_ok()
    }

    async fn load_row(&self, system: &System) -> Result<Option<Model>, StopReason> {
        let row = store::load_list_progress(self.store.read(), system.id.as_str()).await;
        row.map_err(|_| StopReason::Store)
    }

    /// (lists finished, lists in all, people read).
    pub async fn progress(&self) -> (usize, usize, u64) {
        let rows = store::load_all_list_progress(self.store.read()).await.unwrap_or_default();
        let state = self.reader.sources.state();
        let wanted: Vec<&System> =
            state.registry.systems.iter().filter(|one| state.registry.may_be_read(one)).collect();
        let is_finished = |one: &&&System| rows.iter().any(|row| row.source == one.id.0 && row.finished.is_some());
        let people: i64 = rows.iter().map(|row| row.people).sum();
        (wanted.iter().filter(is_finished).count(), wanted.len(), u64::try_from(people).unwrap_or(0))
    }

    async fn read_list(&self, system: &System) -> Result<(), StopReason> {
        let progress = self.load_row(system).await?;
        let is_due = |row: &Model| match row.finished {
            Some(at) => self.reader.clock.now().as_microsecond() - at > REREAD_AFTER_SECONDS * 1_000_000,
            None => true,
        };
        if progress.as_ref().is_some_and(|row| !is_due(row)) {
            return Ok(());
        }
        let base = Url::parse(&system.base_url).map_err(|_| StopReason::BaseAddress)?;
        let resume = progress.as_ref().and_then(|row| Some((row.next.as_deref()?, row.people)));
        let start = Start::new(&base, "Patient", &[("_count", "500")], resume)?;
        let mut pages = PatientPages { sync: self, system };
        self.reader.read_pages((&system.id, &base), "Patient", start, &mut pages).await
    }

    /// The event about one person, and the row for the id behind a hash, which the event must not contain.
    fn build_event(
        &self,
        system: &System,
        item: &Item,
    ) -> Option<(DemographicsReceived, Option<store::hashed_id::Model>)> {
        let mut patient: SourcePatient = patient::read_patient(system, item.value(), self.reader.clock.now());
        for link in &mut patient.links {
            link.other = self.hashed_ids.local_id(&system.id, &link.other.0);
        }
        let updated: Option<jiff::Timestamp> =
            read::str_at(item.value(), "meta.lastUpdated").and_then(|text| text.parse().ok());
        // Without a time of change, every reading of the list counts as a change.
        let version = updated.unwrap_or_else(|| self.reader.clock.now()).as_microsecond();
        let sealed = self.keys.seal("feeds/demographics", &serde_json::to_vec(&patient).ok()?).ok()?;
        let local_id = self.hashed_ids.local_id(&system.id, item.id());
        let identity = SourceIdentity { source: system.id.clone(), local_id };
        let id_row = self.hashed_ids.sealed_row(&identity, item.id()).ok()?;
        Some((DemographicsReceived { identity, version, sealed }, id_row))
    }
}

/// One source's pages on their way into the store.
struct PatientPages<'a> {
    sync: &'a PatientListSync,
    system: &'a System,
}

#[async_trait]
impl PageStore for PatientPages<'_> {
    /// Publishes the page's events and stores the list's progress, in one transaction.
    async fn save(&mut self, page: Page) -> Result<(), StopReason> {
        let (sync, now) = (self.sync, self.sync.reader.clock.now());
        let built: Option<Vec<_>> = page.items.iter().map(|item| sync.build_event(self.system, item)).collect();
        let (events, ids): (Vec<_>, Vec<_>) = built.ok_or(StopReason::Sealing)?.into_iter().unzip();
        let ids = ids.into_iter().flatten().collect();
        let finished = page.is_finished.then(|| now.as_microsecond());
        let row = Model { source: self.system.id.0.clone(), next: page.next, people: page.count, finished };
        let write = sync.store.write(async move |tx| {
            Store::publish(&tx, now, &events).await?;
            store::hashed_id::upsert(&tx, ids).await?;
            store::save_list_progress(&tx, row).await
        });
        let written = write.await;
        // A write that failed may have been stored all the same.
        sync.lists.clear();
        written.map_err(|_| StopReason::Store)
    }
}

#[cfg(test)]
#[path = "patient_list_sync_tests.rs"]
mod tests;
