//! The work of feeds: check a message, store it with its events in one transaction, then acknowledge it. A message must
//! never be acknowledged before that transaction commits.

mod care_links;
mod ingest;
mod ingest_bundle;
mod item_index;
mod legacy_ids;
mod link_limit;
mod merged_numbers;
mod message_events;
mod message_reader;
mod message_row;
mod message_set;
mod publish;
mod publish_checks;
mod replay;
mod stay_store;
mod store_message;
mod unknown_senders;
mod waiting_events;
mod waiting_messages;

pub use ingest::Transport;
pub use merged_numbers::TWO_NHS_NUMBERS_REASON;
pub use message_reader::{Message, MessageReader};
pub use message_set::{MessageSets, start_message_sets};
pub use stay_store::stay_not_found;
pub use unknown_senders::UnknownSenders;

use std::sync::Arc;

use lcr_hl7::{AckCode, Condition, Fault};
use lcr_model::{Clock, LocalIdKey, seal::DataKeys};
use lcr_store::Store;

use crate::{
    Metrics,
    domain::{MappedEvent, MappingError, Mentions},
    sources::Sources,
    store::message,
};

/// The most messages accepted in one frame or body.
pub const MAX_BATCH_MESSAGES: usize = 1_000;

/// The service with all it works on. Cheap to clone.
#[derive(Clone)]
pub struct Service {
    pub store: Store,
    /// Writes the messages of all senders together.
    pub message_sets: MessageSets,
    pub clock: Arc<dyn Clock>,
    pub keys: Arc<DataKeys>,
    /// Hashes NHS numbers that senders use as local ids.
    pub local_id_key: Arc<LocalIdKey>,
    pub sources: Sources,
    pub metrics: Metrics,
    pub unknown_senders: UnknownSenders,
}

impl Service {
    /// Reports the number of dead letters as a metric at intervals, until the process ends.
    pub async fn run_dead_letter_gauge(self) {
        let dead_letters = tokio::sync::Mutex::new(lcr_observe::Level::in_sum(self.metrics.bus.dead_letters()));
        lcr_observe::sample(|| async {
            if let Ok(count) = message::count_waiting(self.store.read()).await {
                dead_letters.lock().await.set(count);
            }
        })
        .await;
    }
}

/// The result of checking and mapping a message.
#[derive(Debug)]
pub enum Verdict {
    Mapped(Vec<MappedEvent>),
    Waits { reason: String, location: Option<String> },
    Refused(Fault),
}

impl Verdict {
    /// The people and stays named by a message that waits or may have to.
    fn mentions(&self, find: impl FnOnce() -> Mentions) -> Mentions {
        match self {
            Self::Mapped(mapped) => Mentions::of_mapped(mapped),
            Self::Waits { .. } => find_mentions(find),
            Self::Refused(_) => Mentions::default(),
        }
    }
}

impl From<Result<Vec<MappedEvent>, MappingError>> for Verdict {
    fn from(mapping: Result<Vec<MappedEvent>, MappingError>) -> Self {
        match mapping {
            Ok(mapped) => Self::Mapped(mapped),
            Err(MappingError::Waiting { reason: words, location: place }) => {
                Self::Waits { reason: words, location: place }
            }
            Err(MappingError::Fault(fault)) => Self::Refused(fault),
        }
    }
}

/// AE if the sender can correct the fault, AR if the message cannot be accepted at all.
pub fn ack_code(fault: &Fault) -> AckCode {
    match fault.condition {
        Condition::SegmentSequence | Condition::RequiredField | Condition::DataType => AckCode::Ae,
        Condition::UnsupportedType
        | Condition::UnsupportedProcessing
        | Condition::UnsupportedVersion
        | Condition::UnknownKey
        | Condition::Internal => AckCode::Ar,
    }
}

/// Finds the people and stays a message names. Returns none if that panics.
fn find_mentions(find: impl FnOnce() -> Mentions) -> Mentions {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(find)).unwrap_or_default()
}

/// Runs a mapping and catches panics, so that one message cannot stop the others. The message then waits, with an alarm.
fn map_catching_panics(map: impl FnOnce() -> Result<Vec<MappedEvent>, MappingError>) -> Verdict {
    let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(map));
    result.map_or_else(
        |_| {
            tracing::error!(
                alarm = "mapping-stopped",
                "the mapping of a message panicked; the message waits in the dead letters"
            );
            Verdict::Waits { reason: "the mapping stopped on this message".to_owned(), location: None }
        },
        Verdict::from,
    )
}
