//! Faults that a test injects. They change responses, and must never change data.

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

use super::{ServerState, outcome};

/// A kind of failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The connection is closed as soon as it is accepted.
    Refuse,
    /// The request is read but never answered.
    Hang,
    /// The response arrives one byte at a time, five per second.
    SlowDrip,
    /// The connection is reset after the request.
    Reset,
    /// The response has this status and an `OperationOutcome`.
    Status(u16),
    /// The response is valid but about another patient.
    OtherPatient,
    /// The connection ends after half of the response.
    Truncated,
    /// The response has fifty megabytes.
    Huge,
    /// The response is a redirect, which no client should follow.
    Redirect,
}

const CHUNK: usize = 64 * 1024;
const HUGE_CHUNKS: usize = 50 * 1024 * 1024 / CHUNK;

/// The current fault of a source.
#[derive(Debug, Default)]
pub(super) struct FaultSwitch {
    fault: RwLock<Option<Fault>>,
}

impl FaultSwitch {
    pub(super) fn set(&self, fault: Option<Fault>) {
        *self.fault.write().unwrap_or_else(PoisonError::into_inner) = fault;
    }

    pub(super) fn now(&self) -> Option<Fault> {
        *self.fault.read().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(super) async fn apply(State(state): State<ServerState>, request: Request, next: Next) -> Response {
    match state.fault_switch.now() {
        Some(Fault::Hang) => std::future::pending().await,
        Some(Fault::SlowDrip) => drip(next.run(request).await),
        Some(Fault::Truncated) => truncate(next.run(request).await).await,
        Some(Fault::Status(code)) => {
            let status = StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            outcome::outcome(status, "exception", "an injected fault")
        }
        Some(Fault::Huge) => huge(),
        // A client that follows the redirect gets a response, so that a test can detect it.
        Some(Fault::Redirect) if request.uri().query() == Some("redirected=1") => next.run(request).await,
        Some(Fault::Redirect) => {
            let location = format!("{}/metadata?redirected=1", state.base);
            (StatusCode::FOUND, [(header::LOCATION, location)]).into_response()
        }
        // `connection_faults.rs` does Refuse and Reset, `handlers.rs` does OtherPatient.
        Some(Fault::Refuse | Fault::Reset | Fault::OtherPatient) | None => next.run(request).await,
    }
}

fn drip(response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    parts.headers.remove(header::CONTENT_LENGTH);
    let single_bytes = body.into_data_stream().flat_map(|chunk| {
        let bytes = chunk.unwrap_or_default();
        stream::iter((0..bytes.len()).map(move |at| bytes.slice(at..=at)))
    });
    let slow_stream = single_bytes.then(|drop| async move {
        tokio::time::sleep(Duration::from_millis(200)).await;
        Ok::<Bytes, Infallible>(drop)
    });
    Response::from_parts(parts, Body::from_stream(slow_stream))
}

async fn truncate(response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap_or_default();
    let half = bytes.slice(..bytes.len() / 2);
    // The length announces the full body. The stream then breaks, which ends the connection.
    parts.headers.insert(header::CONTENT_LENGTH, bytes.len().into());
    let broken = io::Error::new(io::ErrorKind::UnexpectedEof, "an injected fault");
    // The pause lets the first half leave before the error.
    let end = stream::once(async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        Err(broken)
    });
    let half_body = stream::once(async { Ok(half) }).chain(end);
    Response::from_parts(parts, Body::from_stream(half_body))
}

/// Fifty megabytes of valid JSON, so that only the size can be refused.
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
