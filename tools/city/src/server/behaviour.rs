//! The usual behaviour of a source: slow or flaky. Patient lists must stay fast and reliable, because a nightly register
//! extract does not use the live interface.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::Response;

use super::{ServerState, outcome};
use crate::random::SeededRng;

/// `slow`: a delay between two numbers of milliseconds. `flaky`: every n-th request is answered with 503.
#[derive(Debug, Default)]
pub(crate) struct Behaviour {
    pub(crate) slow: Option<(u32, u32)>,
    pub(crate) flaky: Option<u64>,
    request_count: AtomicU64,
}

impl Behaviour {
    pub(crate) fn slow(min_millis: u32, max_millis: u32) -> Self {
        Self { slow: Some((min_millis, max_millis)), ..Self::default() }
    }

    pub(crate) fn flaky(every: u64) -> Self {
        Self { flaky: Some(every), ..Self::default() }
    }
}

pub(super) async fn apply(State(state): State<ServerState>, request: Request, next: Next) -> Response {
    if matches!(request.uri().path(), "/metadata" | "/Patient") {
        return next.run(request).await;
    }
    let request_count = state.behaviour.request_count.fetch_add(1, Ordering::Relaxed);
    if let Some((min_millis, max_millis)) = state.behaviour.slow {
        let wait = SeededRng::new(request_count, 0, "slow").between(min_millis, max_millis);
        tokio::time::sleep(Duration::from_millis(u64::from(wait))).await;
    }
    if state.behaviour.flaky.is_some_and(|every| request_count % every == every - 1) {
        return outcome::outcome(StatusCode::SERVICE_UNAVAILABLE, "transient", "busy, ask again");
    }
    next.run(request).await
}
