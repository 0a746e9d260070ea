//! Reads each source's list of people, page by page, and publishes it as sealed demographics events. Events and progress share
//! one transaction, so a restart resumes. Only one replica may read the lists at a time.

mod patient;

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex},
    time::Duration,
};

use futures::{StreamExt, stream};
use lcr_contracts::{
    events::{DemographicsReceived, SourcePatient},
    registry::System,
};
use lcr_fhir::{Item, Searchset, read};
use lcr_model::{Clock, SourceId, SourceIdentity, seal::DataKeys};
use lcr_store::{Leader, Store};
use lcr_web::Outbound;
use reqwest::Url;
use tokio::{sync::Notify, time::Instant};

use crate::{
    hashed_ids::HashedIds,
    sources::{FhirError, Sources, fhir_client, links},
    store::{self, list_progress::Model},
};

/// A finished list is read again after this time.
const REREAD_AFTER_SECONDS: i64 = 24 * 3600;
const PAGE_TIMEOUT: Duration = Duration::from_secs(30);
/// How many times one page waits because its source is busy.
const MAX_WAITS: usize = 8;

/// Why a list was not read to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct StopReason(&'static str);

/// Nothing is wrong: the rest is read in the next round.
const BUDGET_USED: StopReason = StopReason("its budget for this round is used");
/// The list itself is fine, so the next round resumes it. After any other reason the list pauses and begins anew.
const RESUMABLE: [StopReason; 5] =
    [BUDGET_USED, StopReason("store"), StopReason("no answer"), StopReason("busy"), StopReason("sealing")];

/// Reads the lists of people.
pub struct PatientListSync {
    pub store: Store,
    pub outbound: Outbound,
    pub keys: Arc<DataKeys>,
    pub hashed_ids: HashedIds,
    pub clock: Arc<dyn Clock>,
    pub sources: Arc<Sources>,
    /// Starts the next round at once.
    pub wake: Notify,
    pub budget: Budget,
    /// Lists that stopped with an error, and when each may be read again.
    pub paused_until: Mutex<HashMap<SourceId, Instant>>,
}

/// Limits of one source's list, in one round and in all.
#[derive(Debug, Clone, Copy)]
pub struct Budget {
    /// Pages and time of one round.
    pub pages: usize,
    pub time: Duration,
    /// People in one list.
    pub people: i64,
    /// How long a list pauses after an error.
    pub pause: Duration,
}

impl Default for Budget {
    fn default() -> Self {
        let (time, pause) = (Duration::from_mins(2), Duration::from_mins(10));
        Self { pages: 2000, time, people: 3_000_000, pause }
    }
}

/// Lists read at the same time.
const CONCURRENT_LISTS: usize = 8;

impl PatientListSync {
    /// Reads the lists for ever.
    pub async fn run(self: Arc<Self>) {
        let mut leader = Leader::new(self.store.clone(), "rosters");
        loop {
            if !leader.is_leader().await {
                tokio::time::sleep(Duration::from_secs(2)).await;
                continue;
            }
            self.run_round().await;
            let _ = tokio::time::timeout(Duration::from_secs(15), self.wake.notified()).await;
        }
    }

    /// Reads a part of every list that is due, several at the same time.
    pub async fn run_round(&self) {
        let registry = self.sources.state().registry.clone();
        let due = registry.systems.iter().filter(|one| registry.may_be_read(one) && !self.is_paused(&one.id)).cloned();
        let (authorities, others): (Vec<System>, Vec<System>) = due.partition(|system| system.authority);
        // The authority first, so that registrations are known before the other lists arrive.
        for group in [authorities, others] {
            stream::iter(group).for_each_concurrent(CONCURRENT_LISTS, |system| self.sync_list(system)).await;
        }
    }

    async fn sync_list(&self, system: System) {
        let Err(reason) = self.read_list(&system).await else { return };
        tracing::warn!(source = %system.id, why = reason.0, "a list of people was not read to its end; it is read on later");
        if RESUMABLE.contains(&reason) {
            return;
        }
        if let Ok(mut paused_until) = self.paused_until.lock() {
            paused_until.insert(system.id, Instant::now() + self.budget.pause);
        }
    }

    fn is_paused(&self, source: &SourceId) -> bool {
        let paused_until = self.paused_until.lock();
        paused_until.is_ok_and(|all| all.get(source).is_some_and(|until| Instant::now() < *until))
    }

    /// (lists finished, lists in all, people read).
    pub async fn progress(&self) -> (usize, usize, u64) {
        let rows = store::load_all_list_progress(self.store.read()).await.unwrap_or_default();
        let state = self.sources.state();
        let wanted = state.registry.systems.iter().filter(|one| state.registry.may_be_read(one)).count();
        let people: i64 = rows.iter().map(|row| row.people).sum();
        (rows.iter().filter(|row| row.finished.is_some()).count(), wanted, u64::try_from(people).unwrap_or(0))
    }

    async fn read_list(&self, system: &System) -> Result<(), StopReason> {
        let progress =
            store::load_list_progress(self.store.read(), system.id.as_str()).await.map_err(|_| StopReason("store"))?;
        let is_due = |row: &Model| match row.finished {
            Some(at) => self.clock.now().as_microsecond() - at > REREAD_AFTER_SECONDS * 1_000_000,
            None => true,
        };
        if progress.as_ref().is_some_and(|row| !is_due(row)) {
            return Ok(());
        }
        let base = Url::parse(&system.base_url).map_err(|_| StopReason("base address"))?;
        let resume = progress.as_ref().and_then(|row| row.next.clone());
        let people = if resume.is_some() { progress.map_or(0, |row| row.people) } else { 0 };
        let from_start = resume.is_none();
        let url = if let Some(next) = resume {
            links::rebase_link(&base, &next, "Patient").map_err(|_| StopReason("link"))?
        } else {
            let mut first = links::url_below(&base, "Patient");
            first.query_pairs_mut().append_pair("_count", "500");
            first
        };
        self.read_pages(system, &base, url, (people, from_start)).await
    }

    async fn read_pages(
        &self,
        system: &System,
        base: &Url,
        mut url: Url,
        (mut people, from_start): (i64, bool),
    ) -> Result<(), StopReason> {
        let (mut visited, mut seen, mut matches) = (HashSet::new(), HashSet::new(), 0);
        let until = Instant::now() + self.budget.time;
        loop {
            visited.insert(url.clone());
            let body = self.fetch_page(&url).await?;
            let page =
                Searchset::read_unseen(&body, "Patient", &mut seen).map_err(|_| StopReason("not a searchset"))?;
            matches += page.keys.len();
            people += i64::try_from(page.items.len()).unwrap_or(0);
            let next = page.next.clone().map(|next| links::rebase_link(base, &next, "Patient")).transpose();
            // A list shorter than its total is not finished: it may not be used to say that a person is unknown.
            let total = page.total.filter(|_| from_start).and_then(|total| usize::try_from(total).ok());
            let is_short = matches!(next, Ok(None)) && total.is_some_and(|total| total > matches);
            let is_repeated = matches!(&next, Ok(Some(next)) if visited.contains(next));
            let error = match () {
                () if is_short => Some(StopReason("a list that is shorter than its total")),
                () if next.is_err() => Some(StopReason("link")),
                () if is_repeated => Some(StopReason("a next page that was read before")),
                () if people > self.budget.people => Some(StopReason("more people than one source may list")),
                () => None,
            };
            // After an error the list begins anew, because its next link would lead to the same error.
            let stored_next = page.next.clone().filter(|_| error.is_none());
            let is_finished = error.is_none() && matches!(next, Ok(None));
            self.save_page(system, page.items, stored_next, people, is_finished).await?;
            match (error, next) {
                (Some(reason), _) => return Err(reason),
                (None, Ok(Some(next))) => url = next,
                (None, _) => return Ok(()),
            }
            if visited.len() >= self.budget.pages || Instant::now() >= until {
                return Err(BUDGET_USED);
            }
        }
    }

    /// Fetches one page of a list. Waits as long as a busy source asks for.
    async fn fetch_page(&self, url: &Url) -> Result<bytes::Bytes, StopReason> {
        for _ in 0..MAX_WAITS {
            match fhir_client::get(&self.outbound, Outbound::get(url.clone(), PAGE_TIMEOUT), self.clock.now(), None)
                .await
            {
                Err(FhirError::Busy(wait)) => {
                    tokio::time::sleep(wait.unwrap_or(Duration::from_secs(1))).await;
                }
                other => return other.map_err(|_| StopReason("no answer")),
            }
        }
        Err(StopReason("busy"))
    }

    /// Publishes the page's events and stores the list's progress, in one transaction.
    async fn save_page(
        &self,
        system: &System,
        items: Vec<Item>,
        next: Option<String>,
        people: i64,
        is_finished: bool,
    ) -> Result<(), StopReason> {
        let now = self.clock.now();
        let built: Option<Vec<_>> = items.iter().map(|item| self.build_event(system, item)).collect();
        let (events, ids): (Vec<_>, Vec<_>) = built.ok_or(StopReason("sealing"))?.into_iter().unzip();
        let ids = ids.into_iter().flatten().collect();
        let finished = is_finished.then(|| now.as_microsecond());
        let row = Model { source: system.id.0.clone(), next, people, finished };
        let write = self.store.write(async move |tx| {
            Store::publish(&tx, now, &events).await?;
            store::hashed_id::upsert(&tx, ids).await?;
            store::save_list_progress(&tx, row).await
        });
        write.await.map_err(|_| StopReason("store"))
    }

    /// The event about one person, and the row for the id behind a hash, which the event must not contain.
    fn build_event(
        &self,
        system: &System,
        item: &Item,
    ) -> Option<(DemographicsReceived, Option<store::hashed_id::Model>)> {
        let mut patient: SourcePatient = patient::read_patient(system, item.value(), self.clock.now());
        for link in &mut patient.links {
            link.other = self.hashed_ids.local_id(&system.id, &link.other.0);
        }
        let updated: Option<jiff::Timestamp> =
            read::str_at(item.value(), "meta.lastUpdated").and_then(|text| text.parse().ok());
        // Without a time of change, every reading of the list counts as a change.
        let version = updated.unwrap_or_else(|| self.clock.now()).as_microsecond();
        let sealed = self.keys.seal("feeds/demographics", &serde_json::to_vec(&patient).ok()?).ok()?;
        let local_id = self.hashed_ids.local_id(&system.id, item.id());
        let identity = SourceIdentity { source: system.id.clone(), local_id };
        let id_row = self.hashed_ids.sealed_row(&identity, item.id()).ok()?;
        Some((DemographicsReceived { identity, version, sealed }, id_row))
    }
}

#[cfg(test)]
#[path = "patient_list_sync_tests.rs"]
mod tests;
