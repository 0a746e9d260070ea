//! The frame a service runs in: keys on disk, logs, metrics, the admin listener, serving until told to stop.
//! Registry and logger are handed down, never global to a service's rules.

pub mod admin;
pub mod folder;
pub mod keys;
pub mod metrics;
pub mod process;
pub mod serve;
pub mod telemetry;

pub use folder::DataFolder;
pub use keys::KeyFolder;
pub use metrics::Metrics;
pub use process::Process;
pub use serve::serve;
pub use tokio_util::sync::CancellationToken as Stop;
