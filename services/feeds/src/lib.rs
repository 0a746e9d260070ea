//! Feeds: what hospitals send. A message is taken over MLLP or HTTP, judged, and committed together with the events
//! it gives; only then is it acknowledged. What cannot be read yet waits and can be replayed; nothing that came is
//! lost, and nothing is ever written to a sender but its answer. Message content leaves here in sealed events alone.
//!
//! Flow: `lib → {http, mllp, sources} → service → {domain, store}`. Calls nobody.

mod domain;
mod http;
mod metrics;
mod mllp;
pub mod process;
mod service;
mod sources;
mod store;
mod try_out;

use std::{io, sync::Arc};

use axum::Router;
use lcr_bus::{Ears, Mode};
use lcr_contracts::{Failure, Kind, Messages, events::Stream};
use lcr_model::{Clock, seal::DataKeys};
use lcr_runtime::Stop;
use lcr_store::{Durability, Location, Store};
use lcr_web::Gate;
use tokio::net::TcpListener;
use utoipa::openapi::OpenApi;

pub use metrics::Numbers;

pub use mllp::tls::{Tls, TlsFiles};
pub use try_out::{Outcome, Run, Tried, try_out};

/// What feeds needs.
pub struct Deps {
    /// Where its own data is.
    pub store: Location,
    pub clock: Arc<dyn Clock>,
    pub gate: Gate,
    pub data_keys: Arc<DataKeys>,
    pub metrics: Numbers,
    pub stop: Stop,
}

impl std::fmt::Debug for Deps {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("feeds::Deps")
    }
}

/// What feeds is to the others.
#[derive(Clone)]
pub struct Handle {
    pub api: Arc<dyn Messages>,
    pub router: Router,
    pub document: OpenApi,
    pub store: Store,
    service: service::Service,
    stop: Stop,
}

impl std::fmt::Debug for Handle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("feeds::Handle")
    }
}

pub async fn build(deps: Deps) -> Result<Handle, sea_orm::DbErr> {
    let store = Store::open::<store::Migrator>(deps.store, "feeds", Durability::Acknowledged).await?;
    let sources = sources::Sources::default();
    sources.refresh(&store).await?;
    let local_ids = lcr_store::local_id_key::load(&store, &deps.data_keys, "feeds").await?;
    let service = service::Service {
        store: store.clone(),
        local_ids: Arc::new(local_ids),
        clock: deps.clock,
        keys: deps.data_keys,
        sources,
        numbers: deps.metrics,
        unknown: service::Unknown::default(),
    };
    let (router, document) = http::router(service.clone(), deps.gate);
    Ok(Handle { api: Arc::new(service.clone()), router, document, store, service, stop: deps.stop })
}

impl Handle {
    /// Whether messages can be taken.
    pub fn ready(&self) -> Result<(), Failure> {
        if self.stop.is_cancelled() {
            return Err(Failure::new(Kind::Unavailable, "Feeds is stopping."));
        }
        Ok(())
    }

    /// Starts hearing who may send.
    pub fn listen(&self, ears: &Ears) {
        let consumer = sources::Partners { store: self.store.clone(), sources: self.service.sources.clone() };
        let heard = self.service.numbers.bus.clone();
        ears.hear(Stream::Partners, Mode::Work("feeds"), Arc::new(consumer), heard);
        tokio::spawn(self.service.clone().look_at_what_waits());
        tokio::spawn(self.service.clone().end_what_is_unknown());
        let sources = self.service.sources.clone();
        tokio::spawn(lcr_store::registry::follow(self.store.clone(), move |registry| {
            sources.adopt(registry);
        }));
    }

    /// Serves MLLP on `listener` until `stop`; each connection finishes the message in hand. With `tls` a sender is who
    /// its certificate says.
    pub async fn serve_mllp(self, listener: TcpListener, tls: Option<Tls>, stop: Stop) -> io::Result<()> {
        mllp::serve(self.service, listener, tls, stop).await
    }
}
