//! Reads each source's episodes of care, first all, then what changed, and publishes them as sealed care links. Events and
//! progress share one transaction. Only one replica may read them at a time, and only a complete reading may end what it lacks.

mod episode;
mod link_changes;
mod pages;
mod read_plan;

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
    time::Duration,
};

use futures::{StreamExt, stream};
use lcr_contracts::registry::System;
use lcr_model::seal::DataKeys;
use lcr_store::{Leader, Store};
use reqwest::Url;

use crate::{
    hashed_ids::HashedIds,
    list_reader::{CONCURRENT_LISTS, ListReader, Start, StopReason},
    store::care_list::{self, LinkVersion, Progress},
};
use episode::EpisodeLink;
use link_changes::{LinkChanges, ReadContext};
use pages::CarePages;
use read_plan::ReadPlan;

const EPISODE: &str = "EpisodeOfCare";
const PAGE_SIZE: &str = "500";
/// How long a list waits for a source that does not answer.
const NO_ANSWER_PAUSE: Duration = Duration::from_mins(1);

/// Reads the episodes of care.
pub struct CareListSync {
    pub store: Store,
    pub keys: Arc<DataKeys>,
    pub hashed_ids: HashedIds,
    pub reader: ListReader,
}

impl CareListSync {
    /// Reads the episodes for ever.
    pub async fn run(self: Arc<Self>) {
        let mut leader = Leader::new(self.store.clone(), "care-lists");
        leader.acquire().await;
        loop {
            self.run_round().await;
            self.reader.wait_for_round(&mut leader).await;
        }
    }

    /// Reads what is due of every source, several at the same time.
    pub async fn run_round(&self) {
        let due = stream::iter(self.reader.due_sources());
        due.for_each_concurrent(CONCURRENT_LISTS, |system| self.sync_list(system)).await;
    }

    /// The number of sources that were asked for their episodes and have given all that they offer at least once.
    pub async fn sources_read(&self) -> usize {
        let rows = care_list::load_all_progress(self.store.read()).await.unwrap_or_default();
        let state = self.reader.sources.state();
        let present = state.registry.systems.iter().filter(|one| state.registry.may_be_read(one));
        present.filter(|one| rows.iter().any(|row| row.source == one.id.0 && row.due > 0)).count()
    }

    async fn sync_list(&self, system: System) {
        let Err(reason) = self.read_list(&system).await else { return };
        tracing::warn!(source = %system.id, why = %reason, "a list of episodes was not read to its end; it is read on later");
        if reason == StopReason::BudgetUsed {
            return;
        }
        let next = self.load_row(&system).await.ok().flatten().and_then(|row| row.next);
        let restarts = self.reader.is_stuck(&system.id, next.as_deref()) || reason == StopReason::Refused;
        if restarts && self.restart_later(&system).await.is_ok() {
            return;
        }
        let pause = if reason.is_resumable() { NO_ANSWER_PAUSE } else { self.reader.budget.pause };
        self.reader.pause(system.id, pause);
    }

    async fn read_list(&self, system: &System) -> Result<(), StopReason> {
        let base = Url::parse(&system.base_url).map_err(|_| StopReason::BaseAddress)?;
        let stored = self.load_row(system).await?;
        let row = stored.clone().unwrap_or_else(|| Progress::new(&system.id));
        let (row, resume, since) = match read_plan::due(&row, self.reader.clock.now()) {
            ReadPlan::Nothing => return Ok(()),
            ReadPlan::NextPage => (row.clone(), row.next, None),
            ReadPlan::ChangesSince(at) => (Progress { newest: row.since, ..row }, None, Some(format!("ge{at}"))),
            ReadPlan::Everything => {
                let Some(row) = self.row_for_all(system, &base, row).await? else { return Ok(()) };
                (row, None, None)
            }
        };
        let mut query = vec![("_count", PAGE_SIZE)];
        query.extend(since.as_deref().map(|since| ("_lastUpdated", since)));
        let start = Start::new(&base, EPISODE, &query, resume.as_deref().map(|next| (next, row.items)))?;
        let mut pages = CarePages { sync: self, system, row, stored };
        self.reader.read_pages((&system.id, &base), EPISODE, start, &mut pages).await
    }

    /// The row with which a reading of all episodes begins. `None` if the source does not offer them, or does not say.
    async fn row_for_all(&self, system: &System, base: &Url, row: Progress) -> Result<Option<Progress>, StopReason> {
        let now = self.reader.clock.now();
        let found = self.reader.fetch_search_parameters(&system.id, base, EPISODE).await;
        let row = match found {
            Ok(Some(parameters)) => {
                let newest = parameters.contains("_lastUpdated").then_some(0);
                let reading = row.reading + 1;
                return Ok(Some(Progress { next: None, items: 0, newest, reads_all: true, reading, ..row }));
            }
            Ok(None) => read_plan::restarted_later(row, now),
            // The statement is asked for again soon. Until then, changes are read as before.
            Err(_) => Progress { due: read_plan::micros_after(now, NO_ANSWER_PAUSE), ..row },
        };
        self.save_row(row).await?;
        Ok(None)
    }

    /// Begins anew after a pause, because the source does not give the page that is due.
    async fn restart_later(&self, system: &System) -> Result<(), StopReason> {
        let row = self.load_row(system).await?.unwrap_or_else(|| Progress::new(&system.id));
        self.save_row(read_plan::restarted_later(row, self.reader.clock.now())).await
    }

    async fn load_row(&self, system: &System) -> Result<Option<Progress>, StopReason> {
        let row = care_list::load_progress(self.store.read(), system.id.as_str()).await;
        row.map_err(|_| StopReason::Store)
    }

    async fn save_row(&self, row: Progress) -> Result<(), StopReason> {
        let write = self.store.write(async move |tx| care_list::save_progress(&tx, row).await);
        write.await.map_err(|_| StopReason::Store)
    }

    /// The changes that these links make.
    async fn changed_links<'a>(
        &self,
        context: ReadContext<'a>,
        found: Vec<EpisodeLink>,
        unreadable: &[String],
    ) -> Result<LinkChanges<'a>, StopReason> {
        let (db, source) = (self.store.read(), context.system.id.as_str());
        let keys: Vec<String> = found.iter().map(|one| one.key.clone()).chain(unreadable.iter().cloned()).collect();
        let people: BTreeSet<String> = found.iter().map(|one| one.identity.local_id.0.clone()).collect();
        let known = care_list::load_versions(db, source, &keys).await.map_err(|_| StopReason::Store)?;
        let open = care_list::count_open(db, source, &Vec::from_iter(people)).await.map_err(|_| StopReason::Store)?;
        let mut changes = LinkChanges::new(context, known, open);
        unreadable.iter().try_for_each(|key| changes.withdraw(key))?;
        found.into_iter().try_for_each(|one| changes.update(one))?;
        Ok(changes)
    }

    /// Ends the links that a complete reading of all episodes did not list. Returns whether there were any.
    async fn end_unlisted(&self, context: ReadContext<'_>, row: &Progress) -> Result<bool, StopReason> {
        let (mut after, mut ended) = (String::new(), 0);
        loop {
            let unlisted = care_list::load_unlisted(self.store.read(), &row.source, row.reading, &after).await;
            let unlisted = unlisted.map_err(|_| StopReason::Store)?;
            let keys: Vec<String> = unlisted.iter().map(|one| one.link.clone()).collect();
            let Some(last) = keys.last().cloned() else { break };
            let mut changes = LinkChanges::new(context, unlisted, HashMap::new());
            keys.iter().try_for_each(|key| changes.withdraw(key))?;
            (after, ended) = (last, ended + keys.len());
            self.store_changes(changes, row.clone()).await?;
        }
        if ended > 0 {
            tracing::info!(source = %row.source, ended, "episodes of care are not listed any more; their links ended");
        }
        Ok(ended > 0)
    }

    /// Publishes the changes and stores the progress, in one transaction.
    async fn store_changes(&self, changes: LinkChanges<'_>, row: Progress) -> Result<(), StopReason> {
        let now = self.reader.clock.now();
        let events = changes.events;
        let versions: Vec<LinkVersion> = changes.versions.into_values().collect();
        let write = self.store.write(async move |tx| {
            Store::publish(&tx, now, &events).await?;
            care_list::save_versions(&tx, versions).await?;
            care_list::save_progress(&tx, row).await
        });
        write.await.map_err(|_| StopReason::Store)
    }
}

#[cfg(test)]
#[path = "care_list_sync_tests.rs"]
mod tests;
