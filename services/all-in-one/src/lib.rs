//! The whole platform in one process: the same services, wired directly, on `SQLite` and the embedded bus and
//! cache. It links no demo: what a demonstration adds comes in as arguments (design section 11, "The demo is
//! not a back door").

mod common;
mod doors;
mod listen;
mod settings;
mod wiring;

use lcr_bus::EmbeddedBus;
use lcr_contracts::{Failure, events::Stream};
use lcr_model::ServiceName;
use lcr_runtime::{DataFolder, Stop};
use thiserror::Error;
use tokio::task::JoinSet;

pub use lcr_identity::{ClientSeed, ProviderSettings, Seed};
pub use lcr_patient_index::SEARCHES_PER_MINUTE;
pub use settings::{Extras, Ports, Settings};
pub use wiring::start;

/// Why the platform did not start.
#[derive(Debug, Error)]
pub enum StartError {
    #[error("port {port} is taken; stop what uses it, or choose another (LCR_PORT, --port)")]
    Port { port: u16 },
    #[error("the folder {folder} cannot be used: {why}")]
    Folder { folder: String, why: String },
    #[error("a store did not open: {0}")]
    Store(#[from] sea_orm::DbErr),
    #[error("consent did not start: {0}")]
    Consent(#[from] lcr_consent::BuildError),
    #[error("audit did not start: {0}")]
    Audit(#[from] lcr_audit::BuildError),
    #[error("the outbound client did not start: {0}")]
    Outbound(#[from] lcr_web::OutboundError),
    #[error("metrics did not start: {0}")]
    Metrics(String),
    #[error("the registry was not taken: {0}")]
    Seed(String),
}

/// A running platform. Dropping it does not stop it; `shutdown` does.
#[derive(Debug)]
pub struct Platform {
    pub ports: Ports,
    pub services: wiring::Services,
    bus: EmbeddedBus,
    stops: Vec<(ServiceName, Stop)>,
    stop: Stop,
    leaving: Stop,
    serving: JoinSet<std::io::Result<()>>,
    _folder: DataFolder,
}

impl Platform {
    /// Stops one service and leaves the others running, as when it fails.
    pub fn stop(&self, service: ServiceName) {
        for (_, stop) in self.stops.iter().filter(|(name, _)| *name == service) {
            stop.cancel();
        }
    }

    /// (lists of people read, lists there are, people in the index, events the index has still to take in).
    pub async fn loaded(&self) -> Result<(usize, usize, u64, i64), Failure> {
        let (read, of, _) = self.services.records.loaded().await;
        let people = self.services.index.api.count().await?;
        let behind = |stream, consumer| async move {
            self.bus.behind(stream, consumer).await.map_err(|e| lcr_store::unavailable(&e))
        };
        let index = behind(Stream::Feeds, "patient-index").await?;
        let consent = behind(Stream::People, "consent").await?;
        let ward = behind(Stream::People, "virtual-ward").await?;
        let stays = behind(Stream::Feeds, "virtual-ward").await?;
        let relationships = behind(Stream::Ward, "consent").await?;
        let records = behind(Stream::Ward, "record-aggregation").await?;
        Ok((read, of, people, index + consent + ward + stays + relationships + records))
    }

    /// What verifies the audit log's checkpoints.
    pub fn audit_key(&self) -> &str {
        &self.services.audit.verifier
    }

    /// Takes rows into the registry.
    pub async fn seed(&self, seed: Seed) -> Result<(), Failure> {
        self.services.identity.seed(seed).await
    }

    /// Says that it is not ready any more, and goes on serving: whoever sends here hears of it before it stops.
    pub fn leave(&self) {
        self.leaving.cancel();
    }

    /// Stops everything; running requests finish first, for at most three seconds.
    pub async fn shutdown(mut self) {
        self.stop.cancel();
        while self.serving.join_next().await.is_some() {}
    }
}
