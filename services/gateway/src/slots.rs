//! One stream for each page: a second one for the same session and view ends the first. It holds no patient
//! data, only a way to end each.

use std::{
    collections::HashMap,
    future::Future,
    sync::{Mutex, PoisonError},
};

use lcr_model::{SessionId, ViewId};
use tokio::sync::oneshot;

type Slot = (SessionId, ViewId);

#[derive(Default)]
pub(crate) struct Streams(Mutex<HashMap<Slot, oneshot::Sender<()>>>);

impl Streams {
    /// Takes the slot; what is returned ends when another takes it.
    pub fn take(&self, slot: Slot) -> impl Future<Output = ()> + Send + 'static {
        let (end, ended) = oneshot::channel();
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        open.retain(|_, end| !end.is_closed());
        // The one before ends when its sender is dropped.
        open.insert(slot, end);
        async move {
            drop(ended.await);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_second_stream_of_a_page_ends_the_first() {
        let (streams, slot) = (Streams::default(), (SessionId::new(), ViewId::new()));
        let first = streams.take(slot);
        let second = streams.take(slot);
        first.await;
        let waits = tokio::time::timeout(std::time::Duration::from_millis(20), second).await;
        assert!(waits.is_err());
    }
}
