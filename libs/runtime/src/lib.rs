//! What every service process needs: keys on disk, logs, metrics, the admin listener, serving until stopped. Registry and
//! logger are passed down; no rule of a service may use a global one.

pub mod admin;
pub mod data_dir;
pub mod keys;
pub mod metrics;
pub mod process;
pub mod serve;
pub mod telemetry;

pub use data_dir::DataDir;
pub use keys::KeyFolder;
pub use metrics::Metrics;
pub use process::Process;
pub use serve::serve;
pub use tokio_util::sync::CancellationToken as Stop;

/// The allocator of every program. `LCR_BENCH=allocators` compares it with others; the README has the figures.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
