//! Tests of `body.rs`.

use super::*;
use futures::{StreamExt, stream};

/// Reads a body of `pieces` of `size` bytes, one `every` so often. Returns whether it was read and how long it took.
async fn read(pieces: usize, size: usize, every: Duration) -> (bool, Duration) {
    let started = Instant::now();
    let pieces = stream::unfold(0, move |at| async move {
        tokio::time::sleep(every).await;
        (at < pieces).then(|| (Ok::<_, std::io::Error>(Bytes::from(vec![0; size])), at + 1))
    });
    let body = Body::new(TimedBody::new(Body::from_stream(pieces)));
    let whole = axum::body::to_bytes(body, usize::MAX).await.is_ok();
    (whole, started.elapsed())
}

/// How many of 100 pieces of a dropped body were read.
async fn discarded(size: usize) -> usize {
    let read = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let count = read.clone();
    let pieces = stream::iter(0..100).map(move |_| {
        count.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        Ok::<_, std::io::Error>(Bytes::from(vec![0; size]))
    });
    drop(DrainedBody(Some(TimedBody::new(Body::from_stream(pieces)))));
    tokio::time::sleep(Duration::from_secs(1)).await;
    read.load(std::sync::atomic::Ordering::SeqCst)
}

#[tokio::test(start_paused = true)]
async fn a_refused_body_is_read_to_its_end_unless_it_is_large() {
    assert_eq!(discarded(1_000).await, 100);
    assert_eq!(discarded(100_000).await, 11, "a megabyte, and the piece that went beyond it");
}

#[tokio::test(start_paused = true)]
async fn a_trickling_body_fails() {
    let (whole, took) = read(1000, 1, Duration::from_secs(3)).await;
    assert!(!whole && took <= Duration::from_secs(11), "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn a_large_body_may_take_long_at_a_steady_rate() {
    let (whole, took) = read(100, 64 << 10, Duration::from_secs(1)).await;
    assert!(whole && took > Duration::from_secs(90), "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn a_stalled_body_fails() {
    let (whole, took) = read(2, 64 << 10, Duration::from_mins(1)).await;
    assert!(!whole && took <= Duration::from_secs(15), "{took:?}");
}
