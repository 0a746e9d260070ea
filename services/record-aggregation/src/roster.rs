//! Reading each source's list of people into the index: page by page, as sealed demographics events written in
//! one transaction with how far it got. Bounded, resumable, behind everything else, and by one replica at a time.

mod patient;

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex},
    time::Duration,
};

use futures::{StreamExt, stream};
use lcr_contracts::{
    events::{DemographicsReceived, SourcePatient},
    identity::System,
};
use lcr_fhir::{Item, Searchset, read};
use lcr_model::{Clock, SourceId, SourceIdentity, seal::DataKeys};
use lcr_store::{Leader, Store};
use lcr_web::Outbound;
use reqwest::Url;
use sea_orm::DbErr;
use tokio::{sync::Notify, time::Instant};

use crate::{
    hashed_ids::HashedIds,
    sources::{FhirError, Sources, fhir, links},
    store::{self, roster::Model},
};

/// A finished list is read again after this long.
const AGAIN_SECONDS: i64 = 24 * 3600;
const DEADLINE: Duration = Duration::from_secs(30);
/// The most waits for one page that its source asks for.
const WAITS: usize = 8;

/// Why a list was not read to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Why(&'static str);

/// Nothing is wrong: the rest comes with the next turn.
const TURN_OVER: Why = Why("its turn is over");
/// Nothing is wrong with the list: it goes on at the next turn. Whatever else ends one, ends it again for a while.
const GOES_ON: [Why; 5] = [TURN_OVER, Why("store"), Why("no answer"), Why("busy"), Why("sealing")];

pub struct Roster {
    pub store: Store,
    pub outbound: Outbound,
    pub keys: Arc<DataKeys>,
    pub hashed_ids: HashedIds,
    pub clock: Arc<dyn Clock>,
    pub sources: Arc<Sources>,
    pub woken: Notify,
    pub budget: Budget,
    /// Lists that ended badly, and until when each is left alone.
    pub resting: Mutex<HashMap<SourceId, Instant>>,
}

/// What one source's list may take of one turn, and of all turns together. A list that goes on is read on in the next turn.
#[derive(Debug, Clone, Copy)]
pub struct Budget {
    /// Pages and time of one turn.
    pub pages: usize,
    pub time: Duration,
    /// People of one list.
    pub people: i64,
    /// How long a list that did not end as a list does is left alone.
    pub rest: Duration,
}

impl Default for Budget {
    fn default() -> Self {
        let (time, rest) = (Duration::from_mins(2), Duration::from_mins(10));
        Self { pages: 2000, time, people: 3_000_000, rest }
    }
}

/// Lists that are read at once.
const AT_ONCE: usize = 8;

impl Roster {
    /// Reads lists for as long as the process lives.
    pub async fn run(self: Arc<Self>) {
        let mut leader = Leader::new(self.store.clone(), "rosters");
        loop {
            if !leader.leads().await {
                tokio::time::sleep(Duration::from_secs(2)).await;
                continue;
            }
            self.turn().await;
            let _ = tokio::time::timeout(Duration::from_secs(15), self.woken.notified()).await;
        }
    }

    /// One turn of every list that is due, several at once: none waits for another's end.
    pub async fn turn(&self) {
        let systems = self.sources.now().registry.systems.clone();
        let due = systems.into_iter().filter(|one| !one.discreet && one.is_asked() && !self.rests(&one.id));
        let (authorities, others): (Vec<System>, Vec<System>) = due.partition(|system| system.authority);
        // The authority first: who is registered where is then known before the rest arrives.
        for group in [authorities, others] {
            stream::iter(group).for_each_concurrent(AT_ONCE, |system| self.take_turn(system)).await;
        }
    }

    async fn take_turn(&self, system: System) {
        let Err(why) = self.read_list(&system).await else { return };
        tracing::warn!(source = %system.id, why = why.0, "a list of people was not read to its end; it goes on later");
        if GOES_ON.contains(&why) {
            return;
        }
        if let Ok(mut resting) = self.resting.lock() {
            resting.insert(system.id, Instant::now() + self.budget.rest);
        }
    }

    /// Whether its list ended badly a short while ago.
    fn rests(&self, source: &SourceId) -> bool {
        let resting = self.resting.lock();
        resting.is_ok_and(|resting| resting.get(source).is_some_and(|until| Instant::now() < *until))
    }

    /// (lists finished, lists there are, people read).
    pub async fn progress(&self) -> (usize, usize, u64) {
        let rows = store::rosters(self.store.read()).await.unwrap_or_default();
        let state = self.sources.now();
        let wanted = state.registry.systems.iter().filter(|one| !one.discreet && one.is_asked()).count();
        let people: i64 = rows.iter().map(|row| row.people).sum();
        (rows.iter().filter(|row| row.finished.is_some()).count(), wanted, u64::try_from(people).unwrap_or(0))
    }

    async fn read_list(&self, system: &System) -> Result<(), Why> {
        let held = store::roster_of(self.store.read(), system.id.as_str()).await.map_err(|_| Why("store"))?;
        let due = |row: &Model| match row.finished {
            Some(at) => self.clock.now().as_microsecond() - at > AGAIN_SECONDS * 1_000_000,
            None => true,
        };
        if held.as_ref().is_some_and(|row| !due(row)) {
            return Ok(());
        }
        let base = Url::parse(&system.base_url).map_err(|_| Why("base address"))?;
        let resume = held.as_ref().and_then(|row| row.next.clone());
        let people = if resume.is_some() { held.map_or(0, |row| row.people) } else { 0 };
        let from_start = resume.is_none();
        let url = if let Some(next) = resume {
            links::rewritten(&base, &next, "Patient").map_err(|_| Why("link"))?
        } else {
            let mut first = links::below(&base, "Patient");
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
    ) -> Result<(), Why> {
        let (mut visited, mut seen, mut came) = (HashSet::new(), HashSet::new(), 0);
        let until = Instant::now() + self.budget.time;
        loop {
            visited.insert(url.clone());
            let body = self.page(&url).await?;
            let page =
                Searchset::read_new(&body, "Patient", &mut seen).map_err(|_| Why("not a searchset"))?;
            came += page.keys.len();
            people += i64::try_from(page.items.len()).unwrap_or(0);
            let next = page.next.clone().map(|next| links::rewritten(base, &next, "Patient")).transpose();
            // A list that is shorter than it says is not finished: nobody may be called unknown by it.
            let total = page.total.filter(|_| from_start).and_then(|total| usize::try_from(total).ok());
            let is_short = matches!(next, Ok(None)) && total.is_some_and(|total| total > came);
            let repeats = matches!(&next, Ok(Some(next)) if visited.contains(next));
            let ends_badly = match () {
                () if is_short => Some(Why("a list that is shorter than its total")),
                () if next.is_err() => Some(Why("link")),
                () if repeats => Some(Why("a next page that was read before")),
                () if people > self.budget.people => Some(Why("more people than one source may list")),
                () => None,
            };
            // A list that ended badly begins anew after its rest; its link would lead into the same again.
            let stored = page.next.clone().filter(|_| ends_badly.is_none());
            let finished = ends_badly.is_none() && matches!(next, Ok(None));
            self.keep(system, page.items, stored, people, finished).await?;
            match (ends_badly, next) {
                (Some(why), _) => return Err(why),
                (None, Ok(Some(next))) => url = next,
                (None, _) => return Ok(()),
            }
            if visited.len() >= self.budget.pages || Instant::now() >= until {
                return Err(TURN_OVER);
            }
        }
    }

    /// One page of a list. A source that is busy is given the time it asks for.
    async fn page(&self, url: &Url) -> Result<bytes::Bytes, Why> {
        for _ in 0..WAITS {
            match fhir::get(&self.outbound, Outbound::get(url.clone(), DEADLINE), self.clock.now(), None)
                .await
            {
                Err(FhirError::Busy(wait)) => {
                    tokio::time::sleep(wait.unwrap_or(Duration::from_secs(1))).await;
                }
                other => return other.map_err(|_| Why("no answer")),
            }
        }
        Err(Why("busy"))
    }

    /// The page's events and how far the list got, in one transaction.
    async fn keep(
        &self,
        system: &System,
        items: Vec<Item>,
        next: Option<String>,
        people: i64,
        finished: bool,
    ) -> Result<(), Why> {
        let now = self.clock.now();
        let told: Option<Vec<_>> = items.iter().map(|item| self.event(system, item)).collect();
        let (events, ids): (Vec<_>, Vec<_>) = told.ok_or(Why("sealing"))?.into_iter().unzip();
        let ids = ids.into_iter().flatten().collect();
        let finished = finished.then(|| now.as_microsecond());
        let row = Model { source: system.id.0.clone(), next, people, finished };
        let write = self.store.write::<_, DbErr, _>(move |tx| {
            Box::pin(async move {
                Store::publish(tx, now, &events).await?;
                store::hashed_id::keep(tx, ids).await?;
                store::keep_roster(tx, row).await
            })
        });
        write.await.map_err(|_| Why("store"))
    }

    /// What is told of a person, with what is stored of an id that must not be told.
    fn event(
        &self,
        system: &System,
        item: &Item,
    ) -> Option<(DemographicsReceived, Option<store::hashed_id::Model>)> {
        let mut patient: SourcePatient = patient::of(system, item.value(), self.clock.now());
        for link in &mut patient.links {
            link.other = self.hashed_ids.local_id(&system.id, &link.other.0);
        }
        let updated: Option<jiff::Timestamp> =
            read::str_at(item.value(), "meta.lastUpdated").and_then(|text| text.parse().ok());
        // A source that gives no time of change is believed anew each time its list is read.
        let version = updated.unwrap_or_else(|| self.clock.now()).as_microsecond();
        let sealed = self.keys.seal("feeds/demographics", &serde_json::to_vec(&patient).ok()?).ok()?;
        let local_id = self.hashed_ids.local_id(&system.id, item.id());
        let identity = SourceIdentity { source: system.id.clone(), local_id };
        let own = self.hashed_ids.row(&identity, item.id()).ok()?;
        Some((DemographicsReceived { identity, version, sealed }, own))
    }
}

#[cfg(test)]
#[path = "roster_tests.rs"]
mod tests;
