//! The FHIR server of all sources: read and search only, and it must never offer a write. It needs no credentials, because
//! it listens on loopback and serves invented people.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::middleware;
use axum::routing::{any, get};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::error::CityError;
use crate::fhir_source::FhirSource;

mod behaviour;
mod capability;
mod connection_faults;
mod fault;
mod handlers;
mod outcome;

pub(crate) use behaviour::Behaviour;
pub use fault::Fault;

use connection_faults::FaultyListener;
use fault::FaultSwitch;

/// The state that every route shares.
#[derive(Clone)]
struct ServerState {
    source: Arc<dyn FhirSource>,
    base: Arc<str>,
    fault_switch: Arc<FaultSwitch>,
    behaviour: Arc<Behaviour>,
}

/// A running source.
#[derive(Debug)]
pub(crate) struct RunningSource {
    pub(crate) name: String,
    pub(crate) port: u16,
    fault_switch: Arc<FaultSwitch>,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl RunningSource {
    pub(crate) fn base_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub(crate) fn set_fault(&self, fault: Option<Fault>) {
        self.fault_switch.set(fault);
    }

    /// Stops accepting, then waits briefly: an injected hang must not delay the shutdown.
    pub(crate) async fn stop(self) {
        let _gone_already = self.stop.send(());
        self.fault_switch.set(Some(Fault::Refuse));
        // Hanging connections end with the runtime. The port is already free.
        let _late_is_gone_enough = tokio::time::timeout(Duration::from_millis(500), self.task).await;
    }
}

/// A bound source that does not serve yet. All ports are bound before any source serves.
pub(crate) struct SourceListener {
    listener: TcpListener,
    name: String,
    pub(crate) port: u16,
}

pub(crate) async fn bind(name: &str, port: u16) -> Result<SourceListener, CityError> {
    let failed = |error| CityError::Listen { name: name.to_owned(), port, error };
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let port = listener.local_addr().map_err(failed)?.port();
    Ok(SourceListener { listener, name: name.to_owned(), port })
}

impl SourceListener {
    pub(crate) fn serve(self, content: Arc<dyn FhirSource>, behaviour: Behaviour) -> RunningSource {
        let fault_switch = Arc::new(FaultSwitch::default());
        let base = format!("http://127.0.0.1:{}", self.port).into();
        let state = ServerState {
            source: content,
            base,
            fault_switch: Arc::clone(&fault_switch),
            behaviour: Arc::new(behaviour),
        };
        let listener = FaultyListener { listener: self.listener, fault_switch: Arc::clone(&fault_switch) };
        let (stop, stopped) = oneshot::channel();
        let serving = axum::serve(listener, router(state)).with_graceful_shutdown(async {
            let _dropped_is_stopped_too = stopped.await;
        });
        let task = tokio::spawn(async {
            let _never_fails = serving.await;
        });
        RunningSource { name: self.name, port: self.port, fault_switch, stop, task }
    }
}

fn router(state: ServerState) -> Router {
    Router::new()
        .route("/metadata", get(capability::capability_statement).fallback(handlers::method_not_allowed))
        .route("/Binary/{id}", get(handlers::binary).fallback(handlers::method_not_allowed))
        .route("/{kind}", get(handlers::search).fallback(handlers::method_not_allowed))
        .route("/{kind}/{id}", get(handlers::read).fallback(handlers::method_not_allowed))
        .fallback(any(handlers::not_found))
        .layer(middleware::from_fn_with_state(state.clone(), behaviour::apply))
        .layer(middleware::from_fn_with_state(state.clone(), fault::apply))
        .with_state(state)
}
