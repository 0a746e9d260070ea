//! Stores the messages of many senders as one set, in one transaction: what the set needs is read at once, each message
//! sees what the ones before it changed, and everything is written at the end with a few statements. A message of a set
//! must end as if it had been stored alone.

use std::sync::Arc;

use jiff::Timestamp;
use lcr_model::seal::DataKeys;
use lcr_store::{NewEvent, SetWriter, Store, StoreError, Transaction};
use sea_orm::{DatabaseTransaction, DbErr};
use tracing::{Instrument, Span};

use super::{
    Verdict, care_links, item_index, legacy_ids, link_limit, message_events,
    message_row::{self, with_verdict},
    publish::{self, PublishOutcome},
    stay_store,
    store_message::StoreOutcome,
    waiting_events,
};
use crate::{
    domain::{MappedEvent, Mentions},
    store::{
        last_known::LastKnown,
        message::{self, DEAD_LETTER, Row},
        prior_messages::{PriorMessage, PriorMessages},
    },
};

/// A message that is checked, mapped and sealed.
pub struct IncomingMessage {
    pub row: Row,
    pub verdict: Verdict,
    pub mentions: Mentions,
    /// When it was handed over.
    pub now: Timestamp,
    /// The span of the message. Its events carry this trace.
    pub span: Span,
}

/// The handle to the sets.
pub type MessageSets = SetWriter<Arc<IncomingMessage>, StoreOutcome>;

/// Starts the task that writes the sets.
pub fn start_message_sets(store: &Store, keys: &Arc<DataKeys>) -> MessageSets {
    let keys = keys.clone();
    SetWriter::start(store.clone(), move |tx, messages| store_owned_set(tx, keys.clone(), messages))
}

/// Stores one message in a transaction without others.
pub async fn store_alone(
    store: &Store,
    keys: &Arc<DataKeys>,
    message: Arc<IncomingMessage>,
) -> Result<StoreOutcome, StoreError> {
    let keys = keys.clone();
    let outcomes = store.write(async move |tx| store_set(&tx, &keys, &[message]).await).await?;
    outcomes.into_iter().next().ok_or(StoreError::NotCommitted)
}

async fn store_owned_set(
    tx: Transaction,
    keys: Arc<DataKeys>,
    messages: Vec<Arc<IncomingMessage>>,
) -> Result<Vec<StoreOutcome>, DbErr> {
    store_set(&tx, &keys, &messages).await
}

/// Stores the messages in this order and returns one outcome for each.
async fn store_set(
    tx: &DatabaseTransaction,
    keys: &DataKeys,
    messages: &[Arc<IncomingMessage>],
) -> Result<Vec<StoreOutcome>, DbErr> {
    let incoming: Vec<&Row> = messages.iter().map(|message| &message.row).collect();
    let mut prior = PriorMessages::of(tx, &incoming).await?;
    let last_known = LastKnown::new(tx);
    last_known.preload(&needed_row_ids(messages, &prior)).await?;
    let (mut outcomes, mut rows, mut events) = (vec![], vec![], vec![]);
    for message in messages {
        let found = prior.find(&message.row);
        let stored = process(&last_known, keys, message, found).instrument(message.span.clone()).await?;
        prior.add(&stored.row);
        outcomes.push(stored.outcome);
        rows.push(stored.row);
        events.extend(stored.events);
    }
    last_known.flush().await?;
    Store::publish_all(tx, events).await?;
    message::insert_all(tx, rows).await?;
    Ok(outcomes)
}

/// What a message adds to its set.
struct ProcessedMessage {
    row: Row,
    events: Vec<NewEvent>,
    outcome: StoreOutcome,
}

async fn process(
    last_known: &LastKnown<'_>,
    keys: &DataKeys,
    message: &IncomingMessage,
    prior: PriorMessage,
) -> Result<ProcessedMessage, DbErr> {
    let mut row = message.row.clone();
    match prior {
        PriorMessage::Same => {
            let row = message_row::duplicate(row);
            return Ok(ProcessedMessage { row, events: vec![], outcome: StoreOutcome::Duplicate });
        }
        PriorMessage::ControlIdReused => {
            tracing::warn!(alarm = "control-id-reused", message = %row.id, "a sender used a control id again for another message");
        }
        PriorMessage::Absent => {}
    }
    let (mut outcome, mut events) = (StoreOutcome::New, vec![]);
    if let Verdict::Mapped(mapped) = &message.verdict {
        match publish::publish(last_known, keys, message.now, mapped.clone()).await? {
            PublishOutcome::Events(published) => {
                row.events = message_events::count(&published);
                events = published;
            }
            PublishOutcome::Waits { reason, location } => {
                row = with_verdict(row, Verdict::Waits { reason, location }).0;
                outcome = StoreOutcome::Waits(row.outcome.clone());
            }
        }
    }
    if row.status == DEAD_LETTER {
        let waits = waiting_events::waiting_event(last_known, keys, message.now, &mut row, &message.mentions).await?;
        events.extend(waits);
    }
    Ok(ProcessedMessage { row, events, outcome })
}

/// The rows that the messages read in any case. What else they read depends on what these rows say.
fn needed_row_ids(messages: &[Arc<IncomingMessage>], prior: &PriorMessages) -> Vec<String> {
    let mut ids = vec![];
    for message in messages.iter().filter(|message| prior.find(&message.row) != PriorMessage::Same) {
        match &message.verdict {
            Verdict::Mapped(mapped) => {
                ids.extend(stay_store::needed_row_ids(mapped));
                for event in mapped {
                    ids.extend(row_ids_of_event(event, message.now));
                }
            }
            Verdict::Waits { .. } => ids.extend(waiting_events::needed_row_ids(&message.mentions)),
            Verdict::Refused(_) => {}
        }
    }
    ids
}

fn row_ids_of_event(event: &MappedEvent, now: Timestamp) -> Vec<String> {
    let mut ids = item_index::needed_row_ids(event);
    ids.extend(care_links::event_row_id(event));
    match event {
        MappedEvent::Demographics(patient) => ids.extend(legacy_ids::needed_row_ids(patient)),
        MappedEvent::CareLink(update) => ids.push(link_limit::row_id(&update.identity, now)),
        _ => {}
    }
    ids
}

#[cfg(test)]
#[path = "message_set_tests.rs"]
mod tests;
