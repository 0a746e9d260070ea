//! What a service hands back to be served: its routes, what runs beside them, and what it is asked about itself. It must
//! never start anything.

use std::sync::Arc;

use axum::Router;
use futures::future::BoxFuture;
use lcr_bus::{Bus, Ears, NatsBus};
use lcr_cache::{RedisCache, SealedCache};
use lcr_store::Store;

use crate::admin::Check;

/// What a service gives.
#[expect(missing_debug_implementations, reason = "routers and tasks have none")]
pub struct Running {
    pub router: Router,
    /// What `/readyz` asks: without it nothing can be answered.
    pub checks: Vec<(&'static str, Check)>,
    /// What it does without for a while, and says so.
    pub degrades: Vec<(&'static str, Check)>,
    /// What runs besides HTTP (MLLP, what is heard); it ends by itself when told to stop.
    pub beside: Vec<BoxFuture<'static, std::io::Result<()>>>,
}

impl Running {
    pub fn new(router: Router) -> Self {
        Self { router, checks: vec![], degrades: vec![], beside: vec![] }
    }

    /// Nothing works without what `check` asks.
    #[must_use]
    pub fn needs(mut self, name: &'static str, check: Check) -> Self {
        self.checks.push((name, check));
        self
    }

    /// Nothing works without the store.
    #[must_use]
    pub fn needs_store(mut self, store: &Store) -> Self {
        let store = store.clone();
        let ask: Check = Arc::new(move || {
            let store = store.clone();
            Box::pin(async move { store.ready().await })
        });
        self.checks.push(("store", ask));
        self
    }

    /// Everything goes on without the cache, slower.
    #[must_use]
    pub fn remembers(mut self, kept: &Kept) -> Self {
        if let Some(redis) = kept.redis.clone() {
            let ask: Check = Arc::new(move || {
                let redis = redis.clone();
                Box::pin(async move {
                    let there = redis.ready().await;
                    there
                        .then_some(())
                        .ok_or_else(|| "not connected: everything is asked for again".to_owned())
                })
            });
            self.degrades.push(("cache", ask));
        }
        self
    }

    /// Reads go on without the bus; what others did is heard later.
    #[must_use]
    pub fn hears(mut self, carried: &Carried) -> Self {
        let bus = carried.bus.clone();
        let ask: Check = Arc::new(move || {
            let missing = bus.missing();
            Box::pin(async move {
                missing.map_or(Ok(()), |why| Err(format!("{why}: what others did is heard later")))
            })
        });
        self.degrades.push(("bus", ask));
        let ears = carried.ears.clone();
        self.beside.push(Box::pin(async move {
            ears.finished().await;
            Ok(())
        }));
        self
    }
}

/// The cache of this process.
#[expect(missing_debug_implementations, reason = "it holds a connection")]
pub struct Kept {
    pub cache: SealedCache,
    pub(super) redis: Option<Arc<RedisCache>>,
}

/// The bus of this process, and what hears on it.
#[derive(Debug, Clone)]
pub struct Carried {
    pub(super) bus: NatsBus,
    pub ears: Ears,
}
