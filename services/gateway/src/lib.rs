//! The gateway: the portal's pages, and the one door to the public APIs of the other services. It renders what
//! the seams answer and holds nothing of anybody but a search result for five minutes, and which versions of which
//! stays a reader has seen. It must never decide what may be seen, and never route to `/internal`.

#![allow(clippy::format_push_string, reason = "sentences are short; reading them in the code matters more")]

mod app;
mod assets;
mod form;
mod guard;
mod looked;
mod page;
mod pages;
mod parts;
pub mod proxy;
mod roles;
mod searches;
mod session;
mod slots;
mod state;
mod stream;
mod trouble;
pub mod view;

pub use app::{router, router_with};
pub use state::{Deps, Settings};
