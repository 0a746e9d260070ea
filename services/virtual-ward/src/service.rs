//! The `VirtualWard` contract: finds the candidates of a list, asks consent about all of them, shows what is granted
//! (`services/DESIGN.md`). It must never count or show a stay before consent's decision.

mod authorise;
mod change_feed;
mod completion;
mod delay_metrics;
mod lists;
mod reader_settings;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use futures::stream::BoxStream;
use jiff::Timestamp;
use lcr_authorise::Authoriser;
use lcr_contracts::{
    Caller, Failure, FailureKind, VirtualWard,
    identity::{Registry, System},
    ward::{Delays, Discharges, Inpatients, ListChange, ListOf, ListRequest, ListSettings, SettingsOf},
};
use lcr_model::{Clock, OdsCode, PersonId, SourceId, seal::DataKeys};
use lcr_runtime::Stop;
use lcr_store::Store;
use tokio::time::Instant;

use crate::{
    Metrics,
    domain::{
        delays,
        discharge_window::{self, WINDOW_DAYS},
    },
    events::ChangeSender,
    store::{
        reader_settings as settings_store,
        spell::{self, CandidateQuery, ListPeriod, StoredStay},
    },
};

use authorise::AuthorisedStays;
use completion::ShownRow;

/// The most candidates that one list may have.
const MAX_CANDIDATES: usize = 2000;
/// How long a list is authorised again while its data changes. The caller gives up after eight seconds.
const LIST_TIMEOUT: Duration = Duration::from_secs(6);
/// The pause before the first retry; it doubles up to `MAX_RETRY_PAUSE`.
const MIN_RETRY_PAUSE: Duration = Duration::from_millis(20);
const MAX_RETRY_PAUSE: Duration = Duration::from_millis(100);

#[derive(Clone)]
pub struct Service {
    pub store: Store,
    pub clock: Arc<dyn Clock>,
    pub authoriser: Authoriser,
    pub data_keys: Arc<DataKeys>,
    pub changes: ChangeSender,
    pub stop: Stop,
    pub metrics: Metrics,
}

/// The kind of list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ListKind {
    InHospital,
    /// Patients who left within this many days.
    Left(u8),
}

/// The candidates of a list, with the query that found them.
struct Candidates {
    stays: Vec<StoredStay>,
    query: CandidateQuery,
    registry: Registry,
    now: Timestamp,
}

fn unavailable(error: &sea_orm::DbErr) -> Failure {
    lcr_store::db_failure(error)
}

fn discharge_list(ask: &ListRequest) -> Result<ListKind, Failure> {
    if (1..=WINDOW_DAYS).contains(&ask.days) {
        return Ok(ListKind::Left(ask.days));
    }
    Err(Failure::bad_request("`days` is a number from 1 to 28."))
}

/// The sources whose stays may be on this list. Discreet systems are left out: their name alone would reveal the care.
fn listable_sources(registry: &Registry, of: &ListOf, own: &OdsCode) -> Vec<SourceId> {
    let own_only = matches!(of, ListOf::Ward(_) | ListOf::Consultant(_));
    let is_listable =
        |system: &&System| !system.discreet && system.kind != "discreet" && (!own_only || system.organisation == *own);
    registry.systems.iter().filter(is_listable).map(|system| system.id.clone()).collect()
}

fn practices_of_list(registry: &Registry, of: &ListOf) -> Vec<OdsCode> {
    match of {
        ListOf::Practice(practice) => vec![practice.clone()],
        ListOf::Team(team) => {
            let of_team = registry.organisations.iter().filter(|org| org.part_of.as_ref() == Some(team));
            of_team.map(|org| org.ods.clone()).collect()
        }
        ListOf::Ward(_) | ListOf::Consultant(_) | ListOf::Watched => vec![],
    }
}

impl Service {
    async fn find_candidates(&self, caller: &Caller, of: &ListOf, kind: ListKind) -> Result<Candidates, Failure> {
        let registry = lcr_store::registry::load(self.store.read()).await.map_err(|e| unavailable(&e))?;
        let now = self.clock.now();
        let period = match kind {
            ListKind::InHospital => ListPeriod::InHospital(now),
            ListKind::Left(days) => ListPeriod::Left(discharge_window::window_start(now, days), now),
        };
        let watched = settings_store::find_watched(self.store.read(), &caller.actor.user).await;
        let watched = watched.map_err(|e| unavailable(&e))?;
        let query = CandidateQuery {
            practices: practices_of_list(&registry, of),
            sources: listable_sources(&registry, of, &caller.actor.org),
            of: of.clone(),
            watched,
            period,
        };
        let limit = u64::try_from(MAX_CANDIDATES + 1).unwrap_or(u64::MAX);
        let stays = spell::find_candidates(self.store.read(), &self.data_keys, &query, limit).await;
        let stays = stays.map_err(|e| unavailable(&e))?;
        if stays.len() > MAX_CANDIDATES {
            let words = "More than 2,000 stays: choose a practice, a ward or a consultant instead.";
            return Err(Failure::new(FailureKind::TooLarge, words));
        }
        Ok(Candidates { stays, query, registry, now })
    }

    /// Finds and authorises the candidates, builds the rows, and confirms every decision just before the rows leave. If a
    /// decision changed meanwhile, all of it is repeated, so that the reader need not ask again.
    async fn build_list(
        &self,
        caller: &Caller,
        ask: &ListRequest,
        kind: ListKind,
    ) -> Result<(List, AuthorisedStays), Failure> {
        self.check_can_list(caller, ask.view).await?;
        let (until, mut pause) = (Instant::now() + LIST_TIMEOUT, MIN_RETRY_PAUSE);
        loop {
            match self.try_build_list(caller, ask, kind).await {
                Ok(Some(list)) => return Ok(list),
                Err(failure) if failure.kind != FailureKind::CatchingUp || Instant::now() > until => {
                    return Err(failure);
                }
                Ok(None) if Instant::now() > until => {
                    let words = "This list is being brought up to date. Try again in a moment.";
                    return Err(Failure::new(FailureKind::CatchingUp, words));
                }
                Ok(None) | Err(_) => {
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(MAX_RETRY_PAUSE);
                }
            }
        }
    }

    /// Returns `None` if a decision changed meanwhile.
    async fn try_build_list(
        &self,
        caller: &Caller,
        ask: &ListRequest,
        kind: ListKind,
    ) -> Result<Option<(List, AuthorisedStays)>, Failure> {
        let candidates = self.find_candidates(caller, &ask.of, kind).await?;
        let authorised = self.authorise(caller, ask.view, candidates).await?;
        let list = match kind {
            ListKind::InHospital => List::InHospital(self.build_inpatients(&authorised).await?),
            ListKind::Left(days) => List::Left(self.build_discharges(&authorised, days).await?),
        };
        Ok(self.confirm_all(caller, &authorised).await?.then_some((list, authorised)))
    }
}

enum List {
    InHospital(Inpatients),
    Left(Discharges),
}

#[async_trait]
impl VirtualWard for Service {
    async fn inpatients(&self, caller: &Caller, ask: ListRequest) -> Result<Inpatients, Failure> {
        match self.build_list(caller, &ask, ListKind::InHospital).await?.0 {
            List::InHospital(list) => {
                let rows = list.rows.iter().filter_map(ShownRow::from_inpatient).collect();
                self.record_completion(ask.view, rows).await;
                Ok(list)
            }
            List::Left(_) => Err(Failure::internal("the wrong kind of list")),
        }
    }

    async fn discharges(&self, caller: &Caller, ask: ListRequest) -> Result<Discharges, Failure> {
        match self.build_list(caller, &ask, discharge_list(&ask)?).await?.0 {
            List::Left(list) => {
                let rows = list.rows.iter().filter_map(ShownRow::from_discharged).collect();
                self.record_completion(ask.view, rows).await;
                Ok(list)
            }
            List::InHospital(_) => Err(Failure::internal("the wrong kind of list")),
        }
    }

    async fn delays(&self, caller: &Caller, ask: ListRequest) -> Result<Delays, Failure> {
        let list = self.inpatients(caller, ask).await?;
        let delays = delays::sum_rows(&list.rows, list.as_of);
        Ok(Delays { as_of: list.as_of, delays, hospitals: list.hospitals })
    }

    async fn settings(&self, caller: &Caller, of: SettingsOf) -> Result<ListSettings, Failure> {
        self.load_reader_settings(caller, of).await
    }

    async fn keep_settings(&self, caller: &Caller, of: SettingsOf, settings: ListSettings) -> Result<(), Failure> {
        self.save_reader_settings(caller, of, settings).await
    }

    async fn watch(&self, caller: &Caller, person: PersonId, on: bool) -> Result<(), Failure> {
        self.watch_patient(caller, person, on).await
    }

    async fn changes(&self, caller: &Caller, ask: ListRequest) -> Result<BoxStream<'static, ListChange>, Failure> {
        let kind = if ask.days == 0 { ListKind::InHospital } else { discharge_list(&ask)? };
        change_feed::open(self.clone(), caller.clone(), ask, kind).await
    }
}
