//! Serves a router on a listener until stopped; running requests finish within a limit. Each peer has time limits for its
//! request and its answer, and a limit of connections. One peer must never use up another's.

mod body;
mod connections;
mod head;

use std::{
    io,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    extract::{ConnectInfo, Request, State},
    http::{
        HeaderValue,
        header::{CONNECTION, CONTENT_TYPE},
    },
    middleware::{self, Next},
    response::Response,
};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::{GracefulShutdown, Watcher},
};
use lcr_web::slots::Slot;
use tokio::net::{TcpListener, TcpStream};
use tokio_io_timeout::TimeoutStream;
use tower::ServiceExt as _;

pub use connections::Connections;

use self::head::{HeadTimer, TimedConnection};
use crate::Stop;

/// How long running requests may continue after the stop: the deadline of a record plus a margin. A longer request is cut
/// off and its caller retries.
pub const DRAIN_TIMEOUT: Duration = Duration::from_millis(2300);

/// Time limits for a peer.
#[derive(Debug, Clone, Copy)]
struct Timeouts {
    /// For a request's head, from its first byte or from the opening of the connection.
    head: Duration,
    /// For an idle connection: longer than proxies and our own clients keep theirs, so that they never write to a closed
    /// one.
    idle: Duration,
    /// For a peer that does not read its answer.
    takes: Duration,
}

const DEFAULT_TIMEOUTS: Timeouts =
    Timeouts { head: Duration::from_secs(10), idle: Duration::from_mins(5), takes: Duration::from_secs(30) };
/// Limits of a request's head: bytes and lines.
const MAX_HEAD_BYTES: usize = 32 << 10;
const MAX_HEAD_LINES: usize = 100;

/// Closes one connection in 500 so that long-lived clients reconnect and new replicas receive traffic.
const CLOSE_ONE_IN: u32 = 500;

/// Closes the connection after this answer, once in `CLOSE_ONE_IN`. Streams are left alone.
async fn close_some_connections(State(answers): State<Arc<AtomicU32>>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let stream = response.headers().get(CONTENT_TYPE).is_some_and(|kind| kind == "text/event-stream");
    if !stream && answers.fetch_add(1, Ordering::Relaxed) % CLOSE_ONE_IN == CLOSE_ONE_IN - 1 {
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// Serves until `stop`, then drains. An error on one connection ends only that connection.
pub async fn serve(listener: TcpListener, router: Router, connections: Arc<Connections>, stop: Stop) -> io::Result<()> {
    serve_with(DEFAULT_TIMEOUTS, listener, router, connections, stop).await;
    Ok(())
}

async fn serve_with(
    timeouts: Timeouts,
    listener: TcpListener,
    router: Router,
    connections: Arc<Connections>,
    stop: Stop,
) {
    let router = router
        .layer(middleware::from_fn(body::limit_body_time))
        .layer(middleware::from_fn_with_state(Arc::default(), close_some_connections));
    let graceful = GracefulShutdown::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stop.cancelled() => break,
        };
        match accepted {
            Ok((stream, from)) => match connections.place(from.ip()) {
                Ok(place) => {
                    let (router, watcher) = (router.clone(), graceful.watcher());
                    tokio::spawn(answer((stream, from), timeouts, router, watcher, place));
                }
                Err(full) => tracing::debug!(?full, "a connection was closed: no place for it"),
            },
            // Out of file descriptors, or the peer has gone: other connections continue.
            Err(error) => {
                tracing::warn!(kind = ?error.kind(), "a connection was not accepted");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
    drop(listener);
    let _ = tokio::time::timeout(DRAIN_TIMEOUT, graceful.shutdown()).await;
}

/// Serves one connection. Its end concerns only its peer.
async fn answer(
    (stream, from): (TcpStream, SocketAddr),
    timeouts: Timeouts,
    router: Router,
    watcher: Watcher,
    _place: Slot,
) {
    let _ = stream.set_nodelay(true);
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(timeouts.takes));
    let router = router.map_request(move |mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(from));
        request.map(axum::body::Body::new)
    });
    let heads = HeadTimer::opened(timeouts.head);
    let stream = TimedConnection::new(Box::pin(stream), heads.clone(), timeouts.head);
    let service = service_fn(move |request| {
        heads.arrived();
        let (answer, heads) = (router.clone().oneshot(request), heads.clone());
        async move {
            let answer = answer.await;
            heads.answered();
            answer
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(timeouts.idle)
        .max_buf_size(MAX_HEAD_BYTES)
        .max_headers(MAX_HEAD_LINES)
        .serve_connection(TokioIo::new(stream), service);
    if watcher.watch(connection).await.is_err() {
        tracing::debug!("a connection broke off");
    }
}

#[cfg(test)]
#[path = "serve_tests.rs"]
mod tests;
