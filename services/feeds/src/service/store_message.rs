//! Stores a message: finds duplicates, publishes the events and writes the row, all in one transaction. Nothing of a
//! message may be stored outside that transaction.

use super::{
    Service, Verdict,
    message_row::{self, associated_data, with_verdict},
    publish::{self, PublishOutcome},
    waiting_events,
};
use crate::{
    domain::{Mentions, Sender},
    store::message::{self, PriorMessage, Row},
};

/// What the store did with a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum StoreOutcome {
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
        let (keys, now) = (self.keys.clone(), self.clock.now());
        let stored = self.store.write(async move |tx| {
            match message::find_prior(&tx, &row).await? {
                PriorMessage::Same => {
                    message::insert(&tx, message_row::duplicate(row)).await?;
                    return Ok(StoreOutcome::Duplicate);
                }
                PriorMessage::ControlIdReused => {
                    tracing::warn!(alarm = "control-id-reused", message = %row.id, "a sender used a control id again for another message");
                }
                PriorMessage::Absent => {}
            }
            let mut stored = StoreOutcome::New;
            if let Verdict::Mapped(mapped) = verdict {
                match publish::publish(&tx, &keys, now, mapped).await? {
                    PublishOutcome::Events(events) => row.events = events,
                    PublishOutcome::Waits { reason, location } => {
                        row = with_verdict(row, Verdict::Waits { reason, location }).0;
                        stored = StoreOutcome::Waits(row.outcome.clone());
                    }
                }
            }
            if row.status == "dead-letter" {
                waiting_events::publish_waiting(&tx, &keys, now, &mut row, &mentions).await?;
            }
            message::insert(&tx, row).await?;
            Ok(stored)
        });
        stored.await.map_err(|error| {
            tracing::error!(
                cause = error.kind(),
                "a message could not be stored; its sender was told to send it again"
            );
        })
    }
}
