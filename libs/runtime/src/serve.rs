//! Serving one router on one listener until told to stop: running requests finish, within ten seconds.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    extract::{Request, State},
    http::{
        HeaderValue,
        header::{CONNECTION, CONTENT_TYPE},
    },
    middleware::{self, Next},
    response::Response,
};
use tokio::net::TcpListener;

use crate::Stop;

/// How long running requests may go on after the stop: with what comes before and after, a process ends within ten seconds.
pub const DRAIN: Duration = Duration::from_secs(6);

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
pub async fn serve(listener: TcpListener, router: Router, stop: Stop) -> io::Result<()> {
    let drain = stop.clone();
    let router = router.layer(middleware::from_fn_with_state(Arc::default(), spread));
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
