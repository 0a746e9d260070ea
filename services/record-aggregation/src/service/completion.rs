//! Publishes the second half of an audit entry: what a view has shown. It must be published whenever a view ends, also when
//! the reader disconnects.

use std::{borrow::Cow, sync::Arc};

use lcr_contracts::{audit, events::ViewCompleted, record::Record};
use lcr_model::{Clock, SourceState};
use lcr_store::{NewEvent, SetWriter, Store, Transaction};
use sea_orm::DbErr;

use super::{OpenView, Service, view::reports};

/// Publishes completions through the outbox, those of many views together.
#[derive(Debug, Clone)]
pub struct CompletionPublisher {
    events: SetWriter<NewEvent, ()>,
    clock: Arc<dyn Clock>,
}

impl Service {
    pub fn completion_publisher(&self) -> CompletionPublisher {
        CompletionPublisher { events: self.completions.clone(), clock: self.clock.clone() }
    }
}

/// Starts the writer of the completions of all views.
pub fn start_completions(store: Store) -> SetWriter<NewEvent, ()> {
    SetWriter::start(store, publish_set)
}

async fn publish_set(tx: Transaction, events: Vec<NewEvent>) -> Result<Vec<()>, DbErr> {
    let answers = vec![(); events.len()];
    Store::publish_all(&tx, events).await?;
    Ok(answers)
}

impl CompletionPublisher {
    /// Publishes what `record` shows. A failure is only logged: the entry then reads "may have been shown".
    pub async fn publish_shown(&self, view: &OpenView, record: &Record) {
        self.publish(self.event(view, record)).await;
    }

    /// Publishes in a task of its own. Without a runtime the process is ending, and the entry reads "may have been shown".
    fn publish_in_background(&self, body: ViewCompleted) {
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            let publisher = self.clone();
            runtime.spawn(async move { publisher.publish(body).await });
        }
    }

    /// The event names the sources, even if the reader may not see their names. A record that may name them has their reports.
    fn event(&self, view: &OpenView, record: &Record) -> ViewCompleted {
        let all = if record.location_protected { Cow::Owned(reports(view)) } else { Cow::Borrowed(&record.sources) };
        let shown = all.iter().flat_map(|source| {
            let known = source.datasets.iter().filter(|report| report.state != SourceState::NoRecord);
            known.map(|report| audit::ShownDataset {
                source: source.source.clone(),
                dataset: report.dataset,
                state: report.state.name().to_owned(),
                count: report.count,
            })
        });
        ViewCompleted { view: record.view, person: record.person, at: self.clock.now(), shown: shown.collect() }
    }

    async fn publish(&self, body: ViewCompleted) {
        // The event is made here, so that it is in the trace of its view.
        let written = match NewEvent::of(body.at, &body) {
            Ok(event) => self.events.write(event).await,
            Err(error) => Err(error.into()),
        };
        if written.is_err() {
            tracing::error!("a completion could not be stored; its audit entry says that it may have been shown");
        }
    }
}

/// What a stream has shown so far. Dropping it publishes that.
pub struct PendingCompletion {
    publisher: CompletionPublisher,
    last: Option<ViewCompleted>,
}

impl PendingCompletion {
    pub fn new(publisher: CompletionPublisher) -> Self {
        Self { publisher, last: None }
    }

    pub fn set_shown(&mut self, view: &OpenView, record: &Record) {
        self.last = Some(self.publisher.event(view, record));
    }
}

impl Drop for PendingCompletion {
    fn drop(&mut self) {
        if let Some(body) = self.last.take() {
            self.publisher.publish_in_background(body);
        }
    }
}
