//! The service's operations. A view is resolved, decided and recorded before any source is asked. Each part must be confirmed
//! before it leaves, and audit gets the list of what was shown.

pub mod change_feed;
mod completion;
mod confirmation;
mod decision;
mod document;
mod fetch;
mod item;
mod open;
mod open_page;
mod plan;
mod pushed_items;
mod recheck_timer;
mod shared_answers;
mod stored_data;
mod stream;
mod view;
pub mod ward_stays;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use futures::stream::BoxStream;
use lcr_contracts::{
    Caller, Failure, Records,
    record::Record,
    records_api::{DocumentContent, DocumentRequest, SourceItem, SourceStatus, Update, ViewRequest},
    vocabulary::QueryState,
};
use lcr_model::{Clock, Dataset, ServiceName};
use lcr_runtime::Stop;
use lcr_store::{NewEvent, SetWriter, Store};
use tokio::sync::broadcast;

use crate::{
    Metrics,
    domain::resource_type::ResourceType,
    hashed_ids::HashedIds,
    sources::Sources,
    store::{self, list_progress, recent_rows::RecentRows},
};

pub use completion::start_completions;
pub use confirmation::{compute_and_record, retry_until_confirmed};
pub use decision::DecisionClient;
pub use open::OpenView;
pub use pushed_items::PushedItems;
pub use shared_answers::AnswerSharing;
pub use view::record_from;
pub use ward_stays::WardStays;

#[derive(Clone)]
pub struct Service {
    pub store: Store,
    pub clock: Arc<dyn Clock>,
    pub sources: Arc<Sources>,
    pub decisions: DecisionClient,
    pub pushed_items: PushedItems,
    pub ward_stays: WardStays,
    pub hashed_ids: HashedIds,
    /// How far the sources' lists of people are read.
    pub lists: Arc<RecentRows<list_progress::Model>>,
    pub changes: broadcast::Sender<change_feed::ChangeNotice>,
    pub deadline: Duration,
    pub metrics: Metrics,
    pub sharing: AnswerSharing,
    /// Publishes the completions of all views together.
    pub completions: SetWriter<NewEvent, ()>,
    pub stop: Stop,
}

/// The service as the handlers share it.
pub type SharedService = Arc<Service>;

/// This service as the caller, on behalf of the actor.
pub fn on_behalf_of(caller: &Caller) -> Caller {
    caller.through(ServiceName::RecordAggregation)
}

#[async_trait]
impl Records for Service {
    async fn view(&self, caller: &Caller, ask: ViewRequest) -> Result<BoxStream<'static, Update>, Failure> {
        let view = self.open(caller, &ask).await?;
        Ok(stream::updates(view, ask.live, self.completion_publisher(), self.stop.clone()))
    }

    async fn whole(&self, caller: &Caller, ask: ViewRequest) -> Result<Record, Failure> {
        retry_until_confirmed(self.deadline, || async {
            let mut view = self.open(caller, &ask).await?;
            view::complete_record(&mut view, &self.completion_publisher()).await
        })
        .await
    }

    async fn document(
        &self,
        caller: &Caller,
        ask: ViewRequest,
        file: DocumentRequest,
    ) -> Result<DocumentContent, Failure> {
        retry_until_confirmed(self.deadline, || document::fetch(self, caller, &ask, &file)).await
    }

    async fn item(&self, caller: &Caller, ask: ViewRequest, entry: &str) -> Result<SourceItem, Failure> {
        retry_until_confirmed(self.deadline, || item::read_as_sent(self, caller, &ask, entry)).await
    }

    async fn sources(&self, caller: &Caller) -> Result<Vec<SourceStatus>, Failure> {
        let lists = store::load_all_list_progress(self.store.read()).await?;
        let state = self.sources.state();
        let status = |system: &lcr_contracts::registry::System| {
            let health = state.connectors.get(&system.id).map(|connector| connector.health()).unwrap_or_default();
            let list = lists.iter().find(|row| row.source == system.id.0);
            // A discreet source always looks the same, so that nobody learns how it is used.
            let shown = if system.is_discreet() { crate::sources::Health::default() } else { health };
            let is_on =
                |dataset: &&Dataset| system.datasets.get(dataset) == Some(&lcr_contracts::registry::DatasetSwitch::On);
            SourceStatus {
                source: system.id.clone(),
                name: system.name.clone(),
                kind: system.kind.clone(),
                datasets: Dataset::ALL.iter().filter(is_on).copied().collect(),
                rhythm: system.rhythm.clone(),
                state: query_state(system.is_stopped(), shown),
                last_answer: shown.last_answer,
                people_loaded: list.map_or(0, |row| u64::try_from(row.people).unwrap_or(0)),
                loaded: !state.registry.may_be_read(system) || list.is_some_and(|row| row.finished.is_some()),
                discreet: system.is_discreet(),
            }
        };
        let is_listed = |system: &&lcr_contracts::registry::System| {
            system.is_nameable_to(&caller.actor) && !system.setup.removed && !system.is_joining()
        };
        Ok(state.registry.systems.iter().filter(is_listed).map(status).collect())
    }
}

fn query_state(stopped: bool, health: crate::sources::Health) -> QueryState {
    match (stopped, health.paused, health.failing, health.last_answer) {
        (true, ..) => QueryState::Suspended,
        (_, true, ..) => QueryState::Paused,
        (_, _, true, _) => QueryState::Failing,
        (_, _, _, Some(_)) => QueryState::Answering,
        (_, _, _, None) => QueryState::NotAskedYet,
    }
}

/// The FHIR types that make up the datasets.
pub fn resource_types_of(datasets: &[Dataset]) -> Vec<ResourceType> {
    ResourceType::ALL.iter().copied().filter(|kind| datasets.iter().any(|dataset| kind.has_dataset(*dataset))).collect()
}

#[cfg(test)]
#[path = "service/shared_answers_tests.rs"]
mod shared_answers_tests;

#[cfg(test)]
#[path = "service/race_tests.rs"]
mod race_tests;
