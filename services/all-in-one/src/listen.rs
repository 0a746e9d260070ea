//! Binding every port before anything serves, so that a taken one is told by its number and nothing half starts.

use std::{net::IpAddr, sync::Arc};

use axum::{Router, middleware};
use lcr_runtime::{Metrics, Stop, metrics, serve::Connections};
use tokio::{net::TcpListener, task::JoinSet};

use crate::StartError;

pub async fn bind(address: IpAddr, port: u16) -> Result<TcpListener, StartError> {
    TcpListener::bind((address, port)).await.map_err(|_| StartError::Port { port })
}

/// Serves a service's router with its metrics; on loopback, for loopback names alone.
pub fn serve(
    serving: &mut JoinSet<std::io::Result<()>>,
    listener: TcpListener,
    service: &'static str,
    router: Router,
    metrics: &Arc<Metrics>,
    (connections, stop): (&Arc<Connections>, &Stop),
) {
    let of = metrics::OfService { metrics: metrics.clone(), service };
    let mut router = router.layer(middleware::from_fn_with_state(of, metrics::observe));
    if listener.local_addr().is_ok_and(|address| address.ip().is_loopback()) {
        router = router.layer(middleware::from_fn(lcr_web::host::loopback_only));
    }
    serving.spawn(lcr_runtime::serve(listener, router, connections.clone(), stop.clone()));
}
