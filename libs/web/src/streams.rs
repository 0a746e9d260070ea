//! Open event streams: each holds memory and a connection for minutes, so that a session has a few and one of what it
//! looks at fewer. It must never count anything else.

use futures::{Stream, StreamExt};
use lcr_contracts::{Failure, Kind};
use lcr_model::SessionId;

use crate::places::{Place, Places};

/// The most streams of one session, as many as a browser opens.
pub const OF_A_SESSION: usize = 6;
/// And of them about the same person or list.
pub const OF_ONE_THING: usize = 2;
/// The most of all sessions, at one replica.
const OF_ALL: usize = 4096;

/// What is said to who has too many.
pub fn too_many() -> Failure {
    Failure::new(Kind::TooManyRequests, "You have too many live pages open. Close one, then try again.")
}

/// Places for streams.
#[derive(Debug)]
pub struct Streams {
    sessions: Places<SessionId>,
    things: Places<(SessionId, String)>,
}

/// The places of one open stream.
#[derive(Debug)]
pub struct OpenStream {
    _session: Place,
    _thing: Place,
}

impl Default for Streams {
    fn default() -> Self {
        Self { sessions: Places::new(OF_ALL, OF_A_SESSION), things: Places::new(OF_ALL, OF_ONE_THING) }
    }
}

impl Streams {
    /// Places for one more stream of this session about this: a person's id, a list's name.
    ///
    /// # Errors
    /// `TooManyRequests`, where the session has its share.
    pub fn open(&self, session: SessionId, about: impl Into<String>) -> Result<OpenStream, Failure> {
        let thing = self.things.take((session, about.into())).map_err(|_| too_many())?;
        let session = self.sessions.take(session).map_err(|_| too_many())?;
        Ok(OpenStream { _session: session, _thing: thing })
    }
}

impl OpenStream {
    /// The stream, which gives its places back at its end.
    pub fn hold<T>(self, stream: impl Stream<Item = T>) -> impl Stream<Item = T> {
        stream.map(move |item| {
            let _held = &self;
            item
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_has_six_streams_and_two_of_one_thing() {
        let (streams, session) = (Streams::default(), SessionId::new());
        let same: Vec<_> = (0..9).filter_map(|_| streams.open(session, "one").ok()).collect();
        assert_eq!(same.len(), OF_ONE_THING);
        let others: Vec<_> = (0..9).filter_map(|at| streams.open(session, at.to_string()).ok()).collect();
        assert_eq!(others.len(), OF_A_SESSION - OF_ONE_THING);
        assert!(streams.open(SessionId::new(), "one").is_ok(), "another session has its own");
        drop((same, others));
        assert!(streams.open(session, "one").is_ok());
    }

    #[tokio::test]
    async fn a_place_comes_back_with_the_end_of_its_stream() {
        let (streams, session) = (Streams::default(), SessionId::new());
        let open = || streams.open(session, "one").map(|open| open.hold(futures::stream::iter([1, 2])));
        for _ in 0..5 {
            let both = [open().unwrap(), open().unwrap()];
            assert!(open().is_err());
            for one in both {
                assert_eq!(one.collect::<Vec<_>>().await, [1, 2]);
            }
        }
    }
}
