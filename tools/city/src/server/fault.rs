//! Faults that a test injects: the ways in which another system can fail us. They change answers, never data.

use std::convert::Infallible;
use std::io;
use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures::{StreamExt, stream};

use super::{Site, outcome};

/// A way to fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The connection is closed as soon as it is accepted.
    Refuse,
    /// The request is read and never answered.
    Hang,
    /// The answer comes a byte at a time, five a second.
    SlowDrip,
    /// The connection is reset once something was asked.
    Reset,
    /// This status, with an `OperationOutcome`.
    Status(u16),
    /// A valid answer about somebody else.
    OtherPatient,
    /// Half of the answer, then the connection ends.
    Truncated,
    /// Fifty megabytes.
    Huge,
    /// A redirect, which no client should follow.
    Redirect,
}

const CHUNK: usize = 64 * 1024;
const HUGE_CHUNKS: usize = 50 * 1024 * 1024 / CHUNK;

/// The fault a source has now.
#[derive(Debug, Default)]
pub(super) struct Switch {
    fault: RwLock<Option<Fault>>,
}

impl Switch {
    pub(super) fn set(&self, fault: Option<Fault>) {
        *self.fault.write().unwrap_or_else(PoisonError::into_inner) = fault;
    }

    pub(super) fn now(&self) -> Option<Fault> {
        *self.fault.read().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(super) async fn apply(State(site): State<Site>, request: Request, next: Next) -> Response {
    match site.switch.now() {
        Some(Fault::Hang) => std::future::pending().await,
        Some(Fault::SlowDrip) => drip(next.run(request).await),
        Some(Fault::Truncated) => truncate(next.run(request).await).await,
        Some(Fault::Status(code)) => {
            let status = StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            outcome::outcome(status, "exception", "an injected fault")
        }
        Some(Fault::Huge) => huge(),
        // Whoever follows it all the same gets an answer, so that a test can tell.
        Some(Fault::Redirect) if request.uri().query() == Some("redirected=1") => next.run(request).await,
        Some(Fault::Redirect) => {
            let there = format!("{}/metadata?redirected=1", site.base);
            (StatusCode::FOUND, [(header::LOCATION, there)]).into_response()
        }
        // Refuse and Reset are done to the connection; the wrong patient is chosen where the search is.
        Some(Fault::Refuse | Fault::Reset | Fault::OtherPatient) | None => next.run(request).await,
    }
}

fn drip(answer: Response) -> Response {
    let (mut head, body) = answer.into_parts();
    head.headers.remove(header::CONTENT_LENGTH);
    let drops = body.into_data_stream().flat_map(|chunk| {
        let bytes = chunk.unwrap_or_default();
        stream::iter((0..bytes.len()).map(move |at| bytes.slice(at..=at)))
    });
    let slowly = drops.then(|drop| async move {
        tokio::time::sleep(Duration::from_millis(200)).await;
        Ok::<Bytes, Infallible>(drop)
    });
    Response::from_parts(head, Body::from_stream(slowly))
}

async fn truncate(answer: Response) -> Response {
    let (mut head, body) = answer.into_parts();
    let whole = axum::body::to_bytes(body, usize::MAX).await.unwrap_or_default();
    let half = whole.slice(..whole.len() / 2);
    // The length promises the whole; the stream then breaks, which ends the connection.
    head.headers.insert(header::CONTENT_LENGTH, whole.len().into());
    let broken = io::Error::new(io::ErrorKind::UnexpectedEof, "an injected fault");
    // The pause lets the half leave first; an error at once would leave nothing to see.
    let end = stream::once(async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        Err(broken)
    });
    let parts = stream::once(async { Ok(half) }).chain(end);
    Response::from_parts(head, Body::from_stream(parts))
}

/// Valid JSON, so that only its size can be what is refused.
fn huge() -> Response {
    let opening = Bytes::from_static(br#"{"resourceType":"Bundle","type":"searchset","id":""#);
    let filler = Bytes::from(vec![b'a'; CHUNK]);
    let chunks = std::iter::once(opening)
        .chain(std::iter::repeat_n(filler, HUGE_CHUNKS))
        .chain([Bytes::from_static(br#""}"#)])
        .map(Ok::<Bytes, Infallible>);
    let kind = [(header::CONTENT_TYPE, "application/fhir+json")];
    (kind, Body::from_stream(stream::iter(chunks))).into_response()
}
