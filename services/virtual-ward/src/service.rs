//! The `VirtualWard` contract: finds the candidates of a list, asks consent about all of them, shows what is granted
//! (`services/DESIGN.md`). It must never count or show a stay before consent's decision.

mod authorise;
mod candidates;
mod change_feed;
mod completion;
mod counts;
mod delay_metrics;
mod lists;
mod reader_settings;
mod stay_list;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use authorise::AuthorisedStays;
use completion::ShownRow;
pub use counts::RecentCounts;
use futures::stream::BoxStream;
use lcr_authorise::Authoriser;
use lcr_contracts::{
    Caller, Failure, FailureKind, VirtualWard,
    ward::{Counts, Delays, Discharges, Inpatients, ListChange, ListOf, ListRequest, ListSettings, SettingsOf},
};
use lcr_model::{Backoff, Clock, PersonId, discharge_window::WINDOW_DAYS, seal::DataKeys};
use lcr_runtime::Stop;
use lcr_store::Store;
use stay_list::StayList;
use tokio::time::Instant;

use crate::{Metrics, domain::delays, events::ChangeSender};

/// The most candidates that one list may have.
const MAX_CANDIDATES: usize = 2000;
/// The most stays that are opened to find those of a specialty.
const MAX_OPENED: usize = 20_000;
/// How long a list is authorised again while its data changes. The caller gives up after eight seconds.
const LIST_TIMEOUT: Duration = Duration::from_secs(6);
/// The waits before a list is built again.
const BACKOFF: Backoff = Backoff::new(Duration::from_millis(20), Duration::from_millis(100));

#[derive(Clone)]
pub struct Service {
    pub store: Store,
    pub clock: Arc<dyn Clock>,
    pub authoriser: Authoriser,
    pub data_keys: Arc<DataKeys>,
    pub changes: ChangeSender,
    pub stop: Stop,
    pub metrics: Metrics,
    pub recent_counts: RecentCounts,
}

fn check_days(ask: &ListRequest) -> Result<(), Failure> {
    let problem = || Failure::bad_request("`days` is a number from 1 to 28.");
    (1..=WINDOW_DAYS).contains(&ask.days).then_some(()).ok_or_else(problem)
}

/// Refuses a list whose stays were not all examined: it would look complete.
fn check_size(has_more: bool) -> Result<(), Failure> {
    let problem = || {
        let words = "More than 2,000 stays: choose a practice, a ward or a consultant instead.";
        Failure::new(FailureKind::TooLarge, words)
    };
    (!has_more).then_some(()).ok_or_else(problem)
}

impl Service {
    /// Finds and authorises the candidates, builds the rows, and confirms every decision just before the rows leave. If a
    /// decision changed meanwhile, all of it is repeated, so that the reader need not ask again.
    async fn build_list<L: StayList>(
        &self,
        caller: &Caller,
        ask: &ListRequest,
    ) -> Result<(L, AuthorisedStays), Failure> {
        self.check_can_list(caller, ask.view).await?;
        let (until, mut backoff) = (Instant::now() + LIST_TIMEOUT, BACKOFF);
        loop {
            match self.try_build_list(caller, ask).await {
                Ok(Some(list)) => return Ok(list),
                Err(failure) if failure.kind != FailureKind::CatchingUp || Instant::now() > until => {
                    return Err(failure);
                }
                Ok(None) if Instant::now() > until => {
                    let words = "This list is being brought up to date. Try again in a moment.";
                    return Err(Failure::new(FailureKind::CatchingUp, words));
                }
                Ok(None) | Err(_) => tokio::time::sleep(backoff.next_delay()).await,
            }
        }
    }

    /// Returns `None` if a decision changed meanwhile.
    async fn try_build_list<L: StayList>(
        &self,
        caller: &Caller,
        ask: &ListRequest,
    ) -> Result<Option<(L, AuthorisedStays)>, Failure> {
        let candidates = self.find_candidates::<L>(caller, ask).await?;
        let authorised = self.authorise(caller, ask.view, candidates).await?;
        let list = L::build(self, &authorised, ask.days).await?;
        Ok(self.confirm_all(caller, &authorised).await?.then_some((list, authorised)))
    }

    /// Builds the list and records which rows it shows.
    async fn show_list<L: StayList>(&self, caller: &Caller, ask: &ListRequest) -> Result<L, Failure> {
        let (list, _) = self.build_list::<L>(caller, ask).await?;
        let rows = list.rows().iter().filter_map(ShownRow::of).collect();
        self.record_completion(ask.view, rows).await;
        Ok(list)
    }
}

#[async_trait]
impl VirtualWard for Service {
    async fn inpatients(&self, caller: &Caller, ask: ListRequest) -> Result<Inpatients, Failure> {
        self.show_list(caller, &ask).await
    }

    async fn discharges(&self, caller: &Caller, ask: ListRequest) -> Result<Discharges, Failure> {
        check_days(&ask)?;
        self.show_list(caller, &ask).await
    }

    async fn delays(&self, caller: &Caller, ask: ListRequest) -> Result<Delays, Failure> {
        let list = self.inpatients(caller, ask).await?;
        let delays = delays::sum_rows(&list.rows, list.as_of);
        Ok(Delays { as_of: list.as_of, delays, hospitals: list.hospitals })
    }

    async fn counts(&self, caller: &Caller, of: Option<ListOf>) -> Result<Counts, Failure> {
        self.count_people(caller, of).await
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
        if ask.days == 0 {
            return change_feed::open::<Inpatients>(self.clone(), caller.clone(), ask).await;
        }
        check_days(&ask)?;
        change_feed::open::<Discharges>(self.clone(), caller.clone(), ask).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_that_was_cut_is_refused() {
        assert!(check_size(false).is_ok());
        assert_eq!(check_size(true).unwrap_err().kind, FailureKind::TooLarge);
    }
}
