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
pub mod process;
pub mod proxy;
mod roles;
mod searches;
mod session;
mod slots;
mod state;
mod stream;
mod trouble;
mod unread;
pub mod view;

pub use app::{router, router_with};
pub use state::{Deps, Settings};

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use lcr_cache::{EmbeddedCache, SealedCache};
    use lcr_model::seal::DataKeys;

    /// A cache of one process, as the units under test want one.
    pub fn cache() -> SealedCache {
        let keys = DataKeys::parse(&DataKeys::generate_text().unwrap()).unwrap();
        SealedCache::new(Arc::new(EmbeddedCache::new(1 << 20)), Arc::new(keys))
    }
}
