//! Limits open event streams: one per page, a few per session, and fewer about one person or list. A second stream for
//! the same page ends the first. This must hold no patient data.

use std::{
    collections::HashMap,
    future::Future,
    sync::{Mutex, PoisonError},
};

use lcr_contracts::Failure;
use lcr_model::{SessionId, ViewId};
use lcr_web::streams::{MAX_PER_SESSION, MAX_PER_SUBJECT, too_many};
use tokio::sync::oneshot;

type PageKey = (SessionId, ViewId);

/// An open stream. Dropping `end` ends it.
struct OpenStream {
    /// A person's id or a list's name.
    subject: String,
    end: oneshot::Sender<()>,
}

#[derive(Default)]
pub(crate) struct StreamLimits(Mutex<HashMap<PageKey, OpenStream>>);

impl StreamLimits {
    /// Opens a page's stream. The returned future completes when another stream of the same page replaces it.
    ///
    /// # Errors
    /// `TooManyRequests` if the session's other pages have used up its streams.
    pub fn open(&self, page: PageKey, subject: String) -> Result<impl Future<Output = ()> + Send + use<>, Failure> {
        let (end, ended) = oneshot::channel();
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        open.retain(|_, stream| !stream.end.is_closed());
        let others = || open.iter().filter(|(other, _)| other.0 == page.0 && **other != page);
        if others().count() >= MAX_PER_SESSION
            || others().filter(|(_, stream)| stream.subject == subject).count() >= MAX_PER_SUBJECT
        {
            return Err(too_many());
        }
        // This drops the sender of the page's earlier stream, which ends it.
        open.insert(page, OpenStream { subject, end });
        Ok(async move {
            drop(ended.await);
        })
    }
}

#[cfg(test)]
#[path = "stream_limits_tests.rs"]
mod tests;
