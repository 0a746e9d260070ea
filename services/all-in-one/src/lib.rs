//! The whole platform in one process: the same services, wired directly, on `SQLite` and the embedded bus and
//! cache. It must not link the demo: a demonstration passes its additions as `DemoConfig`.

mod listen;
mod listeners;
mod services;
mod settings;
mod shared;
mod wiring;

use lcr_bus::EmbeddedBus;
use lcr_contracts::{Failure, events::Stream};
use lcr_model::ServiceName;
use lcr_runtime::{DataDir, Stop};
use thiserror::Error;
use tokio::task::JoinSet;

pub use lcr_consent::domain::policies::OverridePolicy;
pub use lcr_identity::{ClientSeed, ProviderSettings, Seed};
pub use lcr_patient_index::SEARCHES_PER_MINUTE;
pub use settings::{DemoConfig, Ports, Settings};
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
    pub services: services::Services,
    bus: EmbeddedBus,
    stops: Vec<(ServiceName, Stop)>,
    stop: Stop,
    draining: Stop,
    tasks: JoinSet<std::io::Result<()>>,
    _folder: DataDir,
}

impl Platform {
    /// Stops one service and leaves the others running, to simulate its failure.
    pub fn stop(&self, service: ServiceName) {
        for (_, stop) in self.stops.iter().filter(|(name, _)| *name == service) {
            stop.cancel();
        }
    }

    /// Returns (sources whose lists are read, sources in total, people in the index, events not yet processed).
    pub async fn load_progress(&self) -> Result<(usize, usize, u64, i64), Failure> {
        let (read, of, _) = self.services.records.list_progress().await;
        let people = self.services.index.api.count().await?;
        let rows_behind = |stream, consumer| self.bus.rows_behind(stream, consumer);
        let index = rows_behind(Stream::Feeds, "patient-index").await?;
        let consent = rows_behind(Stream::People, "consent").await?;
        let ward = rows_behind(Stream::People, "virtual-ward").await?;
        let stays = rows_behind(Stream::Feeds, "virtual-ward").await?;
        let relationships = rows_behind(Stream::Ward, "consent").await?;
        let records = rows_behind(Stream::Ward, "record-aggregation").await?;
        let care_links = rows_behind(Stream::Feeds, "consent").await?;
        Ok((read, of, people, index + consent + ward + stays + relationships + records + care_links))
    }

    /// The public key that verifies the audit log's checkpoints.
    pub fn audit_key(&self) -> &str {
        &self.services.audit.verifier
    }

    /// Writes rows into the registry.
    pub async fn seed(&self, seed: Seed) -> Result<(), Failure> {
        self.services.identity.seed(seed).await
    }

    /// Fails the readiness check but keeps serving, so that load balancers stop sending before it stops.
    pub fn mark_not_ready(&self) {
        self.draining.cancel();
    }

    /// Stops everything. Running requests get at most three seconds to finish.
    pub async fn shutdown(mut self) {
        self.stop.cancel();
        while self.tasks.join_next().await.is_some() {}
    }
}
