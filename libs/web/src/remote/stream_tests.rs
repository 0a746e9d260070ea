//! Tests of `stream.rs`.

use super::*;

fn chunks(parts: &[&'static str]) -> Chunks {
    let parts: Vec<_> = parts.iter().map(|part| Ok(Bytes::from_static(part.as_bytes()))).collect();
    stream::iter(parts).boxed()
}

#[tokio::test]
async fn values_may_be_split_anywhere_and_an_invalid_one_ends_the_stream() {
    let read: Vec<_> = items::<u32>(chunks(&["1\n\n2", "2\n3\n4", "4\n"])).collect().await;
    assert_eq!(read, [1, 22, 3, 44]);
    let read: Vec<_> = items::<u32>(chunks(&["1\nx\n2\n"])).collect().await;
    assert_eq!(read, [1]);
    let cut: Vec<_> = items::<u32>(chunks(&["1\n2"])).collect().await;
    assert_eq!(cut, [1], "half a line is nothing");
}

#[tokio::test(start_paused = true)]
async fn an_idle_stream_sends_heartbeats_and_ends_with_its_items_or_its_time() {
    let slow = stream::once(async {
        tokio::time::sleep(Duration::from_secs(11)).await;
        7
    });
    let body = answer(slow, Duration::from_mins(1)).into_body();
    let bytes = axum::body::to_bytes(body, 100).await.unwrap();
    assert_eq!(bytes.as_ref(), b"\n\n7\n");
    let endless = answer(stream::pending::<u32>(), Duration::from_secs(12)).into_body();
    assert_eq!(axum::body::to_bytes(endless, 100).await.unwrap().as_ref(), b"\n\n");
}
