//! What virtual-ward does: find candidates itself, ask consent about them in bulk, then show what is granted
//! (design section 6, "Lists are views"). Nothing is counted before it is decided.

mod completion;
mod decided;
mod delays_in_numbers;
mod lists;
mod news;
mod own_lists;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use futures::stream::BoxStream;
use jiff::Timestamp;
use lcr_auth::KeyRing;
use lcr_contracts::{
    Caller, Consent, Failure, Kind, VirtualWard,
    identity::{Registry, System},
    ward::{Delays, Discharges, Inpatients, ListAsk, ListOf, ListSettings, SettingsOf, WardNews},
};
use lcr_model::{Clock, OdsCode, PersonId, SourceId, seal::DataKeys};
use lcr_runtime::Stop;
use lcr_store::Store;
use tokio::time::Instant;

use crate::{
    Numbers,
    domain::{delays, london},
    events::News,
    store::{
        own_list,
        spell::{self, Kept, Wanted, When},
    },
};

use completion::OnTheList;
use decided::Decided;

/// The most candidates one list may have.
const MOST: usize = 2000;
/// How long a list is decided again when something changes while it is read: a caller waits eight seconds.
const DECIDED_WITHIN: Duration = Duration::from_secs(6);
/// Between two tries, each twice the one before: long enough for what is changing to be taken in.
const BETWEEN: [Duration; 2] = [Duration::from_millis(20), Duration::from_millis(100)];

#[derive(Clone)]
pub struct Service {
    pub store: Store,
    pub clock: Arc<dyn Clock>,
    pub consent: Arc<dyn Consent>,
    pub keys: KeyRing,
    pub data_keys: Arc<DataKeys>,
    pub news: News,
    pub stop: Stop,
    pub numbers: Numbers,
}

/// Which of the two lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Which {
    InHospital,
    /// Left within so many days.
    Left(u8),
}

/// Candidates of a list, and what they were found by.
struct Found {
    kept: Vec<Kept>,
    wanted: Wanted,
    registry: Registry,
    now: Timestamp,
}

fn away(error: &sea_orm::DbErr) -> Failure {
    lcr_store::unavailable(error)
}

fn days(ask: &ListAsk) -> Result<Which, Failure> {
    if (1..=london::WINDOW).contains(&ask.days) {
        return Ok(Which::Left(ask.days));
    }
    Err(Failure::bad_request("`days` is a number from 1 to 28."))
}

/// Sources whose stays may be on this list. A discreet system's never are: its name alone would tell.
fn sources(registry: &Registry, of: &ListOf, own: &OdsCode) -> Vec<SourceId> {
    let own_only = matches!(of, ListOf::Ward(_) | ListOf::Consultant(_));
    let may = |system: &&System| {
        !system.discreet && system.kind != "discreet" && (!own_only || system.organisation == *own)
    };
    registry.systems.iter().filter(may).map(|system| system.id.clone()).collect()
}

fn practices(registry: &Registry, of: &ListOf) -> Vec<OdsCode> {
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
    async fn find(&self, caller: &Caller, of: &ListOf, which: Which) -> Result<Found, Failure> {
        let registry = lcr_store::registry::load(self.store.read()).await.map_err(|e| away(&e))?;
        let now = self.clock.now();
        let when = match which {
            Which::InHospital => When::InHospital(now),
            Which::Left(days) => When::Left(london::window_opens(now, days), now),
        };
        let watched = own_list::watched_by(self.store.read(), &caller.actor.user).await;
        let watched = watched.map_err(|e| away(&e))?;
        let wanted = Wanted {
            practices: practices(&registry, of),
            sources: sources(&registry, of, &caller.actor.org),
            of: of.clone(),
            watched,
            when,
        };
        let most = u64::try_from(MOST + 1).unwrap_or(u64::MAX);
        let kept = spell::candidates(self.store.read(), &self.data_keys, &wanted, most).await;
        let kept = kept.map_err(|e| away(&e))?;
        if kept.len() > MOST {
            let words = "More than 2,000 stays: choose a practice, a ward or a consultant instead.";
            return Err(Failure::new(Kind::TooLarge, words));
        }
        Ok(Found { kept, wanted, registry, now })
    }

    /// Finds, decides, makes the rows, and confirms just before they leave that every decision still stands. What changes
    /// meanwhile is decided again until it does: the reader need not ask again.
    async fn list(&self, caller: &Caller, ask: &ListAsk, which: Which) -> Result<(List, Decided), Failure> {
        self.may_list(caller, ask.view).await?;
        let (until, mut pause) = (Instant::now() + DECIDED_WITHIN, BETWEEN[0]);
        loop {
            match self.list_once(caller, ask, which).await {
                Ok(Some(list)) => return Ok(list),
                Err(failure) if failure.kind != Kind::CatchingUp || Instant::now() > until => {
                    return Err(failure);
                }
                Ok(None) if Instant::now() > until => {
                    let words = "This list is being brought up to date. Try again in a moment.";
                    return Err(Failure::new(Kind::CatchingUp, words));
                }
                Ok(None) | Err(_) => {
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(BETWEEN[1]);
                }
            }
        }
    }

    /// `None` when a decision no longer stands.
    async fn list_once(
        &self,
        caller: &Caller,
        ask: &ListAsk,
        which: Which,
    ) -> Result<Option<(List, Decided)>, Failure> {
        let found = self.find(caller, &ask.of, which).await?;
        let decided = self.decide(caller, ask.view, found).await?;
        let list = match which {
            Which::InHospital => List::InHospital(self.in_hospital(&decided).await?),
            Which::Left(days) => List::Left(self.who_left(&decided, days).await?),
        };
        Ok(self.stands(caller, &decided).await?.then_some((list, decided)))
    }
}

/// Either list.
enum List {
    InHospital(Inpatients),
    Left(Discharges),
}

#[async_trait]
impl VirtualWard for Service {
    async fn inpatients(&self, caller: &Caller, ask: ListAsk) -> Result<Inpatients, Failure> {
        match self.list(caller, &ask, Which::InHospital).await?.0 {
            List::InHospital(list) => {
                let rows = list.rows.iter().filter_map(OnTheList::in_hospital).collect();
                self.completed(ask.view, rows).await;
                Ok(list)
            }
            List::Left(_) => Err(Failure::internal("the other list")),
        }
    }

    async fn discharges(&self, caller: &Caller, ask: ListAsk) -> Result<Discharges, Failure> {
        match self.list(caller, &ask, days(&ask)?).await?.0 {
            List::Left(list) => {
                let rows = list.rows.iter().filter_map(OnTheList::left).collect();
                self.completed(ask.view, rows).await;
                Ok(list)
            }
            List::InHospital(_) => Err(Failure::internal("the other list")),
        }
    }

    async fn delays(&self, caller: &Caller, ask: ListAsk) -> Result<Delays, Failure> {
        let list = self.inpatients(caller, ask).await?;
        let delays = delays::of_rows(&list.rows, list.as_of);
        Ok(Delays { as_of: list.as_of, delays, hospitals: list.hospitals })
    }

    async fn settings(&self, caller: &Caller, of: SettingsOf) -> Result<ListSettings, Failure> {
        self.own_settings(caller, of).await
    }

    async fn keep_settings(
        &self,
        caller: &Caller,
        of: SettingsOf,
        settings: ListSettings,
    ) -> Result<(), Failure> {
        self.keep_own_settings(caller, of, settings).await
    }

    async fn watch(&self, caller: &Caller, person: PersonId, on: bool) -> Result<(), Failure> {
        self.watch_patient(caller, person, on).await
    }

    async fn news(&self, caller: &Caller, ask: ListAsk) -> Result<BoxStream<'static, WardNews>, Failure> {
        let which = if ask.days == 0 { Which::InHospital } else { days(&ask)? };
        news::open(self.clone(), caller.clone(), ask, which).await
    }
}
