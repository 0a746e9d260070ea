//! Replays a dead letter: maps a stored message again with the current rules and registry, and publishes its events. A
//! message must never be published twice by two replays at once.

use jiff::Timestamp;
use lcr_contracts::{Failure, FailureKind};
use lcr_hl7::Header;
use lcr_store::{Store, StoreError};
use sea_orm::DbErr;
use serde_json::Value;
use uuid::Uuid;

use super::{
    Message, MessageReader, Service, Verdict, find_mentions, ingest_bundle, map_catching_panics, message_events,
    message_row,
    publish::{self, PublishOutcome},
    waiting_events,
};
use crate::{
    domain::{self, Arrival, Mentions, bundle},
    store::{
        last_known::LastKnown,
        message::{self, DEAD_LETTER, Row},
    },
};

impl Service {
    /// Replays a dead letter and returns the message as it is afterwards.
    pub async fn replay(&self, reader: &MessageReader, id: Uuid) -> Result<Message, Failure> {
        let before = self.find(reader, id).await?;
        if before.status != "dead-letter" {
            return Err(Failure::new(FailureKind::Conflict, "This message does not wait in the dead letters."));
        }
        let sealed = before.sealed.as_deref().unwrap_or_default();
        let bytes = self.keys.open(&message_row::associated_data(id), sealed).map_err(Failure::internal)?;
        let (verdict, mentions) = self.map_again(&before, &bytes);
        let (after, verdict) = replayed_row(&before, verdict, &bytes);
        match self.store_replay(before, after, verdict, mentions).await {
            Err(StoreError::Database(DbErr::RecordNotUpdated)) => {
                Err(Failure::new(FailureKind::Conflict, "This message was replayed just now."))
            }
            stored => {
                stored?;
                self.message(reader, id).await
            }
        }
    }

    /// Publishes the events and updates the row in one transaction. Fails with `RecordNotUpdated` if another replay was
    /// faster, which also rolls back the events.
    async fn store_replay(
        &self,
        before: Row,
        mut after: Row,
        verdict: Verdict,
        mentions: Mentions,
    ) -> Result<(), StoreError> {
        let (keys, now) = (self.keys.clone(), self.clock.now());
        let stored = self.store.write(async move |tx| {
            let last_known = LastKnown::new(&tx);
            let mut events = vec![];
            if let Verdict::Mapped(mapped) = verdict {
                match publish::publish(&last_known, &keys, now, mapped).await? {
                    PublishOutcome::Events(published) => {
                        after.events = message_events::count(&published);
                        events = published;
                    }
                    PublishOutcome::Waits { reason, location } => {
                        after = message_row::with_verdict(after, Verdict::Waits { reason, location }).0;
                    }
                }
            }
            events.extend(if after.status == DEAD_LETTER {
                waiting_events::waiting_event(&last_known, &keys, now, &mut after, &mentions).await?
            } else {
                waiting_events::settled_event(&keys, now, &after)?
            });
            last_known.flush().await?;
            Store::publish_all(&tx, events).await?;
            if message::update_after_replay(&tx, &before, &after).await? {
                return Ok(());
            }
            Err(DbErr::RecordNotUpdated)
        });
        stored.await
    }

    /// Maps a stored message again, and finds whom it names. Its source stays the one it arrived from.
    fn map_again(&self, row: &Row, bytes: &[u8]) -> (Verdict, Mentions) {
        let waits = |reason: &str| (Verdict::Waits { reason: reason.to_owned(), location: None }, Mentions::default());
        let registry = self.sources.current();
        let source = registry.systems.iter().find(|system| Some(&system.id.0) == row.source.as_ref());
        let Some(system) = source.filter(|system| domain::is_open(&registry, system)) else {
            return waits("its source is not registered or not live, or its organisation does not take part");
        };
        let received = Timestamp::from_microsecond(row.received).unwrap_or(Timestamp::UNIX_EPOCH);
        let content = &row.content;
        if row.transport == "fhir" {
            let value: Value = serde_json::from_slice(bytes).unwrap_or_default();
            let arrival = bundle::BundleArrival {
                system,
                received,
                content,
                control_id: &row.control_id,
                local_id_key: &self.local_id_key,
            };
            let mentions = find_mentions(|| bundle::mentions(&arrival, &value));
            return (map_catching_panics(|| bundle::map(&arrival, &value)), mentions);
        }
        let Ok(message) = lcr_hl7::Message::read(bytes) else {
            return waits("the stored message cannot be read");
        };
        let header = Header::of(&message);
        let arrival =
            Arrival { message: &message, header: &header, system, received, content, local_id_key: &self.local_id_key };
        (map_catching_panics(|| domain::map(&arrival)), find_mentions(|| Mentions::of_message(&arrival)))
    }
}

/// The row as a replay with this verdict leaves it. A refused message keeps waiting, because it was acknowledged with AA.
fn replayed_row(before: &Row, verdict: Verdict, bytes: &[u8]) -> (Row, Verdict) {
    let (mut row, verdict) = message_row::with_verdict(before.clone(), verdict);
    match &verdict {
        Verdict::Mapped(_) => {
            "accepted, and read after a replay".clone_into(&mut row.outcome);
            if before.transport == "fhir" {
                let bundle = serde_json::from_slice(bytes).unwrap_or_default();
                row.outcome += &ingest_bundle::unread_types_suffix(&bundle);
            }
        }
        Verdict::Waits { .. } => {}
        Verdict::Refused(fault) => {
            "dead-letter".clone_into(&mut row.status);
            row.outcome = format!("{}{}", message_row::WAITS_PREFIX, fault.text);
        }
    }
    (row, verdict)
}
