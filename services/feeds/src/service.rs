//! What feeds does with a message: judge it, keep it with its events in one transaction, and only then answer.

mod fhir;
mod filing;
mod in_clear;
mod known_stays;
mod look;
mod merged_numbers;
mod publish;
mod row;
mod take;
mod unknown;
mod waiting;
mod waiting_list;

pub use known_stays::waits as unresolved;
pub use look::{Looker, Message};
pub use merged_numbers::WORDS as MERGE_OF_TWO_NUMBERS;
pub use take::Transport;
pub use unknown::Unknown;

use std::sync::Arc;

use lcr_hl7::{Code, Condition, Fault};
use lcr_model::{Clock, LocalIdKey, seal::DataKeys};
use lcr_store::Store;

use crate::{
    Numbers,
    domain::{Mapped, Mentions, NotMapped},
    sources::Sources,
    store::message,
};

/// The most messages taken in one frame or body.
pub const MOST_IN_A_BATCH: usize = 1_000;

/// Cheap to clone.
#[derive(Clone)]
pub struct Service {
    pub store: Store,
    pub clock: Arc<dyn Clock>,
    pub keys: Arc<DataKeys>,
    /// What hashes NHS numbers that senders use as their own numbers.
    pub local_ids: Arc<LocalIdKey>,
    pub sources: Sources,
    pub numbers: Numbers,
    pub unknown: Unknown,
}

impl Service {
    /// How many messages wait to be read, looked at for ever.
    pub async fn look_at_what_waits(self) {
        let aside = tokio::sync::Mutex::new(lcr_observe::Level::in_sum(self.numbers.bus.dead_letters()));
        lcr_observe::sample(|| async {
            if let Ok(count) = message::waiting(self.store.read()).await {
                aside.lock().await.set(count);
            }
        })
        .await;
    }
}

/// What was decided of a message.
#[derive(Debug)]
pub enum Verdict {
    Mapped(Vec<Mapped>),
    Waits { words: String, place: Option<String> },
    Refused(Fault),
}

impl Verdict {
    /// Whom a message names that waits, or may have to.
    fn mentions(&self, find: impl FnOnce() -> Mentions) -> Mentions {
        match self {
            Self::Mapped(mapped) => Mentions::of_mapped(mapped),
            Self::Waits { .. } => mentioned(find),
            Self::Refused(_) => Mentions::default(),
        }
    }
}

impl From<Result<Vec<Mapped>, NotMapped>> for Verdict {
    fn from(mapping: Result<Vec<Mapped>, NotMapped>) -> Self {
        match mapping {
            Ok(mapped) => Self::Mapped(mapped),
            Err(NotMapped::Waits { words, place }) => Self::Waits { words, place },
            Err(NotMapped::Fault(fault)) => Self::Refused(fault),
        }
    }
}

/// Whether a fault is the sender's to correct (AE) or the message cannot be taken at all (AR).
pub fn code(fault: &Fault) -> Code {
    match fault.condition {
        Condition::SegmentSequence | Condition::RequiredField | Condition::DataType => Code::Ae,
        Condition::UnsupportedType
        | Condition::UnsupportedProcessing
        | Condition::UnsupportedVersion
        | Condition::UnknownKey
        | Condition::Internal => Code::Ar,
    }
}

/// Whom a message names, unless that stops on it.
fn mentioned(find: impl FnOnce() -> Mentions) -> Mentions {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(find)).unwrap_or_default()
}

/// Runs a mapping so that a message which would stop it costs nobody else anything: it waits, and is alarmed.
fn contained(map: impl FnOnce() -> Result<Vec<Mapped>, NotMapped>) -> Verdict {
    let run = std::panic::catch_unwind(std::panic::AssertUnwindSafe(map));
    run.map_or_else(
        |_| {
            tracing::error!(
                alarm = "mapping-stopped",
                "a message stopped its mapping; it waits in the dead letters"
            );
            Verdict::Waits { words: "the mapping stopped on this message".to_owned(), place: None }
        },
        Verdict::from,
    )
}
