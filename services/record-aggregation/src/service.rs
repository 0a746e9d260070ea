//! What record-aggregation does with a view: resolve, have it decided and recorded, ask every permitted source
//! at once, confirm before each part leaves, and say at the end what was shown.

mod answers;
mod asking;
mod completion;
mod deciding;
mod document;
mod item;
mod live;
pub mod news;
mod open;
mod plan;
mod shelf;
mod standing;
pub mod stays;
mod view;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use futures::stream::BoxStream;
use lcr_contracts::{
    Caller, Failure, Records,
    record::Record,
    records::{DocumentAsk, DocumentContent, SourceItem, SourceStatus, Update, ViewAsk},
};
use lcr_model::{Clock, Dataset, ServiceName};
use lcr_runtime::Stop;
use lcr_store::Store;
use tokio::sync::broadcast;

use crate::{Numbers, domain::kind::Kind, hashed_ids::HashedIds, sources::Sources, store};

pub use answers::Sharing;
pub use deciding::Deciding;
pub use open::Opened;
pub use shelf::Shelf;
pub use standing::{shown, until_it_stands};
pub use view::record;

#[derive(Clone)]
pub struct Service {
    pub store: Store,
    pub clock: Arc<dyn Clock>,
    pub sources: Arc<Sources>,
    pub deciding: Deciding,
    pub shelf: Shelf,
    pub hashed_ids: HashedIds,
    pub news: broadcast::Sender<news::Word>,
    pub deadline: Duration,
    pub numbers: Numbers,
    pub sharing: Sharing,
    pub stop: Stop,
}

/// As handlers share it.
pub type Shared = Arc<Service>;

/// The service as caller, for the actor it acts for.
pub fn as_me(caller: &Caller) -> Caller {
    caller.through(ServiceName::RecordAggregation)
}

#[async_trait]
impl Records for Service {
    async fn view(&self, caller: &Caller, ask: ViewAsk) -> Result<BoxStream<'static, Update>, Failure> {
        let opened = self.open(caller, &ask).await?;
        Ok(view::stream(opened, ask.live, self.completer(), self.stop.clone()))
    }

    async fn whole(&self, caller: &Caller, ask: ViewAsk) -> Result<Record, Failure> {
        until_it_stands(self.deadline, || async {
            let mut opened = self.open(caller, &ask).await?;
            view::whole(&mut opened, &self.completer()).await
        })
        .await
    }

    async fn document(
        &self,
        caller: &Caller,
        ask: ViewAsk,
        file: DocumentAsk,
    ) -> Result<DocumentContent, Failure> {
        until_it_stands(self.deadline, || document::fetch(self, caller, &ask, &file)).await
    }

    async fn item(&self, caller: &Caller, ask: ViewAsk, entry: &str) -> Result<SourceItem, Failure> {
        until_it_stands(self.deadline, || item::as_sent(self, caller, &ask, entry)).await
    }

    async fn sources(&self, _: &Caller) -> Result<Vec<SourceStatus>, Failure> {
        let rosters = store::rosters(self.store.read()).await.map_err(|e| lcr_store::unavailable(&e))?;
        let state = self.sources.now();
        let status = |system: &lcr_contracts::identity::System| {
            let health = state.connectors.get(&system.id).map(|one| one.health()).unwrap_or_default();
            let roster = rosters.iter().find(|row| row.source == system.id.0);
            // A discreet source reads the same whatever it is doing.
            let told = if system.discreet { crate::sources::Health::default() } else { health };
            let on = |dataset: &&Dataset| {
                system.datasets.get(dataset) == Some(&lcr_contracts::identity::DatasetSwitch::On)
            };
            SourceStatus {
                source: system.id.clone(),
                name: system.name.clone(),
                kind: system.kind.clone(),
                datasets: Dataset::ALL.iter().filter(on).copied().collect(),
                rhythm: system.rhythm.clone(),
                state: state_words(system.suspended, told).to_owned(),
                last_answer: told.last_answer,
                people_loaded: roster.map_or(0, |row| u64::try_from(row.people).unwrap_or(0)),
                loaded: system.discreet
                    || !system.is_asked()
                    || roster.is_some_and(|row| row.finished.is_some()),
                discreet: system.discreet,
            }
        };
        Ok(state.registry.systems.iter().map(status).collect())
    }
}

fn state_words(suspended: bool, health: crate::sources::Health) -> &'static str {
    match (suspended, health.paused, health.failing, health.last_answer) {
        (true, ..) => "suspended",
        (_, true, ..) => "paused",
        (_, _, true, _) => "failing",
        (_, _, _, Some(_)) => "answering",
        (_, _, _, None) => "not-asked-yet",
    }
}

/// The FHIR types that the datasets are made of.
pub fn kinds_of(datasets: &[Dataset]) -> Vec<Kind> {
    Kind::ALL.iter().copied().filter(|kind| datasets.iter().any(|dataset| kind.serves(*dataset))).collect()
}

#[cfg(test)]
#[path = "service/answers_tests.rs"]
mod answers_tests;

#[cfg(test)]
#[path = "service/race_tests.rs"]
mod race_tests;
