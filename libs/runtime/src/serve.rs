//! Serving one router on one listener until told to stop: running requests finish, in their time. A peer has a time
//! to say what it wants and to take its answer, and so many connections; it must never take another's.

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
use lcr_web::places::Place;
use tokio::net::{TcpListener, TcpStream};
use tokio_io_timeout::TimeoutStream;
use tower::ServiceExt as _;

pub use connections::Connections;

use self::head::{Heads, Timed};
use crate::Stop;

/// How long running requests may go on after the stop: as long as a record waits for its sources, and a little more. One
/// that takes longer, because what it was decided on changed meanwhile, is cut and asked again, as a large message that is
/// still on its way is sent again by its sender.
pub const DRAIN: Duration = Duration::from_millis(2300);

/// How long a peer is waited for.
#[derive(Debug, Clone, Copy)]
struct Patience {
    /// A request's head has come by then, counted from its first byte, or from the opening of the connection.
    head: Duration,
    /// A connection between requests is kept for so long: longer than proxies before us and our own clients keep theirs,
    /// so that they never write to one that just closed.
    idle: Duration,
    /// A peer that takes none of its answer for so long has gone.
    takes: Duration,
}

const USUAL: Patience =
    Patience { head: Duration::from_secs(10), idle: Duration::from_mins(5), takes: Duration::from_secs(30) };
/// The most bytes a request's head has, and lines of it.
const HEAD_BYTES: usize = 32 << 10;
const HEAD_LINES: usize = 100;

/// One answer in so many ends its connection: callers keep theirs open, and a replica that is new would else get no more
/// than those who are new too.
const ENDS_ONE_IN: u32 = 500;

/// Ends the connection after this answer, now and then. Answers that go on coming are left alone.
async fn spread(State(answers): State<Arc<AtomicU32>>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let stream = response.headers().get(CONTENT_TYPE).is_some_and(|kind| kind == "text/event-stream");
    if !stream && answers.fetch_add(1, Ordering::Relaxed) % ENDS_ONE_IN == ENDS_ONE_IN - 1 {
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// Serves until `stop`, then drains.
///
/// # Errors
/// None today: what is wrong with one connection ends that connection.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    connections: Arc<Connections>,
    stop: Stop,
) -> io::Result<()> {
    serve_with(USUAL, listener, router, connections, stop).await;
    Ok(())
}

async fn serve_with(
    patience: Patience,
    listener: TcpListener,
    router: Router,
    connections: Arc<Connections>,
    stop: Stop,
) {
    let router = router
        .layer(middleware::from_fn(body::keeps_coming))
        .layer(middleware::from_fn_with_state(Arc::default(), spread));
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
                    tokio::spawn(answer((stream, from), patience, router, watcher, place));
                }
                Err(full) => tracing::debug!(?full, "a connection was closed: no place for it"),
            },
            // Out of files, or the peer was gone already: others go on.
            Err(error) => {
                tracing::warn!(kind = ?error.kind(), "a connection was not accepted");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
    drop(listener);
    let _ = tokio::time::timeout(DRAIN, graceful.shutdown()).await;
}

/// Everything one connection asks. Its end, whatever it is, concerns its peer alone.
async fn answer(
    (stream, from): (TcpStream, SocketAddr),
    patience: Patience,
    router: Router,
    watcher: Watcher,
    _place: Place,
) {
    let _ = stream.set_nodelay(true);
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(patience.takes));
    let router = router.map_request(move |mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(from));
        request.map(axum::body::Body::new)
    });
    let heads = Heads::opened(patience.head);
    let stream = Timed::new(Box::pin(stream), heads.clone(), patience.head);
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
        .header_read_timeout(patience.idle)
        .max_buf_size(HEAD_BYTES)
        .max_headers(HEAD_LINES)
        .serve_connection(TokioIo::new(stream), service);
    if watcher.watch(connection).await.is_err() {
        tracing::debug!("a connection broke off");
    }
}

#[cfg(test)]
#[path = "serve_tests.rs"]
mod tests;
