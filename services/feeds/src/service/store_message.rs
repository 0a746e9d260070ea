//! Hands a message over to be stored: it is sealed here, and written with its events in one transaction
//! (`message_set.rs`). No message may be answered before that transaction is committed.

use std::sync::Arc;

use tracing::Span;

use super::{
    Service, Verdict,
    message_row::associated_data,
    message_set::{IncomingMessage, store_alone},
};
use crate::{
    domain::{Mentions, Sender},
    store::message::Row,
};

/// The largest message of a set, in bytes. A larger one is written alone, because a whole set must fit in memory.
const MAX_SIZE_IN_SET: i64 = 64 * 1024;

/// What the store did with a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreOutcome {
    New,
    /// Not stored: unknown senders have used up their limit.
    Dropped,
    Duplicate,
    /// Stored as a dead letter, with the outcome text of its row.
    Waits(String),
}

impl Service {
    /// Stores a message with its events. No caller may acknowledge the message before this returns.
    pub(super) async fn store_message(
        &self,
        mut row: Row,
        verdict: Verdict,
        mentions: Mentions,
        (bytes, sender): (&[u8], &Sender),
    ) -> Result<StoreOutcome, ()> {
        let is_unknown = row.source.is_none() && matches!(sender, Sender::Listener);
        if is_unknown && !self.unknown_senders.can_store() {
            return Ok(StoreOutcome::Dropped);
        }
        let sealed = self.keys.seal(&associated_data(row.id), bytes);
        row.sealed = Some(sealed.map_err(|_| tracing::error!("a message could not be sealed"))?);
        let (is_large, now) = (row.size > MAX_SIZE_IN_SET, self.clock.now());
        let message = Arc::new(IncomingMessage { row, verdict, mentions, now, span: Span::current() });
        let stored = if is_large {
            store_alone(&self.store, &self.keys, message).await
        } else {
            self.message_sets.write(message).await
        };
        stored.map_err(|error| {
            tracing::error!(
                cause = error.kind(),
                "a message could not be stored; its sender was told to send it again"
            );
        })
    }
}
