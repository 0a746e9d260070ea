//! Test helpers: golden files, temporary folders, real servers, external test data, a fake consent, waiting, counting
//! statements. No service may depend on it except in tests.

pub mod certificate;
pub mod data;
mod fake_consent;
pub mod folder;
pub mod golden;
pub mod servers;
#[cfg(feature = "statements")]
mod statements;
mod wait;

pub use certificate::Certificate;
pub use fake_consent::{Answer, ConsentRules, FakeConsent};
pub use folder::Folder;
#[cfg(feature = "statements")]
pub use statements::statements_of;
pub use wait::{eventually, eventually_ok};

use std::path::Path;

/// The root of the repository.
pub fn root() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here)
}

/// A caller with an unchecked token, for contracts called in one process.
pub fn caller(service: lcr_model::ServiceName, actor: lcr_model::Actor) -> lcr_contracts::Caller {
    let until = jiff::Timestamp::MAX;
    lcr_contracts::Caller { service, actor, token: lcr_model::Phi::default(), until }
}
