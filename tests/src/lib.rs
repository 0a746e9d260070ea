//! The whole platform for tests: a small demo city, the demo provider and every service, wired as `lcr up` wires them, on
//! free ports and in a temporary folder. Tests call it as an [`Actor`] over HTTP through the gateway. Nothing here must
//! check a rule of the platform.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "a test that cannot continue must fail"
)]

mod actor;
mod browser;
mod fhir_source;
mod host_system;
pub mod mllp;
mod partner_provider;
mod platform;
pub mod record_json;
mod tls_listener;
pub mod tokens;

pub use actor::{Actor, Answer, Events};
pub use browser::Browser;
pub use fhir_source::{PartnerSource, SourceBehaviour};
pub use host_system::{CLIENT, HostPatient, HostSystem};
pub use partner_provider::{PartnerProvider, ProviderUser};
pub use platform::{
    Options, Platform,
    split::{self, Split},
};
pub use tokens::Keys;
