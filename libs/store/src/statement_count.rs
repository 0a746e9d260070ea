//! Counts the statements that a store sends to its database, for its service's metrics. It must never look at a statement:
//! its values are patients' data.

use std::sync::{Arc, OnceLock};

use lcr_observe::{Error, IntCounter, Meter};
use sea_orm::DatabaseConnection;

/// The count of one store, once its service has a place to show it. Clones share it.
#[derive(Debug, Clone, Default)]
pub(crate) struct StatementCount(Arc<OnceLock<IntCounter>>);

impl StatementCount {
    /// Counts every statement of the connection except the beginning and end of transactions.
    pub(crate) fn count_on(&self, mut connection: DatabaseConnection) -> DatabaseConnection {
        let count = self.clone();
        connection.set_metric_callback(move |_| {
            if let Some(counter) = count.0.get() {
                counter.inc();
            }
        });
        connection
    }

    pub(crate) fn show(&self, meter: &Meter, service: &'static str) -> Result<(), Error> {
        let made = meter.of("service", service).counter(
            "lcr_store_statements_total",
            "Statements sent to the service's database, without the beginning and end of transactions.",
        )?;
        // A second place would count nothing.
        self.0.set(made).map_err(|_| Error::Msg("the statements of this store are counted already".to_owned()))
    }
}
