//! One stream for each page: a second one for the same session and view ends the first. A session has a few, and fewer
//! of one person or list. It holds no patient data, only a way to end each.

use std::{
    collections::HashMap,
    future::Future,
    sync::{Mutex, PoisonError},
};

use lcr_contracts::Failure;
use lcr_model::{SessionId, ViewId};
use lcr_web::streams::{OF_A_SESSION, OF_ONE_THING, too_many};
use tokio::sync::oneshot;

type Slot = (SessionId, ViewId);

/// An open stream: what it is about, and what ends it.
struct Open {
    about: String,
    end: oneshot::Sender<()>,
}

#[derive(Default)]
pub(crate) struct Streams(Mutex<HashMap<Slot, Open>>);

impl Streams {
    /// Takes the slot for a stream about this: a person's id, a list's name. What is returned ends when another takes it.
    ///
    /// # Errors
    /// `TooManyRequests`, where the session's other pages have their share.
    pub fn take(
        &self,
        slot: Slot,
        about: String,
    ) -> Result<impl Future<Output = ()> + Send + use<>, Failure> {
        let (end, ended) = oneshot::channel();
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        open.retain(|_, one| !one.end.is_closed());
        let others = || open.iter().filter(|(other, _)| other.0 == slot.0 && **other != slot);
        if others().count() >= OF_A_SESSION
            || others().filter(|(_, one)| one.about == about).count() >= OF_ONE_THING
        {
            return Err(too_many());
        }
        // The one before ends when its sender is dropped.
        open.insert(slot, Open { about, end });
        Ok(async move {
            drop(ended.await);
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_second_stream_of_a_page_ends_the_first() {
        let (streams, slot) = (Streams::default(), (SessionId::new(), ViewId::new()));
        let first = streams.take(slot, "her".into()).unwrap();
        let second = streams.take(slot, "her".into()).unwrap();
        first.await;
        let waits = tokio::time::timeout(std::time::Duration::from_millis(20), second).await;
        assert!(waits.is_err());
    }

    #[test]
    fn a_session_has_so_many_pages_that_live() {
        let (streams, session) = (Streams::default(), SessionId::new());
        let open = |about: &str| streams.take((session, ViewId::new()), about.into());
        let two = [open("her").unwrap(), open("her").unwrap()];
        assert!(open("her").is_err(), "two of one person");
        let others: Vec<_> = (0..9).filter_map(|at| open(&at.to_string()).ok()).collect();
        assert_eq!(others.len(), OF_A_SESSION - 2);
        drop(two);
        assert!(open("her").is_ok(), "a page that was closed gives its place back");
    }
}
