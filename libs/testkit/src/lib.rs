//! What tests share: golden files, folders that go away, real servers, data of real-world shape from outside the
//! repository.
//! No service may depend on it but to be tested.

pub mod certificate;
pub mod data;
pub mod folder;
pub mod golden;
pub mod servers;

pub use certificate::Certificate;
pub use folder::Folder;

use std::path::Path;

/// The repository.
pub fn root() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here)
}

/// A caller whose token nobody checks: for seams called in one process.
pub fn caller(service: lcr_model::ServiceName, actor: lcr_model::Actor) -> lcr_contracts::Caller {
    let until = jiff::Timestamp::MAX;
    lcr_contracts::Caller { service, actor, token: lcr_model::Phi::default(), until }
}
