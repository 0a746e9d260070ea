//! Serving one router on one listener until told to stop: running requests finish, within ten seconds.

use std::{io, time::Duration};

use axum::Router;
use tokio::net::TcpListener;

use crate::Stop;

/// How long running requests may go on after the stop.
const DRAIN: Duration = Duration::from_secs(8);

/// Serves until `stop`, then drains.
pub async fn serve(listener: TcpListener, router: Router, stop: Stop) -> io::Result<()> {
    let drain = stop.clone();
    let serving =
        axum::serve(listener, router).with_graceful_shutdown(async move { drain.cancelled().await });
    let limit = async move {
        stop.cancelled().await;
        tokio::time::sleep(DRAIN).await;
    };
    tokio::select! {
        served = serving => served,
        () = limit => Ok(()),
    }
}
