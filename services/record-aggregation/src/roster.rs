//! Reading each source's list of people into the index: page by page, as sealed demographics events written in
//! one transaction with how far it got. Bounded, resumable, behind everything else, and by one replica at a time.

mod patient;

use std::{sync::Arc, time::Duration};

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
    sources::{Sources, fhir},
    store::{self, roster::Model},
};

/// A finished list is read again after this long.
const AGAIN_SECONDS: i64 = 24 * 3600;
const DEADLINE: Duration = Duration::from_secs(30);

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
        let mut url = if let Some(next) = resume {
            fhir::followed(&base, &next).map_err(|_| "link")?
        } else {
            let mut first = fhir::below(&base, "Patient");
            first.query_pairs_mut().append_pair("_count", "500");
            first
        };
        loop {
            let body = fhir::get(&self.outbound, url.clone(), DEADLINE).await.map_err(|_| "no answer")?;
            let page = Searchset::read(&body, "Patient").map_err(|_| "not a searchset")?;
            people += i64::try_from(page.items.len()).unwrap_or(0);
            let next = page.next.clone();
            self.keep(system, page.items, next.clone(), people).await?;
            match next {
                Some(next) if fhir::followed(&base, &next).is_ok_and(|one| one == url) => {
                    return Err("a next page that is the same page");
                }
                Some(next) => url = fhir::followed(&base, &next).map_err(|_| "link")?,
                None => return Ok(()),
            }
        }
    }

    /// The page's events and how far the list got, in one transaction.
    async fn keep(
        &self,
        system: &System,
        items: Vec<Item>,
        next: Option<String>,
        people: i64,
    ) -> Result<(), &'static str> {
        let now = self.clock.now();
        let events: Option<Vec<DemographicsReceived>> =
            items.iter().map(|item| self.event(system, item)).collect();
        let events = events.ok_or("sealing")?;
        let finished = next.is_none().then(|| now.as_microsecond());
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
