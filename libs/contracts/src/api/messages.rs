//! Waiting messages of hospitals, for feeds administrators. A list names people and visits by id; a message's text shows
//! only what the reader's role allows: identities and times, never clinical content.

use async_trait::async_trait;
use jiff::Timestamp;
use lcr_model::{SourceId, SourceIdentity};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Caller, Failure};

/// Selects messages.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitingQuery {
    pub source: Option<SourceId>,
    /// The reason, as in `WaitingMessage::reason`.
    pub reason: Option<String>,
    /// The last message of the previous page.
    pub after: Option<Uuid>,
}

/// A waiting message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitingMessage {
    pub id: Uuid,
    pub received: Timestamp,
    pub source: Option<SourceId>,
    /// `ADT^A50`, `Bundle`.
    pub kind: String,
    pub control_id: String,
    /// Why it waits, in words.
    pub reason: String,
    /// Where the fault is, by segment and field.
    pub failed_at: Option<String>,
    /// The people it names.
    pub people: Vec<SourceIdentity>,
    /// The visit numbers it names.
    pub visits: Vec<String>,
    /// This reader may not see the people and visits: both lists are empty.
    #[serde(default)]
    pub withheld: bool,
}

/// The number of messages of one hospital that wait for one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitingCount {
    pub source: Option<SourceId>,
    pub reason: String,
    pub count: u64,
    pub oldest: Timestamp,
}

/// A page of waiting messages, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitingPage {
    pub counts: Vec<WaitingCount>,
    pub messages: Vec<WaitingMessage>,
    /// Where the next page starts.
    pub after: Option<Uuid>,
}

/// A message with its text.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageText {
    pub message: WaitingMessage,
    /// Whether it still waits.
    pub waits: bool,
    /// One segment or resource per line. Hidden parts are shown as their name and "not shown".
    pub lines: Vec<String>,
}

impl std::fmt::Debug for MessageText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "MessageText({})", self.message.id)
    }
}

/// The result of a replay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplayResult {
    pub waits: bool,
    /// In words.
    pub outcome: String,
}

#[async_trait]
pub trait Messages: Send + Sync {
    async fn waiting(&self, caller: &Caller, query: WaitingQuery) -> Result<WaitingPage, Failure>;
    async fn text(&self, caller: &Caller, id: Uuid) -> Result<MessageText, Failure>;
    /// Processes a waiting message again, with the current rules and registry.
    async fn replay(&self, caller: &Caller, id: Uuid) -> Result<ReplayResult, Failure>;
}
