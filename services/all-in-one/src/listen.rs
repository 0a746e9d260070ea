//! Binds and serves one port. All ports must be bound before any serves, so that a port in use stops the start.

use std::{net::IpAddr, sync::Arc};

use axum::{Router, middleware};
use lcr_runtime::{Metrics, Stop, metrics, serve::Connections};
use tokio::{net::TcpListener, task::JoinSet};

use crate::StartError;

pub async fn bind(address: IpAddr, port: u16) -> Result<TcpListener, StartError> {
    TcpListener::bind((address, port)).await.map_err(|_| StartError::Port { port })
}

/// Serves a service's router with its metrics. A loopback listener accepts loopback host names only.
pub fn serve(
    tasks: &mut JoinSet<std::io::Result<()>>,
    listener: TcpListener,
    service: &'static str,
    router: Router,
    metrics: &Arc<Metrics>,
    (connections, stop): (&Arc<Connections>, &Stop),
) {
    let service_metrics = metrics::ServiceMetrics { metrics: metrics.clone(), service };
    let mut router = router.layer(middleware::from_fn_with_state(service_metrics, metrics::observe));
    if listener.local_addr().is_ok_and(|address| address.ip().is_loopback()) {
        router = router.layer(middleware::from_fn(lcr_web::host::loopback_only));
    }
    tasks.spawn(lcr_runtime::serve(listener, router, connections.clone(), stop.clone()));
}
