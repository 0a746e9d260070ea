//! What an actor gets back: a whole answer, or the events of a stream. It must never follow a redirect.

use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use futures::{StreamExt, stream::BoxStream};
use reqwest::header::HeaderMap;
use serde_json::Value;

use super::REQUEST_TIMEOUT;

/// A complete answer.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Bytes,
    pub took: Duration,
}

/// A stream of server-sent events.
#[expect(missing_debug_implementations, reason = "the body stream has none")]
pub struct Events {
    pub(super) opened: Instant,
    pub(super) body: BoxStream<'static, Bytes>,
    pub(super) buffer: BytesMut,
}

impl Events {
    /// The data of the next event and the time since the stream was opened; `None` at the end of the stream.
    pub async fn next(&mut self) -> Option<(Duration, String)> {
        loop {
            if let Some(end) = self.buffer.windows(2).position(|two| two == b"\n\n") {
                let event = self.buffer.split_to(end + 2);
                let text = String::from_utf8_lossy(&event).into_owned();
                let data: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("data: ")).collect();
                if !data.is_empty() {
                    return Some((self.opened.elapsed(), data.join("\n")));
                }
            } else {
                let chunk = tokio::time::timeout(REQUEST_TIMEOUT, self.body.next()).await.ok()??;
                self.buffer.extend_from_slice(&chunk);
            }
        }
    }
}

impl Answer {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON; null if it is not JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}
