//! How a source usually behaves: one is slow, one is flaky, as some are in life. Listing patients is spared,
//! since a nightly register extract is another road than a live question.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::Response;

use super::{Site, outcome};
use crate::draw::Dice;

/// Slow: wait this many milliseconds, between. Flaky: every n-th request answers 503.
#[derive(Debug, Default)]
pub(crate) struct Temper {
    pub(crate) slow: Option<(u32, u32)>,
    pub(crate) flaky: Option<u64>,
    asked: AtomicU64,
}

impl Temper {
    pub(crate) fn slow(least: u32, most: u32) -> Self {
        Self { slow: Some((least, most)), ..Self::default() }
    }

    pub(crate) fn flaky(every: u64) -> Self {
        Self { flaky: Some(every), ..Self::default() }
    }
}

pub(super) async fn apply(State(site): State<Site>, request: Request, next: Next) -> Response {
    if matches!(request.uri().path(), "/metadata" | "/Patient") {
        return next.run(request).await;
    }
    let asked = site.temper.asked.fetch_add(1, Ordering::Relaxed);
    if let Some((least, most)) = site.temper.slow {
        let wait = Dice::new(asked, 0, "slow").between(least, most);
        tokio::time::sleep(Duration::from_millis(u64::from(wait))).await;
    }
    if site.temper.flaky.is_some_and(|every| asked % every == every - 1) {
        return outcome::outcome(StatusCode::SERVICE_UNAVAILABLE, "transient", "busy, ask again");
    }
    next.run(request).await
}
