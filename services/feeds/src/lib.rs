//! Feeds receives messages from hospitals over MLLP and HTTP. It checks each message, stores it with its events in one
//! transaction, and then acknowledges it. A message that cannot be mapped yet becomes a dead letter and can be replayed.
//! Feeds must never lose a message, send a sender anything but its answer, or publish content unsealed.
//!
//! Flow: `lib → {http, mllp, sources} → service → {domain, store}`. Feeds calls no other service.

mod domain;
mod dry_run;
mod http;
mod metrics;
mod mllp;
pub mod process;
mod service;
mod sources;
mod store;

use std::{io, sync::Arc};

use axum::Router;
use lcr_bus::{Mode, Subscriptions};
use lcr_contracts::{Failure, FailureKind, Messages, events::Stream};
use lcr_model::{Clock, seal::DataKeys};
use lcr_runtime::Stop;
use lcr_store::{Durability, Location, Store};
use lcr_web::Authenticator;
use tokio::net::TcpListener;

pub use dry_run::{DryRun, DryRunMessage, Outcome, dry_run};
pub use metrics::Metrics;
pub use mllp::tls::{Tls, TlsFiles};

/// What feeds needs to start.
pub struct Deps {
    /// The location of its own store.
    pub store: Location,
    pub clock: Arc<dyn Clock>,
    pub authenticator: Authenticator,
    pub data_keys: Arc<DataKeys>,
    pub metrics: Metrics,
    pub stop: Stop,
}

impl std::fmt::Debug for Deps {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("feeds::Deps")
    }
}

/// A running feeds service, for the process that hosts it.
#[derive(Clone)]
pub struct Handle {
    pub api: Arc<dyn Messages>,
    pub router: Router,
    pub store: Store,
    service: service::Service,
    stop: Stop,
}

impl std::fmt::Debug for Handle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("feeds::Handle")
    }
}

/// Opens the store and builds the service. Nothing runs until the handle is used.
pub async fn build(deps: Deps) -> Result<Handle, sea_orm::DbErr> {
    let store = Store::open::<store::Migrator>(deps.store, "feeds", Durability::Acknowledged).await?;
    let sources = sources::Sources::default();
    sources.refresh(&store).await?;
    let local_id_key = lcr_store::local_id_key::load(&store, &deps.data_keys, "feeds").await?;
    let service = service::Service {
        store: store.clone(),
        message_sets: service::start_message_sets(&store, &deps.data_keys),
        local_id_key: Arc::new(local_id_key),
        clock: deps.clock,
        keys: deps.data_keys,
        sources,
        metrics: deps.metrics,
        unknown_senders: service::UnknownSenders::default(),
    };
    let router = http::router(service.clone(), deps.authenticator);
    Ok(Handle { api: Arc::new(service.clone()), router, store, service, stop: deps.stop })
}

impl Handle {
    /// An error if feeds does not accept messages.
    pub fn ready(&self) -> Result<(), Failure> {
        if self.stop.is_cancelled() {
            return Err(Failure::new(FailureKind::Unavailable, "Feeds is stopping."));
        }
        Ok(())
    }

    /// Subscribes to registry changes and starts the background tasks.
    pub fn listen(&self, subscriptions: &Subscriptions) {
        let consumer = sources::RegistryConsumer { store: self.store.clone(), sources: self.service.sources.clone() };
        let metrics = self.service.metrics.bus.clone();
        subscriptions.subscribe(Stream::Partners, Mode::Work("feeds"), Arc::new(consumer), metrics);
        tokio::spawn(self.service.clone().run_dead_letter_gauge());
        tokio::spawn(self.service.clone().run_unknown_sender_cleanup());
        let sources = self.service.sources.clone();
        tokio::spawn(lcr_store::registry::follow(self.store.clone(), move |registry| {
            sources.replace(registry);
        }));
    }

    /// Serves MLLP until `stop`; each connection first finishes its current message. With `tls` the certificate names the
    /// sender.
    pub async fn serve_mllp(self, listener: TcpListener, tls: Option<Tls>, stop: Stop) -> io::Result<()> {
        mllp::serve(self.service, listener, tls, stop).await
    }
}
