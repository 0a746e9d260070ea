//! A request's body must keep coming: who sends it a byte now and then would hold a connection, and a place for large
//! bodies, for as long as they like. It must never count the time a handler takes.

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

/// Waited for, whatever has come.
const GRACE: Duration = Duration::from_secs(10);
/// And longer by a second for so many bytes that came: the least rate a body may have.
const BYTES_A_SECOND: u64 = 32 << 10;

/// What is still read of a body that nobody wants.
const UNWANTED: u64 = 1 << 20;

/// For routers: a body that comes too slowly ends with an error. One that was refused before it came is read to its end all
/// the same if it is not large: a connection that is closed while its peer still writes can cost them the answer.
pub async fn keeps_coming(request: Request, next: Next) -> Response {
    let paced = |body: Body| Body::new(Whole(Some(Paced::new(body))));
    next.run(request.map(|body| if body.is_end_stream() { body } else { paced(body) })).await
}

/// A body that is read to its end by itself when it is dropped before. None once it has ended.
struct Whole(Option<Paced>);

impl http_body::Body for Whole {
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

impl Drop for Whole {
    fn drop(&mut self) {
        let Some(rest) = self.0.take() else { return };
        let small = rest.size_hint().lower() <= UNWANTED && !rest.is_end_stream();
        if let (true, Ok(runtime)) = (small, Handle::try_current()) {
            runtime.spawn(discard(rest));
        }
    }
}

async fn discard(mut rest: Paced) {
    let mut left = UNWANTED;
    while let Some(Ok(frame)) = std::future::poll_fn(|context| Pin::new(&mut rest).poll_frame(context)).await
    {
        let size = frame.data_ref().map_or(0, Bytes::len);
        let Some(less) = left.checked_sub(u64::try_from(size).unwrap_or(u64::MAX)) else { return };
        left = less;
    }
}

/// A body that was waited for no longer than it may take.
struct Paced {
    inner: Body,
    received: u64,
    waited: Duration,
    /// Since when it is waited for now, and until when it may be.
    waiting: Option<(Instant, Pin<Box<Sleep>>)>,
}

impl Paced {
    fn new(inner: Body) -> Self {
        Self { inner, received: 0, waited: Duration::ZERO, waiting: None }
    }

    fn may_still_wait(&self) -> Duration {
        (GRACE + Duration::from_secs(self.received / BYTES_A_SECOND)).saturating_sub(self.waited)
    }
}

impl http_body::Body for Paced {
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
        let left = self.may_still_wait();
        let (_, limit) =
            self.waiting.get_or_insert_with(|| (Instant::now(), Box::pin(tokio::time::sleep(left))));
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
mod tests {
    use super::*;
    use futures::{StreamExt, stream};

    /// Bytes read of a body of `pieces` of `size`, one `every` so often, and how long that took.
    async fn read(pieces: usize, size: usize, every: Duration) -> (bool, Duration) {
        let started = Instant::now();
        let pieces = stream::unfold(0, move |at| async move {
            tokio::time::sleep(every).await;
            (at < pieces).then(|| (Ok::<_, std::io::Error>(Bytes::from(vec![0; size])), at + 1))
        });
        let body = Body::new(Paced::new(Body::from_stream(pieces)));
        let whole = axum::body::to_bytes(body, usize::MAX).await.is_ok();
        (whole, started.elapsed())
    }

    /// How many of 100 pieces were read of a body that was dropped unread.
    async fn discarded(size: usize) -> usize {
        let read = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
        let count = read.clone();
        let pieces = stream::iter(0..100).map(move |_| {
            count.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            Ok::<_, std::io::Error>(Bytes::from(vec![0; size]))
        });
        drop(Whole(Some(Paced::new(Body::from_stream(pieces)))));
        tokio::time::sleep(Duration::from_secs(1)).await;
        read.load(std::sync::atomic::Ordering::SeqCst)
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_nobody_wants_is_read_to_its_end_unless_it_is_large() {
        assert_eq!(discarded(1_000).await, 100);
        assert_eq!(discarded(100_000).await, 11, "a megabyte, and the piece that went beyond it");
    }

    #[tokio::test(start_paused = true)]
    async fn a_byte_now_and_then_is_not_waited_for() {
        let (whole, took) = read(1000, 1, Duration::from_secs(3)).await;
        assert!(!whole && took <= Duration::from_secs(11), "{took:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_large_body_may_take_as_long_as_it_keeps_its_rate() {
        let (whole, took) = read(100, 64 << 10, Duration::from_secs(1)).await;
        assert!(whole && took > Duration::from_secs(90), "{took:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_stops_is_given_up() {
        let (whole, took) = read(2, 64 << 10, Duration::from_mins(1)).await;
        assert!(!whole && took <= Duration::from_secs(15), "{took:?}");
    }
}
