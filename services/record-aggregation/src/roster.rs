//! Reading each source's list of people into the index: page by page, as sealed demographics events written in
//! one transaction with how far it got. Bounded, resumable, behind everything else, and by one replica at a time.

mod patient;

use std::{collections::HashSet, sync::Arc, time::Duration};

use lcr_contracts::{
    events::{DemographicsReceived, SourcePatient},
    identity::System,
};
use lcr_fhir::{Item, Searchset, read};
use lcr_model::{Clock, LocalId, SourceIdentity, seal::DataKeys};
use lcr_store::{Leader, Store};
use lcr_web::Outbound;
use reqwest::Url;
use sea_orm::DbErr;
use tokio::sync::Notify;

use crate::{
    sources::{FhirError, Sources, fhir, links},
    store::{self, roster::Model},
};

/// A finished list is read again after this long.
const AGAIN_SECONDS: i64 = 24 * 3600;
const DEADLINE: Duration = Duration::from_secs(30);
/// The most waits for one page that its source asks for.
const WAITS: usize = 8;

pub struct Roster {
    pub store: Store,
    pub outbound: Outbound,
    pub keys: Arc<DataKeys>,
    pub clock: Arc<dyn Clock>,
    pub sources: Arc<Sources>,
    pub woken: Notify,
}

impl Roster {
    /// Reads lists for as long as the process lives.
    pub async fn run(self: Arc<Self>) {
        let mut leader = Leader::new(self.store.clone(), "rosters");
        loop {
            if !leader.leads().await {
                tokio::time::sleep(Duration::from_secs(2)).await;
                continue;
            }
            let systems = self.sources.now().registry.systems.clone();
            // The authority first: who is registered where is then known before the rest arrives.
            let mut due: Vec<System> =
                systems.into_iter().filter(|one| !one.discreet && one.is_asked()).collect();
            due.sort_by_key(|system| !system.authority);
            for system in due {
                if let Err(why) = self.read_list(&system).await {
                    tracing::warn!(source = %system.id, why, "a list of people was not read to its end; it goes on later");
                }
            }
            let _ = tokio::time::timeout(Duration::from_secs(15), self.woken.notified()).await;
        }
    }

    /// (lists finished, lists there are, people read).
    pub async fn progress(&self) -> (usize, usize, u64) {
        let rows = store::rosters(self.store.read()).await.unwrap_or_default();
        let state = self.sources.now();
        let wanted = state.registry.systems.iter().filter(|one| !one.discreet && one.is_asked()).count();
        let people: i64 = rows.iter().map(|row| row.people).sum();
        (rows.iter().filter(|row| row.finished.is_some()).count(), wanted, u64::try_from(people).unwrap_or(0))
    }

    async fn read_list(&self, system: &System) -> Result<(), &'static str> {
        let held = store::roster_of(self.store.read(), system.id.as_str()).await.map_err(|_| "store")?;
        let due = |row: &Model| match row.finished {
            Some(at) => self.clock.now().as_microsecond() - at > AGAIN_SECONDS * 1_000_000,
            None => true,
        };
        if held.as_ref().is_some_and(|row| !due(row)) {
            return Ok(());
        }
        let base = Url::parse(&system.base_url).map_err(|_| "base address")?;
        let resume = held.as_ref().and_then(|row| row.next.clone());
        let mut people = if resume.is_some() { held.map_or(0, |row| row.people) } else { 0 };
        let from_start = resume.is_none();
        let mut url = if let Some(next) = resume {
            links::rewritten(&base, &next, "Patient").map_err(|_| "link")?
        } else {
            let mut first = links::below(&base, "Patient");
            first.query_pairs_mut().append_pair("_count", "500");
            first
        };
        let (mut visited, mut seen, mut came) = (HashSet::new(), HashSet::new(), 0);
        loop {
            visited.insert(url.clone());
            let body = self.page(&url).await?;
            let page = Searchset::read_new(&body, "Patient", &mut seen).map_err(|_| "not a searchset")?;
            came += page.keys.len();
            people += i64::try_from(page.items.len()).unwrap_or(0);
            let next = page.next.clone().map(|next| links::rewritten(&base, &next, "Patient")).transpose();
            // A list that is shorter than it says is not finished: nobody may be called unknown by it.
            let total = page.total.filter(|_| from_start).and_then(|total| usize::try_from(total).ok());
            if matches!(next, Ok(None)) && total.is_some_and(|total| total > came) {
                self.keep(system, page.items, None, people, false).await?;
                return Err("a list that is shorter than its total");
            }
            let stored = page.next.clone().filter(|_| next.is_ok());
            self.keep(system, page.items, stored, people, matches!(next, Ok(None))).await?;
            match next.map_err(|_| "link")? {
                Some(next) if visited.contains(&next) => return Err("a next page that was read before"),
                Some(next) => url = next,
                None => return Ok(()),
            }
        }
    }

    /// One page of a list. A source that is busy is given the time it asks for.
    async fn page(&self, url: &Url) -> Result<bytes::Bytes, &'static str> {
        for _ in 0..WAITS {
            match fhir::get(&self.outbound, Outbound::get(url.clone(), DEADLINE), self.clock.now()).await {
                Err(FhirError::Busy(wait)) => {
                    tokio::time::sleep(wait.unwrap_or(Duration::from_secs(1))).await;
                }
                other => return other.map_err(|_| "no answer"),
            }
        }
        Err("busy")
    }

    /// The page's events and how far the list got, in one transaction.
    async fn keep(
        &self,
        system: &System,
        items: Vec<Item>,
        next: Option<String>,
        people: i64,
        finished: bool,
    ) -> Result<(), &'static str> {
        let now = self.clock.now();
        let events: Option<Vec<DemographicsReceived>> =
            items.iter().map(|item| self.event(system, item)).collect();
        let events = events.ok_or("sealing")?;
        let finished = finished.then(|| now.as_microsecond());
        let row = Model { source: system.id.0.clone(), next, people, finished };
        let write = self.store.write::<_, DbErr, _>(move |tx| {
            Box::pin(async move {
                Store::publish(tx, now, &events).await?;
                store::keep_roster(tx, row).await
            })
        });
        write.await.map_err(|_| "store")
    }

    fn event(&self, system: &System, item: &Item) -> Option<DemographicsReceived> {
        let patient: SourcePatient = patient::of(system, item.value(), self.clock.now());
        let updated: Option<jiff::Timestamp> =
            read::str_at(item.value(), "meta.lastUpdated").and_then(|text| text.parse().ok());
        // A source that gives no time of change is believed anew each time its list is read.
        let version = updated.unwrap_or_else(|| self.clock.now()).as_microsecond();
        let sealed = self.keys.seal("feeds/demographics", &serde_json::to_vec(&patient).ok()?).ok()?;
        let identity = SourceIdentity { source: system.id.clone(), local_id: LocalId(item.id().to_owned()) };
        Some(DemographicsReceived { identity, version, sealed })
    }
}
