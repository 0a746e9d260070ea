//! What a service returns to be served: its routes, background work, and readiness checks. It must never start anything.

use std::sync::Arc;

use axum::Router;
use futures::future::BoxFuture;
use lcr_bus::{Bus, NatsBus, Subscriptions};
use lcr_cache::{RedisCache, SealedCache};
use lcr_store::Store;

use crate::admin::Check;

/// A built service.
#[expect(missing_debug_implementations, reason = "routers and tasks have none")]
pub struct RunningService {
    pub router: Router,
    /// Readiness checks: the service cannot answer without these.
    pub checks: Vec<(&'static str, Check)>,
    /// Checks of dependencies that it can do without for a while.
    pub degrades: Vec<(&'static str, Check)>,
    /// Background work besides HTTP (MLLP, subscriptions). Ends by itself after the stop signal.
    pub beside: Vec<BoxFuture<'static, std::io::Result<()>>>,
}

impl RunningService {
    pub fn new(router: Router) -> Self {
        Self { router, checks: vec![], degrades: vec![], beside: vec![] }
    }

    /// Adds a check that the service cannot work without.
    #[must_use]
    pub fn needs(mut self, name: &'static str, check: Check) -> Self {
        self.checks.push((name, check));
        self
    }

    /// The service cannot work without its store.
    #[must_use]
    pub fn needs_store(mut self, store: &Store) -> Self {
        let store = store.clone();
        let check: Check = Arc::new(move || {
            let store = store.clone();
            Box::pin(async move { store.ready().await })
        });
        self.checks.push(("store", check));
        self
    }

    /// Without the cache the service is only slower.
    #[must_use]
    pub fn uses_cache(mut self, cache: &ServiceCache) -> Self {
        if let Some(redis) = cache.redis.clone() {
            let check: Check = Arc::new(move || {
                let redis = redis.clone();
                Box::pin(async move {
                    let is_ready = redis.ready().await;
                    is_ready.then_some(()).ok_or_else(|| "not connected: nothing is cached".to_owned())
                })
            });
            self.degrades.push(("cache", check));
        }
        self
    }

    /// Reads work without the bus; events arrive later.
    #[must_use]
    pub fn uses_bus(mut self, service_bus: &ServiceBus) -> Self {
        let bus = service_bus.bus.clone();
        let check: Check = Arc::new(move || {
            let missing = bus.not_ready_reason();
            Box::pin(async move {
                missing.map_or(Ok(()), |why| Err(format!("{why}: events from other services arrive later")))
            })
        });
        self.degrades.push(("bus", check));
        let subscriptions = service_bus.subscriptions.clone();
        self.beside.push(Box::pin(async move {
            subscriptions.finished().await;
            Ok(())
        }));
        self
    }
}

/// The cache of this process.
#[expect(missing_debug_implementations, reason = "it holds a connection")]
pub struct ServiceCache {
    pub cache: SealedCache,
    pub(super) redis: Option<Arc<RedisCache>>,
}

/// The bus of this process and its subscriptions.
#[derive(Debug, Clone)]
pub struct ServiceBus {
    pub(super) bus: NatsBus,
    pub subscriptions: Subscriptions,
}
