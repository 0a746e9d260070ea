//! A time limit for request bodies: a peer that sends a byte now and then would hold a connection, and a place for large
//! bodies, for ever. The time a handler takes must never count.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use axum::{
    body::{Body, Bytes},
    extract::Request,
    middleware::Next,
    response::Response,
};
use http_body::{Body as _, Frame, SizeHint};
use tokio::{
    runtime::Handle,
    time::{Instant, Sleep},
};

/// The minimum time for any body.
const GRACE_PERIOD: Duration = Duration::from_secs(10);
/// One more second for each of these: the lowest rate allowed.
const MIN_BYTES_PER_SECOND: u64 = 32 << 10;

/// How much of a refused body is still read.
const MAX_DISCARDED: u64 = 1 << 20;

/// Middleware: fails a body that arrives too slowly. Reads a refused body to its end if it is not large: closing the
/// connection while the peer still writes could lose the answer.
pub async fn limit_body_time(request: Request, next: Next) -> Response {
    let paced = |body: Body| Body::new(DrainedBody(Some(TimedBody::new(body))));
    next.run(request.map(|body| if body.is_end_stream() { body } else { paced(body) })).await
}

/// A body that is read to its end when dropped. `None` once it has ended.
struct DrainedBody(Option<TimedBody>);

impl http_body::Body for DrainedBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let Some(inner) = self.0.as_mut() else { return Poll::Ready(None) };
        let frame = ready!(Pin::new(inner).poll_frame(context));
        if !matches!(frame, Some(Ok(_))) {
            self.0 = None;
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.0.as_ref().is_none_or(http_body::Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.0.as_ref().map_or_else(|| SizeHint::with_exact(0), http_body::Body::size_hint)
    }
}

impl Drop for DrainedBody {
    fn drop(&mut self) {
        let Some(rest) = self.0.take() else { return };
        let small = rest.size_hint().lower() <= MAX_DISCARDED && !rest.is_end_stream();
        if let (true, Ok(runtime)) = (small, Handle::try_current()) {
            runtime.spawn(discard(rest));
        }
    }
}

async fn discard(mut rest: TimedBody) {
    let mut left = MAX_DISCARDED;
    while let Some(Ok(frame)) = std::future::poll_fn(|context| Pin::new(&mut rest).poll_frame(context)).await {
        let size = frame.data_ref().map_or(0, Bytes::len);
        let Some(less) = left.checked_sub(u64::try_from(size).unwrap_or(u64::MAX)) else { return };
        left = less;
    }
}

/// A body with a time limit.
struct TimedBody {
    inner: Body,
    received: u64,
    waited: Duration,
    /// Since when we wait for the next piece, and until when we may.
    waiting: Option<(Instant, Pin<Box<Sleep>>)>,
}

impl TimedBody {
    fn new(inner: Body) -> Self {
        Self { inner, received: 0, waited: Duration::ZERO, waiting: None }
    }

    fn time_left(&self) -> Duration {
        (GRACE_PERIOD + Duration::from_secs(self.received / MIN_BYTES_PER_SECOND)).saturating_sub(self.waited)
    }
}

impl http_body::Body for TimedBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.inner).poll_frame(context) {
            if let Some((since, _)) = self.waiting.take() {
                self.waited += since.elapsed();
            }
            if let Some(Ok(data)) = frame.as_ref().map(|frame| frame.as_ref().map(Frame::data_ref)) {
                self.received += data.map_or(0, |data| u64::try_from(data.len()).unwrap_or(u64::MAX));
            }
            return Poll::Ready(frame);
        }
        let left = self.time_left();
        let (_, limit) = self.waiting.get_or_insert_with(|| (Instant::now(), Box::pin(tokio::time::sleep(left))));
        ready!(limit.as_mut().poll(context));
        Poll::Ready(Some(Err(axum::Error::new(std::io::Error::from(std::io::ErrorKind::TimedOut)))))
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

#[cfg(test)]
#[path = "body_tests.rs"]
mod tests;
