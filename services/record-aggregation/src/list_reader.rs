//! Reads one list of a source page by page, within a budget. It must never follow a link to another host, and never call a list
//! finished before its last page.

mod stop_reason;

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use lcr_contracts::registry::System;
use lcr_fhir::{Item, Searchset};
use lcr_model::{Clock, SourceId};
use lcr_store::Leader;
use lcr_web::{AuthenticatedOutbound, Outbound};
use reqwest::Url;
use tokio::{sync::Notify, time::Instant};

use crate::sources::{FhirError, Sources, fhir_client, links};

pub use stop_reason::StopReason;

pub const PAGE_TIMEOUT: Duration = Duration::from_secs(30);
/// Lists read at the same time.
pub const CONCURRENT_LISTS: usize = 8;
/// How many times one page waits because its source is busy.
const MAX_WAITS: usize = 8;
/// How many rounds may fail at one page before its list begins anew.
const MAX_FAILURES: usize = 10;
const ROUND_INTERVAL: Duration = Duration::from_secs(15);

/// Limits of one source's list, in one round and in all.
#[derive(Debug, Clone, Copy)]
pub struct Budget {
    /// Pages and time of one round.
    pub pages: usize,
    pub time: Duration,
    /// Items in one list.
    pub items: i64,
    /// How long a list pauses after an error.
    pub pause: Duration,
}

impl Default for Budget {
    fn default() -> Self {
        let (time, pause) = (Duration::from_mins(2), Duration::from_mins(10));
        Self { pages: 2000, time, items: 3_000_000, pause }
    }
}

/// One page of a list, and where the list stands after it.
pub struct Page {
    pub items: Vec<Item>,
    /// Resources of the page that cannot be read.
    pub unreadable: usize,
    /// The ids of those that have one.
    pub unreadable_ids: Vec<String>,
    /// Items of the list so far.
    pub count: i64,
    /// The next page. `None` after the last, and after an error: its next link would lead to the same error.
    pub next: Option<String>,
    pub is_finished: bool,
}

/// Stores the pages of one list.
#[async_trait]
pub trait PageStore: Send {
    async fn save(&mut self, page: Page) -> Result<(), StopReason>;
}

/// Where to begin in a list.
pub struct Start {
    url: Url,
    count: i64,
    is_first_page: bool,
}

impl Start {
    /// The page after `count` items if the list was read in part, else the first page of a search with this query.
    pub fn new(
        base: &Url,
        resource_type: &str,
        query: &[(&str, &str)],
        resume: Option<(&str, i64)>,
    ) -> Result<Self, StopReason> {
        if let Some((next, count)) = resume {
            let url = links::rebase_link(base, next, resource_type).map_err(|_| StopReason::Link)?;
            return Ok(Self { url, count, is_first_page: false });
        }
        let mut url = links::url_below(base, resource_type);
        url.query_pairs_mut().extend_pairs(query);
        Ok(Self { url, count: 0, is_first_page: true })
    }
}

/// Reads lists.
pub struct ListReader {
    pub clock: Arc<dyn Clock>,
    pub sources: Arc<Sources>,
    pub budget: Budget,
    /// Starts the next round at once.
    wake: Notify,
    /// Lists that stopped with an error, and when each may be read again.
    paused_until: Mutex<HashMap<SourceId, Instant>>,
    /// The page at which each list failed last, and how often.
    failures: Mutex<HashMap<SourceId, (String, usize)>>,
}

impl ListReader {
    pub fn new(clock: Arc<dyn Clock>, sources: Arc<Sources>, budget: Budget) -> Self {
        let (paused_until, failures) = (Mutex::default(), Mutex::default());
        Self { clock, sources, budget, wake: Notify::new(), paused_until, failures }
    }

    pub fn wake(&self) {
        self.wake.notify_one();
    }

    /// Waits until the next round is due and this replica is the leader.
    pub async fn wait_for_round(&self, leader: &mut Leader) {
        let _ = tokio::time::timeout(ROUND_INTERVAL, self.wake.notified()).await;
        leader.acquire().await;
    }

    /// The sources whose lists may be read now.
    pub fn due_sources(&self) -> Vec<System> {
        let state = self.sources.state();
        let systems = state.registry.systems.iter();
        systems.filter(|one| state.registry.may_be_read(one) && !self.is_paused(&one.id)).cloned().collect()
    }

    pub fn pause(&self, source: SourceId, time: Duration) {
        if let Ok(mut paused_until) = self.paused_until.lock() {
            paused_until.insert(source, Instant::now() + time);
        }
    }

    fn is_paused(&self, source: &SourceId) -> bool {
        let paused_until = self.paused_until.lock();
        paused_until.is_ok_and(|all| all.get(source).is_some_and(|until| Instant::now() < *until))
    }

    /// Counts a failure at the next page `next`. Returns whether the list must begin anew, because it failed there too often.
    pub fn is_stuck(&self, source: &SourceId, next: Option<&str>) -> bool {
        let Ok(mut failures) = self.failures.lock() else { return false };
        let before = failures.remove(source);
        let Some(next) = next else { return false };
        let count = before.filter(|(page, _)| page == next).map_or(0, |(_, count)| count) + 1;
        if count < MAX_FAILURES {
            failures.insert(source.clone(), (next.to_owned(), count));
        }
        count >= MAX_FAILURES
    }

    /// The parameters with which the source lets a type be searched. `None` if it offers no search of the type.
    pub async fn fetch_search_parameters(
        &self,
        source: &SourceId,
        base: &Url,
        resource_type: &str,
    ) -> Result<Option<BTreeSet<String>>, FhirError> {
        let outbound = self.sources.outbound(source).ok_or(FhirError::NotAuthenticated)?;
        fhir_client::fetch_search_parameters(&outbound, base, resource_type, PAGE_TIMEOUT, self.clock.now()).await
    }

    pub async fn read_pages(
        &self,
        (source, base): (&SourceId, &Url),
        resource_type: &str,
        start: Start,
        pages: &mut dyn PageStore,
    ) -> Result<(), StopReason> {
        let Start { mut url, mut count, is_first_page } = start;
        let (mut visited, mut seen, mut matches) = (HashSet::new(), HashSet::new(), 0);
        let until = Instant::now() + self.budget.time;
        let outbound = self.sources.outbound(source).ok_or(StopReason::Credentials)?;
        loop {
            visited.insert(url.clone());
            let body = self.fetch_page(&outbound, &url).await?;
            let page = Searchset::read_unseen(&body, resource_type, &mut seen);
            let page = page.map_err(|_| StopReason::NotASearchset)?;
            matches += page.keys.len();
            count += i64::try_from(page.items.len()).unwrap_or(0);
            let next = page.next.clone().map(|next| links::rebase_link(base, &next, resource_type)).transpose();
            // A list shorter than its total is not finished: it may not be used to say that a person is unknown.
            let total = page.total.filter(|_| is_first_page).and_then(|total| usize::try_from(total).ok());
            let is_short = matches!(next, Ok(None)) && total.is_some_and(|total| total > matches);
            let is_repeated = matches!(&next, Ok(Some(next)) if visited.contains(next));
            let error = match () {
                () if page.reports_error => Some(StopReason::ReportsError),
                () if is_short => Some(StopReason::Shorter),
                () if next.is_err() => Some(StopReason::Link),
                () if is_repeated => Some(StopReason::Repeated),
                () if count > self.budget.items => Some(StopReason::TooMany),
                () => None,
            };
            let is_finished = error.is_none() && matches!(next, Ok(None));
            let (unreadable, unreadable_ids) = (page.unreadable.len(), unreadable_ids(&page, resource_type));
            let stored_next = page.next.filter(|_| error.is_none());
            let items = page.items;
            pages.save(Page { items, unreadable, unreadable_ids, count, next: stored_next, is_finished }).await?;
            match (error, next) {
                (Some(reason), _) => return Err(reason),
                (None, Ok(Some(next))) => url = next,
                (None, _) => return Ok(()),
            }
            if visited.len() >= self.budget.pages || Instant::now() >= until {
                return Err(StopReason::BudgetUsed);
            }
        }
    }

    /// Fetches one page of a list. Waits as long as a busy source asks for.
    async fn fetch_page(&self, outbound: &AuthenticatedOutbound, url: &Url) -> Result<bytes::Bytes, StopReason> {
        for _ in 0..MAX_WAITS {
            let request = Outbound::get(url.clone(), PAGE_TIMEOUT);
            match fhir_client::get(outbound, request, self.clock.now(), None).await {
                Err(FhirError::Busy(wait)) => tokio::time::sleep(wait.unwrap_or(Duration::from_secs(1))).await,
                // New credentials may be on their way, so this page is asked for again.
                Err(FhirError::NotAuthenticated | FhirError::Status(401)) => return Err(StopReason::Credentials),
                Err(FhirError::Status(400..=499)) => return Err(StopReason::Refused),
                other => return other.map_err(|_| StopReason::NoAnswer),
            }
        }
        Err(StopReason::Busy)
    }
}

fn unreadable_ids(page: &Searchset, resource_type: &str) -> Vec<String> {
    let readable: HashSet<&str> = page.items.iter().map(Item::id).collect();
    let ids = page.keys.iter().flatten().filter_map(|key| key.strip_prefix(resource_type)?.strip_prefix('/'));
    ids.filter(|id| !readable.contains(id)).map(str::to_owned).collect()
}
