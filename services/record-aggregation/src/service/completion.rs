//! The second half of an audit entry: what was shown. Published through the outbox when a view ends, also when
//! its reader just left.

use std::sync::Arc;

use lcr_contracts::{audit, events::ViewCompleted, record::Record};
use lcr_model::{Clock, SourceState};
use lcr_store::Store;
use sea_orm::DbErr;

use super::{Opened, Service, view};

/// Publishes completions.
#[derive(Clone)]
pub struct Completer {
    store: Store,
    clock: Arc<dyn Clock>,
}

impl Service {
    pub fn completer(&self) -> Completer {
        Completer { store: self.store.clone(), clock: self.clock.clone() }
    }
}

impl Completer {
    /// Says what `record` shows. A failure is logged: the entry then reads "presumed shown".
    pub async fn shown(&self, opened: &Opened, record: &Record) {
        self.publish(self.body(opened, record)).await;
    }

    /// Publishes in a task of its own. Outside a runtime the process is ending: the entry reads "presumed shown".
    fn publish_soon(&self, body: ViewCompleted) {
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            let completer = self.clone();
            runtime.spawn(async move { completer.publish(body).await });
        }
    }

    /// The log names the sources also where the reader was told of none.
    fn body(&self, opened: &Opened, record: &Record) -> ViewCompleted {
        let reports = view::reports(opened);
        let shown = reports.iter().flat_map(|source| {
            let told = source.datasets.iter().filter(|one| one.state != SourceState::NoRecord);
            told.map(|one| audit::Shown {
                source: source.source.clone(),
                dataset: one.dataset,
                state: one.state.name().to_owned(),
                count: one.count,
            })
        });
        ViewCompleted {
            view: record.view,
            person: record.person,
            at: self.clock.now(),
            shown: shown.collect(),
        }
    }

    async fn publish(&self, body: ViewCompleted) {
        let at = body.at;
        let write = self
            .store
            .write::<_, DbErr, _>(move |tx| Box::pin(async move { Store::publish(tx, at, &[body]).await }));
        if write.await.is_err() {
            tracing::error!("a completion was not kept; its entry reads presumed shown");
        }
    }
}

/// What a filling view has shown so far; told when it is dropped.
pub struct Shown {
    completer: Completer,
    last: Option<ViewCompleted>,
}

impl Shown {
    pub fn new(completer: Completer) -> Self {
        Self { completer, last: None }
    }

    pub fn note(&mut self, opened: &Opened, record: &Record) {
        self.last = Some(self.completer.body(opened, record));
    }
}

impl Drop for Shown {
    fn drop(&mut self) {
        if let Some(body) = self.last.take() {
            self.completer.publish_soon(body);
        }
    }
}
