//! Publishes the second half of a list's audit entries: whose rows were shown, with which datasets. A failure must not stop
//! the list: it is logged, and the entry then reads "may have been shown".

use lcr_contracts::{audit::ShownDataset, events::ViewCompleted};
use lcr_model::{Dataset, PersonId, SourceId, ViewId};
use lcr_store::Store;

use super::{Service, stay_list::StayRow};

/// One shown row as the audit log records it.
pub struct ShownRow {
    person: PersonId,
    source: SourceId,
    datasets: Vec<Dataset>,
}

impl ShownRow {
    pub fn of(row: &impl StayRow) -> Option<Self> {
        let fields = row.common();
        Some(Self { person: fields.person?, source: fields.source.clone(), datasets: row.datasets() })
    }
}

impl Service {
    pub(super) async fn record_completion(&self, view: ViewId, rows: Vec<ShownRow>) {
        if rows.is_empty() {
            return;
        }
        let at = self.clock.now();
        let body = |row: ShownRow| {
            let shown =
                |dataset| ShownDataset { source: row.source.clone(), dataset, state: "has-data".to_owned(), count: 1 };
            let shown = row.datasets.iter().copied().map(shown).collect();
            ViewCompleted { view, person: row.person, at, shown }
        };
        let bodies: Vec<ViewCompleted> = rows.into_iter().map(body).collect();
        let write = self.store.write(async move |tx| Store::publish(&tx, at, &bodies).await);
        if write.await.is_err() {
            tracing::error!("a completion was not stored; its entry says that it may have been shown");
        }
    }
}
