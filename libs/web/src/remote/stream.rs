//! A stream over HTTP: one JSON value per line, with empty lines as heartbeats so that a dead connection is noticed. It
//! must end with the sender, after a silence, and with the caller's token.

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

/// How often an idle stream sends a heartbeat, and how long a silence may last.
const HEARTBEAT: Duration = Duration::from_secs(5);
const SILENCE_TIMEOUT: Duration = Duration::from_secs(12);
/// The longest line, in bytes.
const MAX_LINE_BYTES: usize = 64 << 20;

/// Streams `items` as an answer; ends after `lasts`.
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
        tokio::time::sleep(HEARTBEAT).await;
        Some((Bytes::from_static(b"\n"), ()))
    });
    // The stream ends with the items, because heartbeats never end.
    let ended = stream::once(async { None });
    let lines = lines.map(Some).chain(ended);
    let all = stream::select(lines, beats.map(Some)).take_while(|one| future::ready(one.is_some()));
    let all = all.filter_map(future::ready).take_until(tokio::time::sleep(lasts));
    let body = Body::from_stream(all.map(Ok::<_, std::convert::Infallible>));
    ([(header::CONTENT_TYPE, "application/x-ndjson")], body).into_response()
}

/// The values of a body. A value that does not parse ends the stream: later values cannot be trusted.
pub fn items<T: DeserializeOwned + Send + 'static>(chunks: Chunks) -> BoxStream<'static, T> {
    let lines = Lines { chunks, buffer: BytesMut::new() };
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
    buffer: BytesMut,
}

impl Lines {
    async fn next(&mut self) -> Option<Bytes> {
        let mut scanned = 0;
        loop {
            if let Some(at) = self.buffer[scanned..].iter().position(|byte| *byte == b'\n') {
                let line = self.buffer.split_to(scanned + at + 1);
                return Some(line.freeze().slice(..scanned + at));
            }
            scanned = self.buffer.len();
            if scanned > MAX_LINE_BYTES {
                return None;
            }
            let chunk = tokio::time::timeout(SILENCE_TIMEOUT, self.chunks.next()).await.ok()??.ok()?;
            self.buffer.extend_from_slice(&chunk);
        }
    }
}

/// Reads a body that is not a stream but a problem.
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
#[path = "stream_tests.rs"]
mod tests;
