//! A stream across the wire: a JSON value a line, an empty line now and then so that a connection that died is
//! noticed. It ends when the other side ends it, when it falls silent, and with the caller's token.

use std::time::Duration;

use axum::{
    body::Body,
    http::header,
    response::{IntoResponse, Response},
};
use bytes::{Bytes, BytesMut};
use futures::{Stream, StreamExt, future, stream, stream::BoxStream};
use serde::{Serialize, de::DeserializeOwned};

use crate::OutboundError;

type Chunks = BoxStream<'static, Result<Bytes, OutboundError>>;

/// How often a silent stream says that it lives, and how long silence is believed.
const BEAT: Duration = Duration::from_secs(5);
const SILENCE: Duration = Duration::from_secs(12);
/// The longest line taken.
const LONGEST: usize = 64 << 20;

/// `items` as an answer; ends when `lasts` is over.
pub fn answer<T: Serialize + Send + 'static>(
    items: impl Stream<Item = T> + Send + 'static,
    lasts: Duration,
) -> Response {
    let lines = items.filter_map(|item| {
        future::ready(serde_json::to_vec(&item).ok().map(|mut line| {
            line.push(b'\n');
            Bytes::from(line)
        }))
    });
    let beats = stream::unfold((), |()| async {
        tokio::time::sleep(BEAT).await;
        Some((Bytes::from_static(b"\n"), ()))
    });
    // The whole ends with the items, not with the beats, which never end.
    let ended = stream::once(async { None });
    let lines = lines.map(Some).chain(ended);
    let all = stream::select(lines, beats.map(Some)).take_while(|one| future::ready(one.is_some()));
    let all = all.filter_map(future::ready).take_until(tokio::time::sleep(lasts));
    let body = Body::from_stream(all.map(Ok::<_, std::convert::Infallible>));
    ([(header::CONTENT_TYPE, "application/x-ndjson")], body).into_response()
}

/// The values of a body. One that does not read ends the stream: what comes after it is not trusted.
pub fn items<T: DeserializeOwned + Send + 'static>(chunks: Chunks) -> BoxStream<'static, T> {
    let lines = Lines { chunks, held: BytesMut::new() };
    let items = stream::unfold(lines, |mut lines| async {
        loop {
            let line = lines.next().await?;
            if line.is_empty() {
                continue;
            }
            let Ok(item) = serde_json::from_slice::<T>(&line) else {
                tracing::error!("a stream between services was not understood and is ended");
                return None;
            };
            return Some((item, lines));
        }
    });
    items.boxed()
}

struct Lines {
    chunks: Chunks,
    held: BytesMut,
}

impl Lines {
    async fn next(&mut self) -> Option<Bytes> {
        let mut looked = 0;
        loop {
            if let Some(at) = self.held[looked..].iter().position(|byte| *byte == b'\n') {
                let line = self.held.split_to(looked + at + 1);
                return Some(line.freeze().slice(..looked + at));
            }
            looked = self.held.len();
            if looked > LONGEST {
                return None;
            }
            let chunk = tokio::time::timeout(SILENCE, self.chunks.next()).await.ok()??.ok()?;
            self.held.extend_from_slice(&chunk);
        }
    }
}

/// A body that is no stream after all: a problem's.
pub async fn whole(mut chunks: Chunks, deadline: Duration) -> Vec<u8> {
    let mut body = Vec::new();
    let read = async {
        while let Some(Ok(chunk)) = chunks.next().await {
            body.extend_from_slice(&chunk);
            if body.len() > 64 << 10 {
                break;
            }
        }
    };
    let _ = tokio::time::timeout(deadline, read).await;
    body
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunks(parts: &[&'static str]) -> Chunks {
        let parts: Vec<_> = parts.iter().map(|part| Ok(Bytes::from_static(part.as_bytes()))).collect();
        stream::iter(parts).boxed()
    }

    #[tokio::test]
    async fn values_are_read_wherever_the_network_cuts_them_and_nothing_after_one_that_does_not_read() {
        let read: Vec<_> = items::<u32>(chunks(&["1\n\n2", "2\n3\n4", "4\n"])).collect().await;
        assert_eq!(read, [1, 22, 3, 44]);
        let read: Vec<_> = items::<u32>(chunks(&["1\nx\n2\n"])).collect().await;
        assert_eq!(read, [1]);
        let cut: Vec<_> = items::<u32>(chunks(&["1\n2"])).collect().await;
        assert_eq!(cut, [1], "half a line is nothing");
    }

    #[tokio::test(start_paused = true)]
    async fn a_silent_stream_says_that_it_lives_and_ends_with_its_items_or_its_time() {
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
}
