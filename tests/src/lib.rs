//! The platform as a whole, for tests: a small demo city, the demo provider and every service in this process,
//! wired as `lcr up` wires them, on free ports and in a folder that goes away. Nothing here checks anything.
//! Whoever asks is an [`Actor`], over HTTP and through the gateway, as in life.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "a test that cannot go on stops where it stands"
)]

mod actor;
mod browser;
pub mod mllp;
mod platform;
pub mod tokens;
pub mod views;

pub use actor::{Actor, Answer, Events};
pub use browser::Browser;
pub use platform::{
    Options, Platform,
    split::{self, Split},
};
pub use tokens::Keys;
