//! Limits open event streams: each holds memory and a connection for minutes, so a session has few, and fewer about one
//! person or list. It must never count anything else.

use futures::{Stream, StreamExt};
use lcr_contracts::{Failure, FailureKind};
use lcr_model::SessionId;

use crate::slots::{Slot, Slots};

/// The most streams of one session, as many as a browser opens.
pub const MAX_PER_SESSION: usize = 6;
/// The most streams of a session about the same person or list.
pub const MAX_PER_SUBJECT: usize = 2;
/// The most streams of all sessions at one replica.
const MAX_STREAMS: usize = 4096;

/// The failure for a session with too many streams.
pub fn too_many() -> Failure {
    Failure::new(FailureKind::TooManyRequests, "You have too many live pages open. Close one, then try again.")
}

/// Slots for streams.
#[derive(Debug)]
pub struct Streams {
    sessions: Slots<SessionId>,
    things: Slots<(SessionId, String)>,
}

/// The slots of one open stream.
#[derive(Debug)]
pub struct OpenStream {
    _session: Slot,
    _thing: Slot,
}

impl Default for Streams {
    fn default() -> Self {
        Self { sessions: Slots::new(MAX_STREAMS, MAX_PER_SESSION), things: Slots::new(MAX_STREAMS, MAX_PER_SUBJECT) }
    }
}

impl Streams {
    /// Takes a slot for a stream of this session about `about`: a person's id or a list's name. Fails with
    /// `TooManyRequests` if the session has its share.
    pub fn open(&self, session: SessionId, about: impl Into<String>) -> Result<OpenStream, Failure> {
        let thing = self.things.take((session, about.into())).map_err(|_| too_many())?;
        let session = self.sessions.take(session).map_err(|_| too_many())?;
        Ok(OpenStream { _session: session, _thing: thing })
    }
}

impl OpenStream {
    /// Releases the slots at the stream's end.
    pub fn hold<T>(self, stream: impl Stream<Item = T>) -> impl Stream<Item = T> {
        stream.map(move |item| {
            let _held = &self;
            item
        })
    }
}

#[cfg(test)]
#[path = "streams_tests.rs"]
mod tests;
