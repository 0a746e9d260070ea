//! Audit: who saw whose record, when and why. An entry is appended and committed before a permit exists; it is
//! completed, later, with what was shown. Nothing here is ever changed or deleted before its retention ends, and
//! no clinical or demographic content is taken in.
//!
//! Flow: `lib → {http, events} → service → store`. Calls nobody.

mod events;
mod http;
mod service;
mod store;

use std::{path::PathBuf, sync::Arc};

use axum::Router;
use lcr_bus::{Bus, Mode, consume};
use lcr_contracts::{Audit, events::Stream};
use lcr_model::Clock;
use lcr_runtime::Stop;
use lcr_store::{Durability, Store};
use lcr_web::Gate;
use utoipa::openapi::OpenApi;

/// What audit needs.
#[derive(Debug)]
pub struct Deps {
    /// The `SQLite` file.
    pub file: PathBuf,
    pub clock: Arc<dyn Clock>,
    pub gate: Gate,
    pub stop: Stop,
}

/// What audit is to the others.
#[derive(Clone)]
pub struct Handle {
    pub api: Arc<dyn Audit>,
    pub router: Router,
    pub document: OpenApi,
    pub store: Store,
    service: service::Service,
}

impl std::fmt::Debug for Handle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("audit::Handle")
    }
}

/// Opens the log.
pub async fn build(deps: Deps) -> Result<Handle, sea_orm::DbErr> {
    let store = Store::open::<store::Migrator>(&deps.file, "audit", Durability::Acknowledged).await?;
    let service = service::Service { store: store.clone(), clock: deps.clock, stop: deps.stop };
    let api: Arc<dyn Audit> = Arc::new(service.clone());
    let (router, document) = http::router(api.clone(), deps.gate);
    Ok(Handle { api, router, document, store, service })
}

impl Handle {
    /// Whether entries can be appended.
    pub fn ready(&self) -> Result<(), lcr_contracts::Failure> {
        if self.service.stop.is_cancelled() {
            return Err(lcr_contracts::Failure::cannot_record("stopping"));
        }
        Ok(())
    }

    /// Starts hearing completions. Called when every store is attached to the bus.
    pub fn listen(&self, bus: &Arc<dyn Bus>) {
        let consumer = Arc::new(events::Completions { store: self.service.store.clone() });
        tokio::spawn(consume(bus.clone(), Stream::Audit, Mode::Work("audit"), consumer));
    }
}
