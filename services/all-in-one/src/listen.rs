//! Binding every port before anything serves, so that a taken one is told by its number and nothing half starts.

use std::sync::Arc;

use axum::{Router, middleware};
use lcr_runtime::{Metrics, Stop, metrics};
use tokio::{net::TcpListener, task::JoinSet};

use crate::StartError;

pub async fn bind(port: u16) -> Result<TcpListener, StartError> {
    TcpListener::bind(("127.0.0.1", port)).await.map_err(|_| StartError::Port { port })
}

/// Serves a service's router with its metrics, for loopback names alone.
pub fn serve(
    serving: &mut JoinSet<std::io::Result<()>>,
    listener: TcpListener,
    service: &'static str,
    router: Router,
    metrics: &Arc<Metrics>,
    stop: &Stop,
) {
    let of = metrics::OfService { metrics: metrics.clone(), service };
    let router = router
        .layer(middleware::from_fn_with_state(of, metrics::observe))
        .layer(middleware::from_fn(lcr_web::host::loopback_only));
    serving.spawn(lcr_runtime::serve(listener, router, stop.clone()));
}
