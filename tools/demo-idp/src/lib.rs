//! An `OpenID` provider for laptops and tests: choose who to be, and be signed in as an invented person. It
//! must never be reachable from another machine, and never be linked into anything that is deployed.

#![allow(
    clippy::disallowed_methods,
    reason = "a demonstration apart from the platform: its clock and its one call are its own"
)]

mod authorize;
mod claims;
mod client_auth;
mod codes;
mod demo;
mod discovery;
mod error;
mod guard;
mod keys;
mod personas;
mod provider;
mod running;
mod token;

pub use error::IdpError;
pub use personas::{Persona, personas};
pub use running::{DemoIdp, IdpOptions, start};
