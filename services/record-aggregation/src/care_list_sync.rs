//! Reads each source's episodes of care, first all, then what changed, and publishes them as sealed care links. Events and
//! progress share one transaction. Only one replica may read them at a time, and an episode that is no longer listed never ends.

mod episode;
mod reading;

use std::{collections::HashMap, sync::Arc, time::Duration};

use async_trait::async_trait;
use futures::{StreamExt, stream};
use jiff::Timestamp;
use lcr_contracts::{events::CareLinkReceived, registry::System};
use lcr_fhir::read;
use lcr_model::seal::DataKeys;
use lcr_store::{Leader, Store};
use reqwest::Url;

use crate::{
    hashed_ids::HashedIds,
    list_reader::{
        BUDGET_USED, CONCURRENT_LISTS, ListReader, PAGE_TIMEOUT, Page, PageStore, REFUSED, Start, StopReason,
    },
    sources::fhir_client,
    store::care_list::{self, LinkVersion, Progress},
};
use episode::EpisodeLink;
use reading::Reading;

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
        rows.iter().filter(|row| row.due > 0).count()
    }

    async fn sync_list(&self, system: System) {
        let Err(reason) = self.read_list(&system).await else { return };
        tracing::warn!(source = %system.id, why = reason.0, "a list of episodes was not read to its end; it is read on later");
        if reason == REFUSED && self.restart_later(&system).await.is_ok() {
            return;
        }
        match reason {
            BUDGET_USED => {}
            StopReason("no answer" | "busy" | "store" | "sealing") => self.reader.pause(system.id, NO_ANSWER_PAUSE),
            _ => self.reader.pause(system.id, self.reader.budget.pause),
        }
    }

    async fn read_list(&self, system: &System) -> Result<(), StopReason> {
        let base = Url::parse(&system.base_url).map_err(|_| StopReason("base address"))?;
        let stored = self.load_row(system).await?;
        let row = stored.clone().unwrap_or_else(|| Progress::new(&system.id));
        let (row, resume, since) = match reading::due(&row, self.reader.clock.now()) {
            Reading::Nothing => return Ok(()),
            Reading::Rest => (row.clone(), row.next, None),
            Reading::ChangesSince(at) => (Progress { newest: row.since, ..row }, None, Some(format!("ge{at}"))),
            Reading::All => {
                let Some(row) = self.row_for_all(&base, row).await? else { return Ok(()) };
                (row, None, None)
            }
        };
        let mut query = vec![("_count", PAGE_SIZE)];
        query.extend(since.as_deref().map(|since| ("_lastUpdated", since)));
        let start = Start::new(&base, EPISODE, &query, resume.as_deref().map(|next| (next, row.items)))?;
        let mut pages = CarePages { sync: self, system, row, stored };
        self.reader.read_pages(&base, EPISODE, start, &mut pages).await
    }

    /// The row with which a reading of all episodes begins. `None` if the source does not offer them, or does not say.
    async fn row_for_all(&self, base: &Url, row: Progress) -> Result<Option<Progress>, StopReason> {
        let now = self.reader.clock.now();
        let found = fhir_client::fetch_search_parameters(&self.reader.outbound, base, EPISODE, PAGE_TIMEOUT, now).await;
        let row = match found {
            Ok(Some(parameters)) => {
                let newest = parameters.contains("_lastUpdated").then_some(0);
                return Ok(Some(Progress { next: None, items: 0, newest, reads_all: true, ..row }));
            }
            Ok(None) => reading::restarted_later(row, now),
            // The statement is asked for again soon. Until then, changes are read as before.
            Err(_) => Progress { due: reading::micros_after(now, NO_ANSWER_PAUSE), ..row },
        };
        self.save_row(row).await?;
        Ok(None)
    }

    /// Begins anew after a pause, because the source does not give the page that is due.
    async fn restart_later(&self, system: &System) -> Result<(), StopReason> {
        let row = self.load_row(system).await?.unwrap_or_else(|| Progress::new(&system.id));
        self.save_row(reading::restarted_later(row, self.reader.clock.now())).await
    }

    async fn load_row(&self, system: &System) -> Result<Option<Progress>, StopReason> {
        let row = care_list::load_progress(self.store.read(), system.id.as_str()).await;
        row.map_err(|_| StopReason("store"))
    }

    async fn save_row(&self, row: Progress) -> Result<(), StopReason> {
        let write = self.store.write(async move |tx| care_list::save_progress(&tx, row).await);
        write.await.map_err(|_| StopReason("store"))
    }

    /// The links that differ from what was published, with their new versions.
    async fn changed_links(
        &self,
        system: &System,
        found: Vec<EpisodeLink>,
    ) -> Result<(Vec<CareLinkReceived>, Vec<LinkVersion>), StopReason> {
        let keys: Vec<String> = found.iter().map(|one| one.key.clone()).collect();
        let known = care_list::load_versions(self.store.read(), system.id.as_str(), &keys).await;
        let known = known.map_err(|_| StopReason("store"))?.into_iter();
        let known: HashMap<String, LinkVersion> = known.map(|row| (row.link.clone(), row)).collect();
        let (mut events, mut versions) = (vec![], vec![]);
        for one in found {
            let before = known.get(&one.key);
            let hash = self.keys.hash_name(&one.comparable);
            if before.is_some_and(|before| before.hash == hash) {
                continue;
            }
            // A change without a later time of change is newer all the same.
            let version = one.changed.as_microsecond().max(before.map_or(i64::MIN, |before| before.version + 1));
            let plain = serde_json::to_vec(&one.link).map_err(|_| StopReason("sealing"))?;
            let sealed = self.keys.seal("feeds/care-link", &plain).map_err(|_| StopReason("sealing"))?;
            versions.push(LinkVersion { source: system.id.0.clone(), link: one.key.clone(), version, hash });
            events.push(CareLinkReceived { identity: one.identity, link: one.key, version, sealed });
        }
        Ok((events, versions))
    }
}

/// One source's pages on their way into the store.
struct CarePages<'a> {
    sync: &'a CareListSync,
    system: &'a System,
    row: Progress,
    stored: Option<Progress>,
}

#[async_trait]
impl PageStore for CarePages<'_> {
    /// Publishes the page's changes and stores the progress, in one transaction.
    async fn save(&mut self, page: Page) -> Result<(), StopReason> {
        let (sync, system, now) = (self.sync, self.system, self.sync.reader.clock.now());
        let mut found = vec![];
        let mut changes: Vec<Option<Timestamp>> = vec![];
        for item in &page.items {
            changes.push(read::str_at(item.value(), "meta.lastUpdated").and_then(|text| text.parse().ok()));
            found.extend(episode::read_link(system, &sync.hashed_ids, item, now));
        }
        let unreadable = page.unreadable + page.items.len() - found.len();
        if unreadable > 0 {
            tracing::warn!(source = %system.id, unreadable, "episodes of care cannot be read; what they said before stands");
        }
        self.row = reading::after_page(&self.row, &page, &changes, now);
        let (events, versions) = sync.changed_links(system, found).await?;
        if events.is_empty() && self.stored.as_ref() == Some(&self.row) {
            return Ok(());
        }
        let row = self.row.clone();
        let write = sync.store.write(async move |tx| {
            Store::publish(&tx, now, &events).await?;
            care_list::save_versions(&tx, versions).await?;
            care_list::save_progress(&tx, row).await
        });
        write.await.map_err(|_| StopReason("store"))?;
        self.stored = Some(self.row.clone());
        Ok(())
    }
}

#[cfg(test)]
#[path = "care_list_sync_tests.rs"]
mod tests;
