//! The one small FHIR server all sources share: reads and searches, nothing else. It asks for no credentials,
//! because it listens on loopback and serves invented people.

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
use crate::shelf::Shelf;

mod answers;
mod capability;
mod fault;
mod outcome;
mod temper;
mod wire;

pub use fault::Fault;
pub(crate) use temper::Temper;

use fault::Switch;
use wire::Door;

/// What every route sees.
#[derive(Clone)]
struct Site {
    shelf: Arc<dyn Shelf>,
    base: Arc<str>,
    switch: Arc<Switch>,
    temper: Arc<Temper>,
}

/// A source that listens.
#[derive(Debug)]
pub(crate) struct Listening {
    pub(crate) name: String,
    pub(crate) port: u16,
    switch: Arc<Switch>,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Listening {
    pub(crate) fn base_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub(crate) fn set_fault(&self, fault: Option<Fault>) {
        self.switch.set(fault);
    }

    /// Stops accepting, then closes what is still open: an injected hang must not hold up a shutdown.
    pub(crate) async fn stop(self) {
        let _gone_already = self.stop.send(());
        self.switch.set(Some(Fault::Refuse));
        // Connections that hang are dropped with the runtime; the port is free already.
        let _late_is_gone_enough = tokio::time::timeout(Duration::from_millis(500), self.task).await;
    }
}

/// A bound socket that does not answer yet: all ports of a city are taken before any source speaks.
pub(crate) struct Bound {
    listener: TcpListener,
    name: String,
    pub(crate) port: u16,
}

pub(crate) async fn bind(name: &str, port: u16) -> Result<Bound, CityError> {
    let failed = |error| CityError::Listen { name: name.to_owned(), port, error };
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let port = listener.local_addr().map_err(failed)?.port();
    Ok(Bound { listener, name: name.to_owned(), port })
}

impl Bound {
    pub(crate) fn serve(self, content: Arc<dyn Shelf>, temper: Temper) -> Listening {
        let switch = Arc::new(Switch::default());
        let base = format!("http://127.0.0.1:{}", self.port).into();
        let site = Site { shelf: content, base, switch: Arc::clone(&switch), temper: Arc::new(temper) };
        let door = Door { listener: self.listener, switch: Arc::clone(&switch) };
        let (stop, stopped) = oneshot::channel();
        let serving = axum::serve(door, router(site)).with_graceful_shutdown(async {
            let _dropped_is_stopped_too = stopped.await;
        });
        let task = tokio::spawn(async {
            let _never_fails = serving.await;
        });
        Listening { name: self.name, port: self.port, switch, stop, task }
    }
}

fn router(site: Site) -> Router {
    Router::new()
        .route("/metadata", get(capability::statement).fallback(answers::read_only))
        .route("/Binary/{id}", get(answers::binary).fallback(answers::read_only))
        .route("/{kind}", get(answers::search).fallback(answers::read_only))
        .route("/{kind}/{id}", get(answers::read).fallback(answers::read_only))
        .fallback(any(answers::nowhere))
        .layer(middleware::from_fn_with_state(site.clone(), temper::apply))
        .layer(middleware::from_fn_with_state(site.clone(), fault::apply))
        .with_state(site)
}
