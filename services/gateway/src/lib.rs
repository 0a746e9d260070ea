//! The gateway: the portal's pages, and the proxy to the public APIs of the other services. It must never decide what a
//! reader may see, store patient data beyond a five-minute search result, or route to `/internal`.

#![allow(clippy::format_push_string, reason = "the sentences are short, and the code reads better")]

pub mod access_log;
mod app;
pub(crate) mod cache;
pub(crate) mod care_list;
pub mod choices;
pub(crate) mod claims;
pub(crate) mod forms;
pub(crate) mod incidents;
mod launch;
pub mod layout;
pub(crate) mod partners;
pub mod process;
pub mod proxy;
pub(crate) mod public;
pub mod record;
pub mod reviews;
mod roles;
pub(crate) mod rules;
pub mod search;
mod state;
mod stream;
pub mod waiting;
pub mod ward;
pub(crate) mod web;

pub use crate::app::{router, router_with};
pub use crate::state::{Deps, Settings};

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use lcr_cache::{EmbeddedCache, SealedCache};
    use lcr_model::seal::DataKeys;

    /// An in-memory cache for unit tests.
    pub fn cache() -> SealedCache {
        let keys = DataKeys::parse(&DataKeys::generate_text().unwrap()).unwrap();
        SealedCache::new(Arc::new(EmbeddedCache::new(1 << 20)), Arc::new(keys))
    }
}
