//! An `OpenID` Connect provider for laptops and tests: you choose an invented person and are signed in as them. It must
//! never be reachable from another machine, and never be linked into anything that is deployed.

#![allow(
    clippy::disallowed_methods,
    reason = "a demonstration outside the platform: it has its own clock and makes one call of its own"
)]

mod authorize;
mod claims;
mod client_auth;
mod codes;
mod command_line;
mod discovery;
mod error;
mod host_system;
mod keys;
mod loopback;
mod personas;
mod provider;
mod server;
mod token;

pub use error::IdpError;
pub use personas::{Persona, find, partners, personas, pilot_teams};
pub use server::{DemoIdp, IdpOptions, start};
